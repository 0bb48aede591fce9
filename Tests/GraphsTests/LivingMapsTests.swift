import Architectures
import Graphs
import Testing

@Suite("Maps of a graph that are in memory together")
struct LivingMapsTests {
    /// 8x8 pixels of 4 channels; the bytes of a map in float32.
    private let map = 4 * 8 * 8 * 4

    private func bytes(_ sketch: GraphSketch, _ outputs: [Int]) -> [Int] {
        var graph = sketch.graph
        graph.outputs = outputs
        let network = GraphNetwork(graph)
        #expect(network.maps.count == network.operators.count)
        return network.maps.map { $0.bytes(of: .float32) }
    }

    @Test("count what a skip over several operators keeps")
    func skips() {
        var sketch = GraphSketch()
        let weights = sketch.constant([4, 4, 1, 1])
        func convolution(_ value: Int) -> Int { sketch.node(.convolution(Window(side: 1), groups: 1), [value, weights]) }
        let first = convolution(sketch.image), second = convolution(first), third = convolution(second)
        let sum = sketch.node(.binary(.add), [third, second]), last = sketch.node(.binary(.add), [sum, first])
        // Where the third is written, the first two wait; the last sum reads the first, and the second is gone.
        #expect(bytes(sketch, [last]) == [2, 2, 3, 4, 3].map { $0 * map })
        // An answer stays until the end.
        #expect(bytes(sketch, [last, third]) == [2, 2, 3, 4, 4].map { $0 * map })
    }

    @Test("are one where an operator is fused into another, or only gives values another shape")
    func renamed() {
        var sketch = GraphSketch()
        let weights = sketch.constant([4, 4, 1, 1]), vectors = (0..<4).map { _ in sketch.constant([4]) }
        let convolution = sketch.node(.convolution(Window(side: 1), groups: 1), [sketch.image, weights])
        let normal = sketch.node(.batchNormalization, [convolution] + vectors)
        let activated = sketch.node(.activation(.relu), [normal])
        let flat = sketch.node(.view, [activated], shape: [1, 4 * 8 * 8])
        let doubled = sketch.node(.function(.other), [flat])
        let back = sketch.node(.view, [doubled], shape: [1, 4, 8, 8])
        let last = sketch.node(.binary(.add), [back, activated])
        #expect(bytes(sketch, [last]) == [2, 2, 3].map { $0 * map })
    }

    @Test("have the bytes of their own type between operators on integers")
    func integers() {
        var sketch = GraphSketch()
        let scale = sketch.constant([], 0.1), weights = sketch.constant([4, 4, 1, 1], type: .int8)
        func quantized(_ value: Int) -> Int { sketch.node(.quantization(isDynamic: false), [value, scale], type: .int8) }
        func restored(_ value: Int) -> Int { sketch.node(.dequantization, [value, scale], type: .float32) }
        let image = quantized(sketch.image)
        let product = sketch.node(.convolution(Window(side: 1), groups: 1), [restored(image), restored(weights)])
        let last = restored(quantized(product))
        // The image is converted, from four bytes a value to one; the operators between run on one byte.
        let found = bytes(sketch, [last])
        #expect(found.first == map + map / 4 && found.dropFirst().first == map / 2)
    }

    @Test("are there from the start where nothing writes them, and constants are none")
    func given() {
        var sketch = GraphSketch()
        let other = sketch.graph.add(Graph.Value(shape: [1, 4, 8, 8], type: .float32))
        let table = sketch.constant([1, 4, 8, 8])
        let first = sketch.node(.function(.other), [sketch.image])
        let second = sketch.node(.binary(.add), [first, table])
        let last = sketch.node(.binary(.multiply), [second, other])
        // The second input of the network waits while the first is worked on, value by value in its place.
        #expect(bytes(sketch, [last]) == [2, 3, 3].map { $0 * map })
    }
}
