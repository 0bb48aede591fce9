import Architectures
import Graphs
import Testing

@Suite("Graphs of networks")
struct GraphNetworkTests {
    private let map = "8x8x4"

    @Test("hold GELU in the pieces that exporters make of it", arguments: 0..<3)
    func gelu(form: Int) {
        var sketch = GraphSketch()
        let root = sketch.constant([], 2.0.squareRoot()), one = sketch.constant([], 1), half = sketch.constant([], 0.5)
        let scaled = sketch.node(.binary(.divide), [sketch.image, root])
        let sum = sketch.node(.binary(.add), [sketch.node(.function(.erf), [scaled]), one])
        let last: Int
        switch form {
        case 0: last = sketch.node(.binary(.multiply), [sketch.node(.binary(.multiply), [sketch.image, sum]), half])
        case 1: last = sketch.node(.binary(.multiply), [sketch.image, sketch.node(.binary(.multiply), [sum, half])])
        default:
            let halved = sketch.node(.binary(.multiply), [sketch.image, half])
            last = sketch.node(.binary(.multiply), [halved, sum])
        }
        #expect(sketch.keys(last) == ["function k1 s1 \(map)->\(map)"])
    }

    @Test("hold layer normalisation in pieces, with its factors and offsets")
    func layerNormalization() {
        var sketch = GraphSketch([1, 16, 32])
        let two = sketch.constant([], 2), epsilon = sketch.constant([], 1e-5)
        let mean = sketch.node(.reduction(.meanOfRows), [sketch.image], shape: [1, 16, 1])
        let centred = sketch.node(.binary(.subtract), [sketch.image, mean])
        let square = sketch.node(.binary(.power), [centred, two])
        let variance = sketch.node(.reduction(.meanOfRows), [square], shape: [1, 16, 1])
        let root = sketch.node(.function(.squareRoot), [sketch.node(.binary(.add), [variance, epsilon])])
        let quotient = sketch.node(.binary(.divide), [centred, root])
        let factors = sketch.constant([32]), offsets = sketch.constant([32])
        let scaled = sketch.node(.binary(.multiply), [quotient, factors])
        let last = sketch.node(.binary(.add), [scaled, offsets])
        sketch.graph.outputs = [last]
        let operators = GraphNetwork(sketch.graph).operators
        #expect(operators.map(\.step.key) == ["layer_normalization k1 s1 16x1x32->16x1x32"])
        #expect(operators.first?.step.parameters == 64)
    }

    @Test("hold the normalisation by a root of mean squares in pieces, with its factors", arguments: 0..<3)
    func rootMeanSquare(form: Int) {
        var sketch = GraphSketch([1, 16, 32])
        let two = sketch.constant([], 2), one = sketch.constant([], 1), epsilon = sketch.constant([], 1e-5)
        let square = sketch.node(.binary(.power), [sketch.image, two])
        let mean = sketch.node(.reduction(.meanOfRows), [square], shape: [1, 16, 1])
        let sum = sketch.node(.binary(.add), [mean, epsilon], shape: [1, 16, 1])
        let root = sketch.node(.function(.squareRoot), [sum], shape: [1, 16, 1])
        let quotient: Int
        switch form {
        case 0: quotient = sketch.node(.binary(.divide), [sketch.image, root])
        case 1:
            let inverse = sketch.node(.function(.reciprocal), [root], shape: [1, 16, 1])
            quotient = sketch.node(.binary(.multiply), [sketch.image, inverse])
        default:
            let inverse = sketch.node(.binary(.divide), [one, root], shape: [1, 16, 1])
            quotient = sketch.node(.binary(.multiply), [sketch.image, inverse])
        }
        let factors = sketch.constant([32])
        sketch.graph.outputs = [sketch.node(.binary(.multiply), [factors, quotient], shape: [1, 16, 32])]
        let operators = GraphNetwork(sketch.graph).operators
        #expect(operators.map(\.step.key) == ["layer_normalization k1 s1 16x1x32->16x1x32"])
        #expect(operators.first?.step.parameters == 32)
    }

    @Test("tell weights that an operator before has too from those that follow from the image; only its own count")
    func weightSources() {
        var sketch = GraphSketch()
        let convolution = GraphOperation.convolution(Window(side: 1), groups: 1), weights = sketch.constant([4, 4, 1, 1])
        let first = sketch.node(convolution, [sketch.image, weights])
        let second = sketch.node(convolution, [first, weights])
        let computed = sketch.node(.function(.other), [second], shape: [4, 4, 1, 1])
        sketch.graph.outputs = [sketch.node(convolution, [second, computed])]
        let steps = GraphNetwork(sketch.graph).operators.map(\.step).filter { $0.kind == .convolution }
        #expect(steps.map(\.weightSource) == [.own, .shared, .computed])
        #expect(steps.map(\.parameters) == [16, 0, 0])
    }

    @Test("store the whole of a table and move the rows that are chosen", arguments: [(ElementType.float32, 12_800), (.float16, 6400)])
    func lookups(type: ElementType, bytes: Int) {
        var sketch = GraphSketch([1, 16], type: .int64)
        let table = sketch.constant([100, 32], type: type)
        let first = sketch.node(.lookup, [sketch.image, table], shape: [1, 16, 32], type: type)
        let second = sketch.node(.lookup, [sketch.image, table], shape: [1, 16, 32], type: type)
        sketch.graph.outputs = [first, second]
        let steps = GraphNetwork(sketch.graph).operators.map(\.step)
        #expect(steps.map(\.kind) == [.memoryMove, .memoryMove] && steps.map(\.parameters) == [3200, 0])
        #expect(steps[0].weightBytes(of: steps[0].valueType ?? .float32) == bytes && steps[0].input.count == 16 * 32)
        let halves: ValueType? = type == .float16 ? .float16 : nil
        #expect(steps.map(\.valueType) == [halves, halves])
    }

    @Test("distinguish ReLU6 from ReLU, and price both alike")
    func clamps() {
        var sketch = GraphSketch()
        let six = sketch.constant([], 6)
        let weights = sketch.constant([4, 4, 1, 1])
        let window = Window(side: 1)
        let product = sketch.node(.convolution(window, groups: 1), [sketch.image, weights])
        let least = sketch.node(.binary(.minimum), [sketch.node(.activation(.relu), [product]), six])
        sketch.graph.outputs = [least]
        let operators = GraphNetwork(sketch.graph).operators
        #expect(operators.map(\.step.activation) == [.relu6])
        #expect(operators.map(\.step.key) == ["convolution k1 s1 \(map)->\(map) relu"])
    }

    @Test("leave out what nothing reads")
    func unread() {
        var sketch = GraphSketch()
        _ = sketch.node(.function(.other), [sketch.image])
        let last = sketch.node(.activation(.relu), [sketch.image])
        #expect(sketch.keys(last) == ["activate k1 s1 \(map)->\(map) relu"])
    }

    @Test("count products of two maps, of a map and weights, and of weights and a map")
    func products() {
        var sketch = GraphSketch([1, 49, 8])
        let other = sketch.node(.move, [sketch.image], shape: [1, 8, 49])
        let product = GraphProduct(batches: 1, rows: 49, depth: 8, columns: 49)
        let scores = sketch.node(.product(product), [sketch.image, other], shape: [1, 49, 49])
        #expect(sketch.keys(scores).last == "batched_product k1 s1 49x1x8->49x1x49 with392")
        let right = sketch.node(
            .product(GraphProduct(batches: 1, rows: 49, depth: 8, columns: 3)), [sketch.image, sketch.constant([8, 3])],
            shape: [1, 49, 3])
        #expect(sketch.keys(right) == ["convolution k1 s1 49x1x8->49x1x3"])
        let left = sketch.node(
            .product(GraphProduct(batches: 1, rows: 5, depth: 49, columns: 8)), [sketch.constant([5, 49]), sketch.image],
            shape: [1, 5, 8])
        #expect(sketch.keys(left) == ["convolution k1 s1 8x1x49->8x1x5"])
    }

    @Test("run a convolution between a dequantisation and a quantisation on integers, with its activation")
    func quantized() {
        var sketch = GraphSketch()
        let window = Window(side: 1)
        let scale = sketch.constant([], 0.1), weights = sketch.constant([4, 4, 1, 1], type: .int8)
        let integers = sketch.node(.quantization(isDynamic: false), [sketch.image, scale], type: .int8)
        let widened = sketch.node(.dequantization, [integers], type: .float32)
        let product = sketch.node(.convolution(window, groups: 1), [widened, weights])
        let clamped = sketch.node(.activation(.relu), [product])
        let narrowed = sketch.node(.quantization(isDynamic: false), [clamped, scale], type: .int8)
        let last = sketch.node(.dequantization, [narrowed], type: .float32)
        #expect(
            sketch.keys(last) == [
                "convert k1 s1 \(map)->\(map)", "convolution k1 s1 \(map)->\(map) relu int8",
                "convert k1 s1 \(map)->\(map)",
            ])
    }

    @Test("turn integers of sixteen bits before an operator and after it, whose weights have two bytes")
    func wideIntegers() {
        var sketch = GraphSketch()
        let scale = sketch.constant([], 0.1), weights = sketch.constant([4, 4, 1, 1], type: .int16)
        let integers = sketch.node(.quantization(isDynamic: false), [sketch.image, scale], type: .int16)
        let widened = sketch.node(.dequantization, [integers], type: .float32)
        let product = sketch.node(.convolution(Window(side: 1), groups: 1), [widened, weights])
        let narrowed = sketch.node(.quantization(isDynamic: false), [product, scale], type: .int16)
        let last = sketch.node(.dequantization, [narrowed], type: .float32)
        let turned = "convert k1 s1 \(map)->\(map)"
        #expect(sketch.keys(last) == [turned, turned, "convolution k1 s1 \(map)->\(map)", turned, turned])
        sketch.graph.outputs = [last]
        #expect(GraphNetwork(sketch.graph).operators[2].step.weightBytes == 2 * 16)
    }

    @Test("scale the sums of integers of a dynamic quantisation where they are written")
    func dynamic() {
        var sketch = GraphSketch()
        let weights = sketch.constant([4, 4, 1, 1], type: .int8), factor = sketch.constant([], 0.1)
        let bias = sketch.constant([1, 4, 1, 1])
        let integers = sketch.node(.quantization(isDynamic: true), [sketch.image], type: .int8)
        let scale = sketch.node(.scale, [sketch.image], shape: [], type: .float32)
        let sums = sketch.node(.convolution(Window(side: 1), groups: 1), [integers, weights], type: .int32)
        let widened = sketch.node(.cast, [sums], type: .float32)
        let whole = sketch.node(.binary(.multiply), [scale, factor])
        let scaled = sketch.node(.binary(.multiply), [widened, whole])
        let last = sketch.node(.binary(.add), [scaled, bias])
        #expect(
            sketch.keys(last) == [
                "reduce k1 s1 \(map)->1x1x1", "convert k1 s1 \(map)->\(map)", "convolution k1 s1 \(map)->\(map) int8",
            ])
    }

    @Test("read operators of float16 as such")
    func half() {
        var sketch = GraphSketch(type: .float16)
        let weights = sketch.constant([4, 4, 1, 1], type: .float16)
        let product = sketch.node(.convolution(Window(side: 1), groups: 1), [sketch.image, weights])
        #expect(sketch.keys(product) == ["convolution k1 s1 \(map)->\(map) float16"])
    }

    @Test("name operators that no rule reads, each kind once")
    func unknown() {
        var sketch = GraphSketch()
        let first = sketch.node(.unknown("Fancy"), [sketch.image])
        let last = sketch.node(.unknown("Fancy"), [first], shape: [1, 2, 8, 8])
        sketch.graph.outputs = [last]
        let network = GraphNetwork(sketch.graph)
        #expect(network.unknown.map(\.kind) == ["Fancy"] && network.unknown.map(\.nodes) == [["n0", "n1"]])
        #expect(network.operators.map(\.step.key).last == "memory_move k1 s1 \(map)->8x8x2")
    }
}
