import Architectures
import Files
import Graphs

/// Fills a neutral graph with the operators of a TensorFlow Lite model that depend on the image.
///
///     let reader = try TFLiteGraphReader(TFLiteModel(contentsOf: path), path: path)
///     let network = try ImportedNetwork(reader.graph, name: "mine", assumptions: reader.assumptions, path: path)
public struct TFLiteGraphReader: Sendable {
    public private(set) var graph = Graph(layout: .channelsLast)
    /// What had to be assumed, in sentences.
    public private(set) var assumptions: [String] = []

    let model: TFLiteModel
    private let path: String
    /// The places of the operators that read each tensor.
    private let readers: [Int: [Int]]
    /// The values of the neutral graph by the tensors of the model.
    private var values: [Int: Int] = [:]
    /// Tensors that follow from constants alone.
    private var constants: Set<Int> = []

    /// Far more launches than any graph for classification has.
    private static let launchLimit = 16_384
    /// The largest number of values of a tensor, which no runtime exceeds.
    private static let countLimit = Int(Int32.max)

    /// - Parameter path: of the file, for messages.
    /// - Throws: `FileError.invalid` for a model with more than one input, for one without an output that depends on the image,
    ///   and for one whose shapes contradict each other.
    public init(_ model: TFLiteModel, path: String) throws(FileError) {
        self.model = model
        self.path = path
        var readers: [Int: [Int]] = [:]
        for (index, step) in model.operators.enumerated() {
            for input in Set(step.inputs.compactMap(\.self)) { readers[input, default: []].append(index) }
        }
        self.readers = readers
        let images = model.inputs
        guard images.count == 1, let image = images.first else {
            throw .invalid(path: path, place: "inputs", problem: "expected one image, found \(images.count) inputs")
        }
        let shape = model.tensors[image].shape
        guard shape.count == 4 || shape.count == 3 else {
            throw .invalid(
                path: path, place: tensorPlace(image),
                problem: "expected images [batch, height, width, channels], found \(shape.count) dimensions")
        }
        if let free = model.tensors[image].freeShape {
            guard !model.tensors[image].isUnsettled else {
                throw .invalid(
                    path: path, place: tensorPlace(image),
                    problem: "expected an image of fixed sides, found \(free), whose sides the caller chooses: convert the model "
                        + "for images of one size")
            }
            assumptions.append(
                "the caller chooses sides of the image, \(free): they are taken to be "
                    + shape.map { "\($0)" }.joined(separator: "x"))
        }
        graph.input = try value(of: image)
        for (index, step) in model.operators.enumerated() {
            try read(TFLiteNode(step, index: index, model: model, path: path))
        }
        try readOutputs()
        let hybrids = model.operators.filter(isHybrid).count
        if hybrids > 0 {
            assumptions.append(
                "\(hybrids) operators multiply float32 maps by int8 weights: they are priced as float32, which a runtime that "
                    + "quantises the maps first undercuts")
        }
    }

    private func isHybrid(_ step: TFLiteOperator) -> Bool {
        switch step.operation {
        case .convolution, .depthwiseConvolution, .fullyConnected:
            guard step.inputs.count >= 2, let map = step.inputs[0], let weights = step.inputs[1] else { return false }
            return model.tensors[map].type == .float32 && model.tensors[weights].type == .int8
        default: return false
        }
    }

    /// What the model answers, and what its operators write for nobody.
    private mutating func readOutputs() throws(FileError) {
        guard !model.outputs.isEmpty else {
            throw .invalid(path: path, place: "outputs", problem: "expected what the model answers, found no output")
        }
        var isRead = Set(model.outputs)
        for step in model.operators { isRead.formUnion(step.inputs.compactMap(\.self)) }
        for output in model.outputs where !isConstant(output) {
            guard let value = values[output] else { throw unwritten(output) }
            graph.outputs.append(value)
        }
        // What is stored may be an answer too, but not where nothing is stored.
        for output in model.outputs where model.tensors[output].data?.isEmpty == true { throw unwritten(output) }
        guard !graph.outputs.isEmpty else {
            throw .invalid(
                path: path, place: "outputs",
                problem: "expected an output that depends on the image, found \(model.outputs.count) of constants alone")
        }
        // The interpreter runs every operator of the file in turn, whether its result is read or not.
        let unread = model.operators.filter { step in
            !step.outputs.contains(where: isRead.contains) && step.outputs.contains { values[$0] != nil }
        }
        graph.outputs += unread.flatMap(\.outputs).compactMap { values[$0] }
        if !unread.isEmpty {
            assumptions.append(
                "operators whose result nothing reads (\(unread.count)) are priced, because TensorFlow Lite runs every operator of "
                    + "a file")
        }
    }

    private func unwritten(_ output: Int) -> FileError {
        .invalid(
            path: path, place: tensorPlace(output), problem: "expected an operator that writes this output of the model, found none")
    }

    // MARK: - Values

    func isConstant(_ tensor: Int) -> Bool { model.tensors[tensor].isConstant || constants.contains(tensor) }

    private func tensorPlace(_ tensor: Int) -> String { "tensor \(tensor) \"\(model.tensors[tensor].name.shortened)\"" }

    /// The value of a tensor in the neutral graph.
    private mutating func value(of tensor: Int) throws(FileError) -> Int {
        if let value = values[tensor] { return value }
        let found = model.tensors[tensor], isConstant = isConstant(tensor)
        guard found.shape.count <= 8, found.count <= Self.countLimit, isConstant || found.count > 0 else {
            throw .invalid(
                path: path, place: tensorPlace(tensor),
                problem: "expected at most 8 sides and from 1 to \(Self.countLimit) values, found \(found.shape)")
        }
        let number = isConstant && found.count == 1 ? (found.floats?.first).map(Double.init) : nil
        let origin: Graph.Value.Origin =
            found.isConstant ? .stored : isConstant ? (storedTypes[tensor] == nil ? .constant : .stored) : .computed
        let value = graph.add(
            Graph.Value(shape: found.shape, type: storedTypes[tensor] ?? found.type.element, origin: origin, number: number))
        values[tensor] = value
        return value
    }

    /// The types that weights have in the file, by the tensors that they are decompressed to.
    private var storedTypes: [Int: ElementType] = [:]

    // MARK: - What rules need

    /// Adds an operator that writes the first output of the node, and behind it the activation that it has fused.
    mutating func emit(
        _ node: TFLiteNode, _ operation: GraphOperation, inputs: [Int], activation: TFLiteActivation = .none
    ) throws(FileError) {
        guard let output = node.step.outputs.first else { throw node.problem("expected an output, found none") }
        var read: [Int] = []
        for input in inputs { read.append(try value(of: input)) }
        guard graph.nodes.count < Self.launchLimit else {
            throw node.problem("expected a graph of at most \(Self.launchLimit) operators, found more")
        }
        guard values[output] == nil else {
            throw node.problem("writes tensor \(output), which something before it writes or reads")
        }
        // Converters write 1 for a side that only a run knows.
        let tensor = model.tensors[output], isImageFree = model.inputs.contains { model.tensors[$0].freeShape != nil }
        if tensor.isUnsettled, !isImageFree, let free = tensor.freeShape {
            throw node.problem("expected an output of fixed sides, found \(free), which only a run knows")
        }
        let written = try value(of: output)
        guard let function = activation.operation else {
            return graph.add(node.name, operation, inputs: read, output: written)
        }
        let between = graph.add(Graph.Value(shape: graph.values[written].shape, type: graph.values[written].type))
        graph.add(node.name, operation, inputs: read, output: between)
        graph.add("\(node.name) activation", function, inputs: [between], output: written)
    }

    /// Checks that the file gives the first output of the node as many values as the node makes. Converters write 1 for a
    /// side that only a run knows, and other programs change some of the shapes.
    func check(_ node: TFLiteNode, makes sides: [Int]) throws(FileError) {
        guard let output = node.step.outputs.first else { return }
        let shape = model.tensors[output].shape
        var count = 1
        for side in sides {
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            if overflow { throw node.problem("makes more values than can be counted") }
            count = product
        }
        guard model.tensors[output].count == count else {
            throw node.problem("makes \(count) values, and the file says \(shape)")
        }
    }

    /// Adds an operator for every output, of which each reads what is not constant.
    mutating func emitEach(_ node: TFLiteNode, _ operation: GraphOperation) throws(FileError) {
        for output in node.step.outputs {
            let part = node.writing(output)
            try emit(part, operation, inputs: node.inputs.filter { !isConstant($0) })
        }
    }

    /// Says that an output is the input under another shape, or with zeros around it that the next operator adds itself.
    mutating func alias(_ node: TFLiteNode, _ input: Int) throws(FileError) {
        guard let output = node.step.outputs.first, values[output] == nil else {
            throw node.problem("expected an output that nothing before it writes or reads")
        }
        values[output] = try value(of: input)
    }

    private mutating func read(_ node: TFLiteNode) throws(FileError) {
        for input in node.inputs where !isConstant(input) && values[input] == nil {
            // A variable holds what an earlier call left.
            guard model.tensors[input].isVariable else {
                throw node.problem("reads tensor \(input), which nothing before it writes")
            }
        }
        guard node.inputs.contains(where: { !isConstant($0) }) else {
            // A runtime computes once what follows from constants, such as float16 weights made wider.
            constants.formUnion(node.step.outputs)
            if let input = node.inputs.first, let output = node.step.outputs.first, node.inputs.count == 1 {
                storedTypes[output] = storedTypes[input] ?? model.tensors[input].type.element
            }
            return
        }
        try readRule(node)
    }

    /// Whether a padding can be a part of the one operator that reads it, as XNNPACK and the GPU delegate make it.
    func isPartOfNext(_ node: TFLiteNode) -> Bool {
        guard let output = node.step.outputs.first, node.inputs.count == 2, !model.outputs.contains(output),
            let widths = model.tensors[node.inputs[1]].integers, widths.count == 8, widths[0] == 0, widths[1] == 0,
            widths[6] == 0, widths[7] == 0
        else { return false }
        guard let found = readers[output], found.count == 1 else { return false }
        let reader = model.operators[found[0]]
        guard reader.inputs.first == output else { return false }
        switch reader.operation {
        case .convolution(let window, _), .depthwiseConvolution(let window, _): return window.padding == .valid
        default: return false
        }
    }
}

/// An operator of a model while it is read.
struct TFLiteNode {
    var step: TFLiteOperator
    let index: Int
    let model: TFLiteModel
    private let path: String

    init(_ step: TFLiteOperator, index: Int, model: TFLiteModel, path: String) {
        self.step = step
        self.index = index
        self.model = model
        self.path = path
    }

    /// The name of what it writes: operators have none of their own.
    var name: String {
        let name = step.outputs.first.map { model.tensors[$0].name } ?? ""
        return name.isEmpty ? "\(index) \(step.operation.name)" : name
    }

    /// The inputs that are there.
    var inputs: [Int] { step.inputs.compactMap(\.self) }

    /// The same operator, writing one of its outputs.
    func writing(_ output: Int) -> TFLiteNode {
        var node = self
        node.step.outputs = [output]
        return node
    }

    func problem(_ problem: String) -> FileError {
        .invalid(path: path, place: "operator \(index) \(step.operation.name.shortened)", problem: problem)
    }

    /// A required input.
    func input(_ place: Int) throws(FileError) -> Int {
        guard place < step.inputs.count, let input = step.inputs[place] else {
            throw problem("expected at least \(place + 1) inputs, found \(inputs.count)")
        }
        return input
    }

    /// The shape of a required input, of so many sides, all of them at least 1.
    func shape(_ place: Int, sides: Int) throws(FileError) -> [Int] {
        let shape = model.tensors[try input(place)].shape
        guard shape.count == sides, shape.allSatisfy({ $0 > 0 }) else {
            throw problem("expected \(sides) sides of at least 1 in input \(place), found \(shape)")
        }
        return shape
    }
}

extension TFLiteActivation {
    /// The operation that it is; nil for none.
    fileprivate var operation: GraphOperation? {
        switch self {
        case .none: nil
        case .relu: .activation(.relu)
        // A clamp from both sides costs the same whatever its ends are.
        case .relu6, .reluN1To1: .activation(.relu6)
        case .tanh, .signBit: .function(.other)
        }
    }
}

extension TFLiteType {
    /// The type in the neutral graph.
    var element: ElementType {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .float16, .bfloat16: .float16
        case .int8, .uint8: .int8
        case .int4: .int4
        case .int2: .int2
        case .int16, .uint16: .int16
        case .int32, .uint32: .int32
        case .int64, .uint64: .int64
        case .bool: .bool
        case .string, .complex64, .complex128, .resource, .variant: .other
        }
    }
}
