import Architectures
import Files

/// Reads the nodes of a graph in the order of execution: computes shapes, and lists the operators that a runtime
/// launches.
struct ONNXGraphReader {
    let path: String
    private let graph: ONNXGraphProto
    private(set) var values: [String: ONNXValue] = [:]
    /// The nodes that read a value; -1 for the graph's output.
    private var consumers: [String: [Int]] = [:]
    private var steps: [ONNXStep] = []
    /// The steps by the values that they write; later nodes may be fused into them.
    private var producers: [String: Int] = [:]
    /// Shapes that the file gives for outputs of nodes.
    private var givenShapes: [String: ONNXTensorShapeProto] = [:]
    /// The unknown nodes by kind, and the kinds in the order of first occurrence.
    private var unknown: [String: [(name: String, isGuess: Bool)]] = [:]
    private var unknownKinds: [String] = []
    private var input = FeatureShape(height: 1, width: 1, channels: 1)

    /// Far more launches than any graph for classification has.
    private static let launchLimit = 16_384

    init(_ graph: ONNXGraphProto, path: String) {
        self.graph = graph
        self.path = path
    }

    // MARK: - The whole graph

    /// Reads all nodes.
    ///
    /// - Throws: `FileError.invalid`.
    mutating func read() throws(FileError) {
        for tensor in graph.initializer {
            try add(tensor, named: tensor.name, place: "initializer \"\(tensor.name.named)\"")
            values[tensor.name]?.isStored = true
        }
        try readInput()
        for (index, node) in graph.node.enumerated() {
            for (place, name) in node.input.enumerated() where !name.isEmpty {
                // These need only a shape or a type.
                if node.opType == "Shape" || node.opType == "CastLike" && place == 1 { continue }
                consumers[name, default: []].append(index)
            }
        }
        for output in graph.output { consumers[output.name, default: []].append(-1) }
        for value in graph.valueInfo + graph.output where value.type.tensorType.hasShape {
            givenShapes[value.name] = value.type.tensorType.shape
        }
        // Constants first, because activations are recognised by them.
        for (index, node) in graph.node.enumerated() where node.opType == "Constant" {
            try readConstant(ONNXNode(node, index: index, path: path))
        }
        let activations = ONNXActivations(graph.node, consumers: consumers) { values[$0]?.number }
        // Count only nodes that run as readers of an activation's input: the parts of its pattern do not run.
        var readings: [String: Int] = [:]
        for (index, proto) in graph.node.enumerated() where proto.opType != "Constant" {
            let node = ONNXNode(proto, index: index, path: path)
            switch activations.roles[index] {
            case .part: continue
            case .activation(let activation, let input):
                let all = readings[input] ?? consumers[input]?.count { !isPart($0, activations) } ?? 0
                readings[input] = all
                let own = proto.input.count { $0 == input }
                try activate(node, activation, of: input, isOnlyReader: all == own)
            case nil: try read(node)
            }
        }
    }

    private func isPart(_ index: Int, _ activations: ONNXActivations) -> Bool {
        if case .part = activations.roles[index] { true } else { false }
    }

    /// The network that was read.
    ///
    /// - Throws: `FileError.invalid` for a graph that launches nothing, or whose counts overflow.
    func network(named name: String) throws(FileError) -> ImportedNetwork {
        guard let last = steps.last else { throw problem("graph", "expected at least one operator, found none") }
        var macs = 0, parameters = 0
        var operators: [(name: String, step: Operator)] = []
        for step in steps {
            let finished = step.finished
            let (sum, overflow) = macs.addingReportingOverflow(finished.macs)
            let (weights, overflows) = parameters.addingReportingOverflow(finished.parameters)
            if overflow || overflows {
                throw problem("node \"\(step.name.named)\"", "more multiply-accumulates than 64 bits hold")
            }
            macs = sum
            parameters = weights
            operators.append((step.name, finished))
        }
        let classes = graph.output.first.flatMap { values[$0.name]?.count } ?? last.output.count
        return ImportedNetwork(
            network: Network(name: name, input: input, classes: classes, operators: operators),
            unknown: unknownKinds.map { kind in
                let nodes = unknown[kind] ?? []
                return ImportedNetwork.UnknownOperators(
                    kind: kind, nodes: nodes.map(\.name), guessed: nodes.filter(\.isGuess).map(\.name))
            })
    }

    private func problem(_ place: String, _ text: String) -> FileError {
        .invalid(path: path, place: place, problem: text)
    }

    /// The graph's one input, which must be an image.
    private mutating func readInput() throws(FileError) {
        let inputs = graph.input.filter { values[$0.name] == nil }
        guard inputs.count == 1, let image = inputs.first else {
            let found = inputs.isEmpty ? "none" : inputs.map { "\"\($0.name.named)\"" }.listed
            throw problem("graph", "expected one input besides the weights, found \(found)")
        }
        let place = "input \"\(image.name.named)\""
        let shape = try sides(of: image.type.tensorType.shape, place: place)
        guard shape.count == 4 else {
            throw problem(place, "expected images [batch, channels, height, width], found \(shape.count) dimensions")
        }
        let value = try checked(ONNXValue(shape: shape), place: place)
        values[image.name] = value
        input = value.map
    }

    /// A shape that the file gives, with a batch of 1.
    private func sides(of shape: ONNXTensorShapeProto, place: String) throws(FileError) -> [Int] {
        var sides: [Int] = []
        for (index, dimension) in shape.dim.enumerated() {
            switch dimension.value {
            case .dimValue(let value) where index == 0 && (value <= 0 || value == 1): sides.append(1)
            case .dimValue(let value) where index == 0:
                throw problem(place, "expected a batch of 1 or a symbolic one, found \(value)")
            case .dimValue(let value) where value > 0: sides.append(Int(value))
            case .dimParam, .dimValue, nil:
                guard index == 0 else {
                    throw problem(place, "expected all sides but the batch as numbers, found none at place \(index)")
                }
                sides.append(1)
            }
        }
        return sides
    }

    /// Checks that the size of a value is within the limits.
    func checked(_ value: ONNXValue, place: String) throws(FileError) -> ONNXValue {
        if let text = ONNXShape.problem(of: value.shape, least: 1) { throw problem(place, text) }
        return value
    }

    // MARK: - Constants

    private mutating func add(_ tensor: ONNXTensorProto, named name: String, place: String) throws(FileError) {
        let shape = tensor.dims.map(Int.init)
        if let text = ONNXShape.problem(of: shape, least: 0) { throw problem(place, text) }
        let count = shape.reduce(1, *)
        try tensor.checkSize(count: count, place: place, path: path)
        values[name] = ONNXValue(
            shape: shape, numbers: count <= ONNXValue.knownCount ? tensor.numbers : nil,
            isIntegral: tensor.isIntegral)
    }

    private mutating func readConstant(_ node: ONNXNode) throws(FileError) {
        guard let name = node.proto.output.first else { return }
        if let attribute = node.proto.attribute("value") {
            try add(attribute.t, named: name, place: node.place)
        } else if let attribute = node.proto.attribute("value_int") {
            values[name] = ONNXValue(shape: [], integers: [Int(attribute.i)])
        } else if let integers = node.proto.ints("value_ints") {
            values[name] = ONNXValue(shape: [integers.count], integers: integers)
        } else if let attribute = node.proto.attribute("value_float") {
            values[name] = ONNXValue(shape: [], numbers: [Double(attribute.f)], isIntegral: false)
        } else {
            throw node.problem("expected a value that is a tensor, an integer or a number")
        }
    }

    // MARK: - Rules for nodes

    /// The value of a required input.
    func value(_ node: ONNXNode, _ index: Int) throws(FileError) -> ONNXValue {
        guard let name = node.proto.optionalInput(index) else {
            throw node.problem("expected at least \(index + 1) inputs, found \(node.proto.input.count)")
        }
        guard let value = values[name] else {
            throw node.problem("reads \"\(name.named)\", which nothing before it writes")
        }
        return value
    }

    /// The value of an optional input.
    func optionalValue(_ node: ONNXNode, _ index: Int) throws(FileError) -> ONNXValue? {
        node.proto.optionalInput(index) == nil ? nil : try value(node, index)
    }

    /// Whether an input is a weight of the file, not computed and not left out.
    func isStored(_ node: ONNXNode, _ index: Int) -> Bool {
        node.proto.optionalInput(index).flatMap { values[$0]?.isStored } ?? false
    }

    /// Integers that older opsets give as an attribute and newer ones as an input; nil where there is neither, and
    /// where they depend on the image.
    func integers(_ node: ONNXNode, _ attribute: String, orInput index: Int) throws(FileError) -> [Int]? {
        if let integers = node.proto.ints(attribute) { return integers }
        return try optionalValue(node, index)?.integers
    }

    /// Defines the node's output, without launching anything.
    mutating func define(_ node: ONNXNode, _ value: ONNXValue, output: Int = 0) throws(FileError) {
        guard output < node.proto.output.count else {
            throw node.problem("expected at least \(output + 1) outputs, found \(node.proto.output.count)")
        }
        let name = node.proto.output[output]
        guard name.isEmpty || values[name] == nil else {
            throw node.problem("writes \"\(name.named)\", which something before it writes")
        }
        values[name] = try checked(value, place: node.place)
    }

    /// Launches an operator that reads `input` and writes a value of that shape.
    ///
    /// - Parameter change: adjusts the step.
    mutating func launch(
        _ node: ONNXNode, _ kind: ONNXStep.Kind, input: ONNXValue, shape: [Int], output: Int = 0,
        _ change: (inout ONNXStep) -> Void = { _ in }
    ) throws(FileError) {
        let value = ONNXValue(shape: shape)
        try define(node, value, output: output)
        var step = ONNXStep(
            name: node.name, kind: kind, input: try checked(input, place: node.place).map, output: value.map)
        change(&step)
        try append(step, of: node, output: output)
    }

    /// Adds a step that writes that output of the node.
    private mutating func append(_ step: ONNXStep, of node: ONNXNode, output: Int) throws(FileError) {
        guard steps.count < Self.launchLimit else {
            throw node.problem("expected a graph of at most \(Self.launchLimit) operators, found more")
        }
        producers[node.proto.output[output]] = steps.count
        steps.append(step)
    }

    /// Launches a matrix product of `rows` rows.
    mutating func launchProduct(
        _ node: ONNXNode, rows: Int, inputs: Int, outputs: Int, shape: [Int], hasBias: Bool
    ) throws(FileError) {
        let value = ONNXValue(shape: shape)
        try define(node, value)
        guard rows > 0, inputs > 0, outputs > 0 else { throw node.problem("a product of nothing") }
        var step = ONNXStep(
            name: node.name,
            kind: rows == 1 ? .fullyConnected : .convolution(Window(side: 1), groups: 1),
            input: FeatureShape(height: rows, width: 1, channels: inputs),
            output: FeatureShape(height: rows, width: 1, channels: outputs))
        step.epilogue.hasBias = hasBias
        try append(step, of: node, output: 0)
    }

    /// Fuses the node into the step that writes its input, if that step supports it and nothing else reads that value.
    /// Returns whether it did.
    mutating func fuse(
        _ node: ONNXNode, into input: String, isOnlyReader: Bool? = nil, if takes: (ONNXStep) -> Bool,
        _ change: (inout ONNXStep) -> Void
    ) throws(FileError) -> Bool {
        guard let producer = producers[input], isOnlyReader ?? (consumers[input]?.count == 1), takes(steps[producer]),
            let value = values[input]
        else { return false }
        change(&steps[producer])
        try define(node, value)
        producers[node.proto.output[0]] = producer
        return true
    }

    /// An activation of the value of that name.
    mutating func activate(
        _ node: ONNXNode, _ activation: Activation, of input: String, isOnlyReader: Bool? = nil
    ) throws(FileError) {
        guard let value = values[input] else {
            throw node.problem("reads \"\(input.named)\", which nothing before it writes")
        }
        if activation != .none,
            try fuse(
                node, into: input, isOnlyReader: isOnlyReader, if: { $0.canActivate },
                { $0.epilogue.activation = activation })
        {
            return
        }
        try launch(node, .activate, input: value, shape: value.shape) { $0.epilogue.activation = activation }
    }

    /// The same values under another name and perhaps another shape.
    mutating func view(_ node: ONNXNode, shape: [Int]) throws(FileError) {
        let input = try value(node, 0)
        var result = input
        result.shape = shape
        guard result.count == input.count else {
            throw node.problem("makes \(result.count) values of \(input.count)")
        }
        try define(node, result)
        // Later nodes may still be fused into the operator, but not if the shape changes: then the channels differ.
        if shape == input.shape, let producer = producers[node.proto.input[0]],
            consumers[node.proto.input[0]]?.count == 1
        {
            producers[node.proto.output[0]] = producer
        }
    }

    /// An unknown node: all its inputs and outputs count as memory traffic.
    mutating func launchUnknown(_ node: ONNXNode) throws(FileError) {
        let inputs = node.proto.input.compactMap { values[$0] }.filter { !$0.isConstant }
        if inputs.isEmpty, let constant = node.proto.input.compactMap({ values[$0] }).first {
            // A runtime computes values that follow from constants once, and launches nothing for them.
            for index in node.proto.output.indices {
                try define(node, ONNXValue(shape: constant.shape, numbers: nil, isIntegral: false), output: index)
            }
            return
        }
        var isGuess = false
        for (index, name) in node.proto.output.enumerated() where !name.isEmpty {
            let shape: [Int]
            if let given = givenShapes[name], let sides = try? sides(of: given, place: node.place) {
                shape = sides
            } else if let first = inputs.first {
                shape = first.shape
                isGuess = true
            } else {
                throw node.problem("this operator is not known, and the file gives no shape for its output")
            }
            try launch(node, .memoryMove, input: inputs.first ?? ONNXValue(shape: shape), shape: shape, output: index)
        }
        if unknown[node.kind] == nil { unknownKinds.append(node.kind) }
        unknown[node.kind, default: []].append((node.name, isGuess))
    }
}
