import Architectures
import Files
import Graphs

/// Reads the nodes of a graph in the order of execution: computes shapes, and fills a neutral graph with the operators
/// that depend on the image.
struct ONNXGraphReader {
    let path: String
    /// The version of ONNX's operators.
    let opset: Int
    let proto: ONNXGraphProto
    private let functions: ONNXFunctions
    let free: FreeSides
    var values: [String: ONNXValue] = [:]
    var graph = Graph(layout: .channelsFirst)
    /// The lists of values, by their names, and how many values all of them have.
    var sequences: [String: [ONNXValue]] = [:], sequenceSize = 0
    var symbols = ONNXSymbols()
    /// Shapes that the file gives for outputs of nodes.
    private var givenShapes: [String: ONNXTypeProto.Tensor] = [:]
    /// Nodes that were read, those of functions and branches included.
    var nodeCount = 0
    private var depth = 0
    /// What had to be assumed, in sentences.
    var assumptions: [String] = []
    /// What the image decides and the price cannot know, in sentences.
    var choices: [String] = []
    /// The branches that depend on the image, and the loops that may; and how deep the one that is read lies in others.
    var choiceCount = 0, choiceDepth = 0
    /// The constants of which only the values that are not 0 are stored.
    private(set) var sparseCount = 0
    private var weightCount = 0

    /// Far more launches than any graph for classification has.
    private static let launchLimit = 16_384
    static let nodeLimit = 65_536

    init(_ model: ONNXModelProto, opset: Int, free: FreeSides, path: String) {
        proto = model.graph
        functions = ONNXFunctions(model.functions)
        self.opset = opset
        self.free = free
        self.path = path
    }

    // MARK: - The whole graph

    /// Reads all nodes.
    ///
    /// - Throws: `FileError.invalid`.
    mutating func read() throws(FileError) {
        try addWeights(of: proto)
        try readInputs()
        addGivenShapes(proto.valueInfo + proto.output)
        try read(proto.node)
        for output in proto.output {
            // A list answers all that is in it.
            guard let answers = sequences[output.name] ?? values[output.name].map({ [$0] }) else {
                throw problem("output \"\(output.name.named)\"", "expected a node that writes it, found none")
            }
            graph.outputs += answers.filter { !$0.isConstant }.compactMap(\.index)
        }
    }

    mutating func addGivenShapes(_ values: [ONNXValueInfoProto]) {
        for value in values where value.type.tensorType.hasShape {
            givenShapes[value.name] = value.type.tensorType
        }
    }

    mutating func read(_ nodes: [ONNXNodeProto]) throws(FileError) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 16 else { throw problem("graph", "expected functions and branches at most 16 deep, found more") }
        for index in ONNXNodeOrder.places(of: nodes) {
            let proto = nodes[index], node = ONNXNode(proto, index: index, path: path)
            nodeCount += 1
            guard nodeCount <= Self.nodeLimit else {
                throw node.problem("expected a graph of at most \(Self.nodeLimit) nodes, found more")
            }
            if let body = functions.nodes(of: proto, prefix: "\(node.name.named)/\(nodeCount)/") {
                try read(body)
            } else if node.kind == "If" {
                try readBranch(node)
            } else if node.kind == "Loop" {
                try readLoop(node)
            } else if node.kind == "Scan" {
                try readScan(node)
            } else {
                try read(opset < 7 ? newer(node) : node)
            }
        }
    }

    func problem(_ place: String, _ text: String) -> FileError {
        .invalid(path: path, place: place, problem: text)
    }

    /// A shape that the file gives for a value; nil where it does not give all of it.
    func given(_ name: String) -> [Int]? {
        guard let type = givenShapes[name] else { return nil }
        var sides: [Int] = []
        for dimension in type.shape.dim {
            switch dimension.value {
            case .dimValue(let value) where value > 0: sides.append(Int(value))
            case .dimParam(let text):
                guard let value = symbols.value(of: text), value > 0 else { return nil }
                sides.append(value)
            case .dimValue, nil: return nil
            }
        }
        return sides
    }

    /// The type that the file gives for a value.
    func givenType(_ name: String) -> ElementType? { givenShapes[name].map { ONNXDataType.element($0.elemType) } }

    /// The place that made a constant's numbers unknown, as the end of a sentence.
    func blamed(_ value: ONNXValue) -> String { value.blame.map { ", because \($0) cannot be computed" } ?? "" }

    // MARK: - Constants

    mutating func add(_ tensor: ONNXTensorProto, named name: String, place: String) throws(FileError) {
        let shape = tensor.dims.map(Int.init)
        if let text = ONNXShape.problem(of: shape, least: 0) { throw problem(place, text) }
        let count = shape.reduce(1, *)
        try tensor.checkSize(count: count, place: place, path: path)
        let numbers = count <= ONNXValue.knownCount ? tensor.numbers : nil
        let isExternal = tensor.dataLocation == 1
        var value = ONNXValue(
            constant: shape, type: ONNXDataType.element(tensor.dataType), numbers: numbers?.count == count ? numbers : nil,
            blame: isExternal ? "\(place), whose values are in a file of their own," : place)
        value.isUnsigned = ONNXDataType.isUnsigned(tensor.dataType)
        if numbers == nil, !isExternal { value.trueCount = tensor.trueCount(of: count) }
        values[name] = value
    }

    /// Adds a constant of which only the values that are not 0 are stored.
    mutating func add(_ tensor: ONNXSparseTensorProto, named name: String, place: String) throws(FileError) {
        values[name] = try tensor.constant(place: place, path: path)
        sparseCount += 1
    }

    /// Adds the weights of a graph.
    ///
    /// - Parameters:
    ///   - node: that has the graph; nil for the model's own.
    ///   - prefix: of their names.
    mutating func addWeights(
        of graph: ONNXGraphProto, _ node: ONNXNode? = nil, prefix: String = ""
    ) throws(FileError) {
        func place(_ name: String) -> String { node?.place ?? "initializer \"\(name.named)\"" }
        for tensor in graph.initializer { try add(tensor, named: prefix + tensor.name, place: place(tensor.name)) }
        for tensor in graph.sparseInitializer {
            try add(tensor, named: prefix + tensor.values.name, place: place(tensor.values.name))
        }
        for name in graph.weightNames {
            guard var value = values[prefix + name] else { continue }
            weightCount += 1
            value.origin = .stored
            value.weights = [Graph.Weight(number: weightCount, count: value.count)]
            values[prefix + name] = value
        }
    }

    // MARK: - What rules for nodes need

    /// The value of a required input.
    func value(_ node: ONNXNode, _ index: Int) throws(FileError) -> ONNXValue {
        guard let name = node.proto.optionalInput(index) else {
            throw node.problem("expected at least \(index + 1) inputs, found \(node.proto.input.count)")
        }
        return try value(node, named: name)
    }

    /// A value that the node reads by that name.
    func value(_ node: ONNXNode, named name: String) throws(FileError) -> ONNXValue {
        guard let value = values[name] else {
            let reason = sequences[name] == nil ? "nothing before it writes" : "is a list of values"
            throw node.problem("reads \"\(name.named)\", which \(reason)")
        }
        return value
    }

    /// The value of an optional input.
    func optionalValue(_ node: ONNXNode, _ index: Int) throws(FileError) -> ONNXValue? {
        node.proto.optionalInput(index) == nil ? nil : try value(node, index)
    }

    /// All inputs, without those that are left out.
    func inputs(_ node: ONNXNode) throws(FileError) -> [ONNXValue] {
        var all: [ONNXValue] = []
        for index in node.proto.input.indices { if let value = try optionalValue(node, index) { all.append(value) } }
        return all
    }

    /// The places of the inputs that depend on the image.
    func computedInputs(_ node: ONNXNode) -> [Int] {
        node.proto.input.indices.filter { values[node.proto.input[$0]].map { !$0.isConstant } ?? false }
    }

    /// Integers that older opsets give as an attribute and newer ones as an input; nil where there is neither.
    ///
    /// - Throws: `FileError.invalid` where they depend on the image.
    func integers(_ node: ONNXNode, _ attribute: String, orInput index: Int) throws(FileError) -> [Int]? {
        if let integers = node.proto.ints(attribute) { return integers }
        guard let value = try optionalValue(node, index) else { return nil }
        guard let integers = value.integers else {
            throw node.problem(
                "expected \(attribute) that \(attribute.hasSuffix("s") ? "do" : "does") not depend on the image\(blamed(value))")
        }
        return integers
    }

    /// Defines an output of the node, without launching anything.
    mutating func define(_ node: ONNXNode, _ value: ONNXValue, output: Int = 0) throws(FileError) {
        guard output < node.proto.output.count else {
            throw node.problem("expected at least \(output + 1) outputs, found \(node.proto.output.count)")
        }
        let name = node.proto.output[output]
        guard !name.isEmpty else { return }
        guard values[name] == nil else {
            throw node.problem("writes \"\(name.named)\", which something before it writes")
        }
        if let text = ONNXShape.problem(of: value.shape, least: value.isConstant ? 0 : 1) { throw node.problem(text) }
        values[name] = value
    }

    /// Defines a constant that follows from others. Numbers of float32 are rounded to it, as a runtime rounds each result:
    /// a side is the whole number below a product that may lie on either side of it.
    mutating func define(
        _ node: ONNXNode, constant shape: [Int], type: ElementType, numbers: [Double]?, from inputs: [ONNXValue]
    ) throws(FileError) {
        let numbers = type == .float32 ? numbers.map { $0.map { Double(Float($0)) } } : numbers
        let blame = inputs.lazy.compactMap { $0.numbers == nil ? $0.blame : nil }.first ?? node.place
        var result = ONNXValue(constant: shape, type: type, numbers: numbers, blame: blame)
        // What is cut out of narrow weights or joined of them is narrow too.
        if let first = inputs.first, first.type == type, inputs.allSatisfy({ $0.storedType == first.storedType }) {
            result.storedType = first.storedType
        }
        result.weights = ONNXValue.weights(behind: inputs)
        try define(node, result)
    }

    /// Adds an operator that writes a value of that shape.
    ///
    /// - Parameters:
    ///   - inputs: places of the inputs that it reads, in the order of the operation.
    ///   - type: of the output; nil for that of the first input which depends on the image.
    mutating func emit(
        _ node: ONNXNode, _ operation: GraphOperation, inputs: [Int], shape: [Int], type: ElementType? = nil,
        output: Int = 0
    ) throws(FileError) {
        // What has no values does not depend on the image, and costs nothing.
        if shape.contains(0) {
            var type = type
            if type == nil, let first = inputs.first { type = try optionalValue(node, first)?.type }
            return try define(node, ONNXValue(constant: shape, type: type ?? .float32, numbers: []), output: output)
        }
        var indices: [Int] = []
        for input in inputs where node.proto.optionalInput(input) != nil { indices.append(try index(node, input)) }
        let first = indices.first { !graph.values[$0].isConstant } ?? indices.first
        let index = try emit(
            node, operation, reading: indices, shape: shape, type: type ?? first.map { graph.values[$0].type } ?? .float32)
        try define(node, written: index, output: output)
    }

    /// The index in the neutral graph of an input.
    mutating func index(_ node: ONNXNode, _ input: Int) throws(FileError) -> Int {
        let value = try value(node, input)
        if let index = value.index { return index }
        let index = graph.add(value.graphValue)
        values[node.proto.input[input]]?.index = index
        return index
    }

    /// Where an optional input stands in the neutral graph that is a state, which is no weight where the file stores it.
    mutating func stateIndex(_ node: ONNXNode, _ input: Int) throws(FileError) -> [Int] {
        guard let state = try optionalValue(node, input), state.isConstant else { return try optionalIndex(node, input) }
        return [index(of: ONNXValue(constant: state.shape, type: state.type, numbers: nil))]
    }

    /// The index in the neutral graph of a value that may have no name.
    mutating func index(of value: ONNXValue) -> Int { value.index ?? graph.add(value.graphValue) }

    /// Says what type the weights of an input have that the file stores as bytes.
    mutating func storeWeights(_ node: ONNXNode, _ input: Int, as type: ElementType) {
        guard let name = node.proto.optionalInput(input), values[name]?.origin == .stored else { return }
        values[name]?.storedType = type
    }

    /// Where an optional input stands in the neutral graph; none where it is left out.
    mutating func optionalIndex(_ node: ONNXNode, _ input: Int) throws(FileError) -> [Int] {
        node.proto.optionalInput(input) == nil ? [] : [try index(node, input)]
    }

    /// Defines an output of the node as a value of the neutral graph, which an operator writes.
    mutating func define(_ node: ONNXNode, written index: Int, output: Int = 0) throws(FileError) {
        var result = ONNXValue(shape: graph.values[index].shape, type: graph.values[index].type)
        result.index = index
        try define(node, result, output: output)
    }

    /// Adds an operator that reads values of the neutral graph, and returns the index of what it writes, which no other
    /// node of the file can read by a name.
    mutating func emit(
        _ node: ONNXNode, _ operation: GraphOperation, reading indices: [Int], shape: [Int], type: ElementType
    ) throws(FileError) -> Int {
        guard graph.nodes.count < Self.launchLimit else {
            throw node.problem("expected a graph of at most \(Self.launchLimit) operators, found more")
        }
        if let text = ONNXShape.problem(of: shape, least: 1) { throw node.problem(text) }
        let index = graph.add(Graph.Value(shape: shape, type: type))
        graph.add(node.name, operation, inputs: indices, output: index)
        return index
    }

    /// An operator without a rule: its cost is that of the memory traffic, and it is listed as unknown. Its outputs have
    /// the shapes that the file gives.
    mutating func emitUnknown(_ node: ONNXNode) throws(FileError) {
        // A graph within the node may read values that are not among its inputs.
        let captured = node.proto.attribute.filter(\.hasG).flatMap { ONNXFunctions.captured(by: $0.g) }
            .compactMap { values[$0] }.filter { !$0.isConstant }.compactMap(\.index)
        let given = try inputs(node)
        if !given.isEmpty, given.allSatisfy(\.isConstant), captured.isEmpty {
            // A runtime computes values that follow from constants once. If a shape is needed later, this node is named.
            for (index, name) in node.proto.output.enumerated() {
                guard let shape = self.given(name) else {
                    throw node.problem("this operator is not known, and the file gives no shape for its output")
                }
                var result = ONNXValue(constant: shape, type: givenType(name) ?? .other, numbers: nil, blame: node.place)
                result.weights = ONNXValue.weights(behind: given)
                try define(node, result, output: index)
            }
            return
        }
        var read = captured
        for place in computedInputs(node) { read.append(try index(node, place)) }
        for (index, name) in node.proto.output.enumerated() where !name.isEmpty {
            guard let shape = self.given(name) else {
                throw node.problem("this operator is not known, and the file gives no shape for its output")
            }
            let written = try emit(
                node, .unknown(node.kind), reading: read, shape: shape, type: givenType(name) ?? .float32)
            try define(node, written: written, output: index)
        }
    }
}
