import Architectures
import Files
import Graphs

/// Fills a neutral graph with the operators of a TensorFlow Lite model that depend on what it is given: those of the first
/// graph, and of the graphs that this one calls.
///
///     let reader = try TFLiteGraphReader(TFLiteModel(contentsOf: path), path: path)
///     let network = try ImportedNetwork(reader.graph, name: "mine", assumptions: reader.assumptions, path: path)
public struct TFLiteGraphReader: Sendable {
    /// A branch of which the image decides what runs.
    public struct Choice: Hashable, Sendable {
        /// Of the operator that chooses.
        public let place: String
        /// The place in the file of the graph that is priced.
        public let graph: Int
        /// How many multiply-accumulates this graph has more than the other.
        public let difference: Int
    }

    public private(set) var graph = Graph(layout: .channelsLast)
    /// What had to be assumed, in sentences.
    public private(set) var assumptions: [String] = []

    /// Says once what is assumed.
    mutating func assume(_ sentence: String) { if !assumptions.contains(sentence) { assumptions.append(sentence) } }

    /// What the image decides and the price cannot know.
    public private(set) var choices: [Choice] = []
    /// The constants of which the file stores only the values that are not 0.
    public private(set) var sparseCount = 0

    let model: TFLiteModel
    private let path: String
    /// The places of the operators that read each tensor.
    private let readers: [Int: [Int]]
    /// The values of the neutral graph by the tensors of the model.
    private var values: [Int: Int] = [:]
    /// Tensors that follow from constants alone.
    private var constants: Set<Int> = []
    /// What branches are chosen by.
    private let conditions: Set<Int>
    /// What is kept for the next call.
    private var states: [Int] = []

    /// Far more launches than any graph for classification has.
    private static let launchLimit = 16_384
    /// The largest number of values of a tensor, which no runtime exceeds.
    static let countLimit = Int(Int32.max)
    /// The metadata by which a file allows half precision, which XNNPACK then uses where the processor has it.
    private static let precisionName = "reduced_precision_support"
    /// Operators that write something else with every call, though they may read constants alone.
    private static let generators: Set<TFLiteCode> = [.readVariable, .randomNormal, .randomUniform, .randomChoice]

    /// - Parameter path: of the file, for messages.
    /// - Throws: `FileError.invalid` for a model without an input, for one without an output that depends on the input, and for
    ///   one whose shapes contradict each other.
    public init(_ model: TFLiteModel, path: String) throws(FileError) {
        let calls = TFLiteCalls(model), branches = TFLiteBranches(calls.model, path: path)
        try self.init(withoutBranches: branches.model, conditions: branches.conditions, path: path)
        choices = branches.choices
        if !calls.composites.isEmpty {
            var counts: [String: Int] = [:]
            for name in calls.composites { counts[name, default: 0] += 1 }
            let names = counts.sorted { $0.key < $1.key }.map { $0.value == 1 ? $0.key.shortened : "\($0.value) \($0.key.shortened)" }
            assumptions.append(
                "composite operators (\(names.joined(separator: ", "))) are priced as the operators that the file has for them, "
                    + "which a delegate may run as one")
        }
        if model.metadata.contains(where: { $0.name == Self.precisionName }) {
            assumptions.append("the file lets a runtime compute in float16 (\(Self.precisionName)): float32 is priced")
        }
        if !model.furtherSignatures.isEmpty {
            let names = model.furtherSignatures.map { "\"\($0.shortened)\"" }
            assumptions.append(
                "programs call further graphs of the file, by the signatures \(names.joined(separator: ", ")): the first graph is "
                    + "priced")
        }
    }

    /// Reads a model, of which branches are operators that are not known.
    ///
    /// - Parameter conditions: the tensors by which branches were chosen that are no operators any more.
    init(withoutBranches model: TFLiteModel, conditions: Set<Int> = [], path: String) throws(FileError) {
        self.model = model
        self.path = path
        self.conditions = conditions
        var readers: [Int: [Int]] = [:]
        for (index, step) in model.operators.enumerated() {
            for input in Set(step.inputs.compactMap(\.self)) { readers[input, default: []].append(index) }
        }
        self.readers = readers
        try readInputs()
        for (index, step) in model.operators.enumerated() {
            try read(TFLiteNode(step, index: index, model: model, path: path))
        }
        try readOutputs()
        sparseCount = model.tensors.indices.filter { model.tensors[$0].isSparse && readers[$0] != nil }.count
        let types = model.operators.compactMap(multipliedTypes(of:))
        let hybrids = types.filter { $0.map == .float32 && $0.weights.element.isNarrowInteger }.count
        if hybrids > 0 {
            assumptions.append(
                "maps of float32 are multiplied by weights of integers in \(hybrids.counted("operator")): they are priced as float32, "
                    + "which a runtime that quantises the maps first undercuts")
        }
        let wide = types.filter { $0.map == .int16 }.count
        if wide > 0 {
            assumptions.append(
                "maps of int16 are multiplied by weights in \(wide.counted("operator")): they are priced as float32, which has twice "
                    + "their bytes")
        }
    }

    /// The image, or whatever has the most sides, and perhaps masks, states or a time beside it.
    private mutating func readInputs() throws(FileError) {
        // What nothing reads is no image.
        let used = model.inputs.filter { readers[$0] != nil }
        let inputs = used.isEmpty ? model.inputs : used
        let most = inputs.map { model.tensors[$0].shape.count }.max() ?? 0
        guard let image = inputs.first(where: { model.tensors[$0].shape.count == most }) else {
            throw .invalid(path: path, place: "inputs", problem: "expected what the model reads, found no input")
        }
        for input in inputs {
            let tensor = model.tensors[input], what = tensor.shape.count > 2 ? "image" : "input"
            guard let free = tensor.freeShape else { continue }
            guard !tensor.isUnsettled else {
                throw .invalid(
                    path: path, place: tensorPlace(input),
                    problem: "expected an \(what) of fixed sides, found \(free), whose sides the caller chooses: convert the model "
                        + "for \(what)s of one size")
            }
            assumptions.append(
                "the caller chooses sides of the \(what), \(free): they are taken to be "
                    + tensor.shape.map { "\($0)" }.joined(separator: "x"))
        }
        let shape = model.tensors[image].shape
        if shape.count == 4, shape[0] > 1 {
            assumptions.append("the model takes \(shape[0]) images at once: all of them are priced")
        }
        graph.input = try value(of: image)
        for input in inputs where input != image { _ = try value(of: input) }
    }

    /// The types of the map and of the weights that an operator multiplies; nil for one that multiplies none.
    private func multipliedTypes(of step: TFLiteOperator) -> (map: TFLiteType, weights: TFLiteType)? {
        let place: Int
        switch step.operation {
        case .convolution, .depthwiseConvolution, .fullyConnected, .batchedProduct: place = 0
        case .transposedConvolution: place = 2
        default: return nil
        }
        guard step.inputs.count > max(place, 1), let map = step.inputs[place], let weights = step.inputs[1] else { return nil }
        return (model.tensors[map].type, model.tensors[weights].type)
    }

    /// What the model answers, and what its operators write for nobody.
    private mutating func readOutputs() throws(FileError) {
        guard !model.outputs.isEmpty else {
            throw .invalid(path: path, place: "outputs", problem: "expected what the model answers, found no output")
        }
        var isRead = conditions.union(model.outputs)
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
        graph.outputs += (unread.flatMap(\.outputs) + conditions.sorted()).compactMap { values[$0] } + states
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
        let weights = origin == .stored ? [Graph.Weight(number: sources[tensor] ?? tensor, count: found.count)] : []
        let value = graph.add(
            Graph.Value(
                shape: found.shape, type: storedTypes[tensor] ?? found.type.element, origin: origin, number: number,
                weights: weights))
        values[tensor] = value
        return value
    }

    /// The types that weights have in the file, by the tensors that they are decompressed to.
    private var storedTypes: [Int: ElementType] = [:]
    /// The tensors of the file by those that they are decompressed to.
    private var sources: [Int: Int] = [:]

    // MARK: - What rules need

    /// Adds an operator that writes the first output of the node, and behind it the activation that it has fused.
    ///
    /// - Parameter parts: values of the neutral graph that the operator reads before the inputs.
    mutating func emit(
        _ node: TFLiteNode, _ operation: GraphOperation, after parts: [Int] = [], inputs: [Int],
        activation: TFLiteActivation = .none
    ) throws(FileError) {
        guard let output = node.step.outputs.first else { throw node.problem("expected an output, found none") }
        var read = parts
        for input in inputs { read.append(try value(of: input)) }
        try checkSize(node)
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

    private func checkSize(_ node: TFLiteNode) throws(FileError) {
        guard graph.nodes.count < Self.launchLimit else {
            throw node.problem("expected a graph of at most \(Self.launchLimit) operators, found more")
        }
    }

    /// Adds an operator of several that the node stands for, and returns the value that it writes.
    mutating func emitPart(
        _ node: TFLiteNode, _ operation: GraphOperation, inputs: [Int], shape: [Int]
    ) throws(FileError) -> Int {
        var read: [Int] = []
        for input in inputs { read.append(try value(of: input)) }
        try checkSize(node)
        let type = read.first.map { graph.values[$0].type } ?? .float32
        let written = graph.add(Graph.Value(shape: shape, type: type))
        graph.add(node.name, operation, inputs: read, output: written)
        return written
    }

    /// Adds the copy of a state that an earlier call left, which the node reads.
    mutating func emitState(_ node: TFLiteNode) throws(FileError) {
        guard let output = node.step.outputs.first else { throw node.problem("expected an output, found none") }
        let tensor = model.tensors[output]
        let state = graph.add(Graph.Value(shape: tensor.shape, type: tensor.type.element))
        try emit(node, .move, after: [state], inputs: [])
    }

    /// Adds the copy of what the node keeps for the next call.
    mutating func keep(_ node: TFLiteNode) throws(FileError) {
        let input = try node.input(1)
        states.append(try emitPart(node, .move, inputs: [input], shape: model.tensors[input].shape))
    }

    /// Says that the outputs of a node follow from constants, such as from shapes, which are known.
    mutating func settle(_ node: TFLiteNode) { constants.formUnion(node.step.outputs) }

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
        guard node.inputs.contains(where: { !isConstant($0) }) || Self.generators.contains(node.step.operation.code) else {
            // A runtime computes once what follows from constants, such as float16 weights made wider.
            settle(node)
            if let input = node.inputs.first, let output = node.step.outputs.first, node.inputs.count == 1,
                model.tensors[input].count == model.tensors[output].count
            {
                storedTypes[output] = storedTypes[input] ?? model.tensors[input].type.element
                sources[output] = sources[input] ?? input
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
        .invalid(path: path, place: "\(step.place ?? "operator \(index)") \(step.operation.name.shortened)", problem: problem)
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
        case .int4, .uint4: .int4
        case .float8e4m3, .float8e5m2: .float8
        case .int2: .int2
        case .int16, .uint16: .int16
        case .int32, .uint32: .int32
        case .int64, .uint64: .int64
        case .bool: .bool
        case .string, .complex64, .complex128, .resource, .variant: .other
        }
    }
}
