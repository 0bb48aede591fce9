import Architectures
import Files

/// The operators of a network in the order in which they run, as a file: what networks are known by that were measured on
/// many devices, whatever their graph.
public struct OperatorList: Hashable, Sendable {
    public static let schema = "onepath.operators/1"

    public let name: String
    public let source: String
    public let operators: [Operator]

    /// Reads the list at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        self = try JSONNode(contentsOf: path, what: "list of operators").object { fields in
            try fields.schema(Self.schema)
            return OperatorList(
                name: try fields.node("name").text(), source: try fields.node("source").text(),
                operators: try fields.array("operators") { try $0.object { try Self.step(&$0) } })
        }
    }

    public init(name: String, source: String, operators: [Operator]) {
        self.name = name
        self.source = source
        self.operators = operators
    }

    /// The network as an estimate prices it, a layer for each operator.
    public var network: Network {
        let first = operators.first?.input ?? FeatureShape(height: 1, width: 1, channels: 1)
        return Network(
            name: name, input: first, classes: operators.last?.output.channels ?? 1,
            operators: operators.enumerated().map { ("\($0.offset + 1)", $0.element) })
    }

    public var json: JSON {
        [
            "schema": .string(Self.schema), "name": .string(name), "source": .string(source),
            "operators": .array(operators.map(Self.json)),
        ]
    }

    private static let kinds = Operator.Kind.allCases.filter { $0 != .normalize }

    private static func step(_ fields: inout JSONFields) throws -> Operator {
        func shape(_ key: String, _ fields: inout JSONFields) throws -> FeatureShape {
            let node = try fields.node(key)
            let sides = try node.array { try $0.integer(in: 1...1_048_576) }
            if sides.count != 3 { throw node.mismatch(expected: "a height, a width and channels") }
            return FeatureShape(height: sides[0], width: sides[1], channels: sides[2])
        }
        let kindNode = try fields.node("operator")
        let kind = try kindNode.option(of: Operator.Kind.self)
        let side = try fields.optionalNode("kernel")?.integer(in: 1...1024) ?? 1
        let stride = try fields.optionalNode("stride")?.integer(in: 1...1024) ?? 1
        let groupsNode = fields.optionalNode("groups")
        let groups = try groupsNode?.integer(in: 1...1_048_576) ?? 1
        let activation = try fields.optionalNode("activation")?.option(of: Activation.self) ?? .none
        let input = try shape("input", &fields), output = try shape("output", &fields)
        let window = Window(side: side, stride: stride)
        let epilogue = Operator.Epilogue(hasBias: true, activation: activation)
        switch kind {
        case .convolution, .depthwiseConvolution, .groupedConvolution:
            if input.channels % groups != 0 || output.channels % groups != 0 {
                throw (groupsNode ?? kindNode).mismatch(expected: "a number that divides the channels")
            }
            return .convolution(window: window, groups: groups, input: input, output: output, epilogue: epilogue)
        case .fullyConnected:
            return .fullyConnected(
                inputChannels: input.count, outputChannels: output.channels, epilogue: epilogue)
        case .globalAveragePool: return .globalAveragePool(input: input)
        case .maxPool: return .maxPool(window: window, input: input, output: output)
        case .averagePool: return .averagePool(window: window, input: input, output: output)
        case .add: return .add(output, activation: activation)
        case .multiply: return .multiply(output, activation: activation)
        case .elementwise: return .elementwise(output, otherCount: output.count, activation: activation)
        case .concatenate: return .concatenate(output: output)
        case .activate: return .activate(output, activation)
        case .memoryMove: return .memoryMove(input: input, output: output)
        case .normalize, .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize, .function,
            .convert:
            throw kindNode.mismatch(expected: "an operator of a convolutional network whose batch normalisation was folded")
        }
    }

    private static func json(_ step: Operator) -> JSON {
        func sides(_ shape: FeatureShape) -> JSON {
            [.integer(shape.height), .integer(shape.width), .integer(shape.channels)]
        }
        var members: [JSON.Member] = [.init(key: "operator", value: .string(step.kind.rawValue))]
        if step.window != Window(side: 1) {
            members += [.init(key: "kernel", value: .integer(step.kernel)), .init(key: "stride", value: .integer(step.stride))]
        }
        let groups = step.kind == .depthwiseConvolution ? step.output.channels : step.groups
        if groups > 1 { members.append(.init(key: "groups", value: .integer(groups))) }
        if step.activation != .none { members.append(.init(key: "activation", value: .string(step.activation.rawValue))) }
        return .object(members + [
            .init(key: "input", value: sides(step.input)), .init(key: "output", value: sides(step.output)),
        ])
    }
}
