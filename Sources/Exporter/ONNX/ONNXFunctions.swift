import Files

/// The operators that a model defines by other nodes, and the nodes that stand for a call of one.
struct ONNXFunctions {
    private let functions: [String: ONNXFunctionProto]

    init(_ functions: [ONNXFunctionProto]) {
        self.functions = Dictionary(functions.map { ("\($0.domain).\($0.name).\($0.overload)", $0) }) { first, _ in first }
    }

    /// The nodes of a call; nil for an operator that the model does not define.
    ///
    /// - Parameter prefix: of the names of values that only this call has.
    func nodes(of call: ONNXNodeProto, prefix: String) -> [ONNXNodeProto]? {
        guard let function = functions["\(call.domain).\(call.opType).\(call.overload)"] else { return nil }
        var names: [String: String] = [:]
        for (index, name) in function.input.enumerated() {
            names[name] = index < call.input.count ? call.input[index] : ""
        }
        for (index, name) in function.output.enumerated() where index < call.output.count && !call.output[index].isEmpty {
            names[name] = call.output[index]
        }
        var attributes: [String: ONNXAttributeProto] = [:]
        for attribute in function.attributeProto + call.attribute { attributes[attribute.name] = attribute }
        return Self.renamed(function.node, attributes, prefix) { old in
            old.isEmpty ? "" : names[old] ?? prefix + old
        }
    }

    /// A branch, or the body of a loop for one of its passes: the names that it writes are its own, all others stay.
    ///
    /// - Parameters:
    ///   - prefix: of the names of values that only this branch or pass has.
    ///   - bound: the names of the values that the inputs of the body stand for.
    static func pass(of body: ONNXGraphProto, prefix: String, bound: [String: String] = [:]) -> ONNXGraphProto {
        var names = bound
        for name in written(in: body) where names[name] == nil && !name.isEmpty { names[name] = prefix + name }
        return renamed(body, [:], prefix) { names[$0] ?? $0 }
    }

    /// How many nodes and weights a graph and the graphs within it have, and one.
    static func size(of graph: ONNXGraphProto) -> Int {
        1 + graph.weightNames.count
            + graph.node.reduce(0) { sum, node in
                node.attribute.filter(\.hasG).reduce(sum + 1) { $0 + size(of: $1.g) }
            }
    }

    /// The names that a graph and the graphs within it write.
    private static func written(in graph: ONNXGraphProto) -> [String] {
        graph.weightNames + graph.input.map(\.name)
            + graph.node.flatMap { node in node.output + node.attribute.filter(\.hasG).flatMap { written(in: $0.g) } }
    }

    /// The names that a graph reads and that are written outside of it.
    static func captured(by graph: ONNXGraphProto) -> [String] {
        let own = Set(written(in: graph))
        return Set(read(in: graph)).subtracting(own).filter { !$0.isEmpty }.sorted()
    }

    /// The names that a graph and the graphs within it read, and those that they answer.
    static func read(in graph: ONNXGraphProto) -> [String] {
        graph.node.flatMap { node in node.input + node.attribute.filter(\.hasG).flatMap { read(in: $0.g) } }
            + graph.output.map(\.name)
    }

    /// A graph within a node, with other names.
    private static func renamed(
        _ graph: ONNXGraphProto, _ attributes: [String: ONNXAttributeProto], _ prefix: String, _ name: (String) -> String
    ) -> ONNXGraphProto {
        func renamed(_ values: [ONNXValueInfoProto]) -> [ONNXValueInfoProto] {
            values.map { value in
                var value = value
                value.name = name(value.name)
                return value
            }
        }
        var graph = graph
        graph.node = self.renamed(graph.node, attributes, prefix, name)
        graph.initializer = graph.initializer.map { tensor in
            var tensor = tensor
            tensor.name = name(tensor.name)
            return tensor
        }
        graph.sparseInitializer = graph.sparseInitializer.map { tensor in
            var tensor = tensor
            tensor.values.name = name(tensor.values.name)
            return tensor
        }
        (graph.input, graph.output) = (renamed(graph.input), renamed(graph.output))
        graph.valueInfo = renamed(graph.valueInfo)
        return graph
    }

    private static func renamed(
        _ nodes: [ONNXNodeProto], _ attributes: [String: ONNXAttributeProto], _ prefix: String, _ name: (String) -> String
    ) -> [ONNXNodeProto] {
        nodes.map { node in
            var node = node
            node.input = node.input.map(name)
            node.output = node.output.map(name)
            node.name = prefix + (node.name.isEmpty ? node.opType : node.name)
            node.attribute = node.attribute.compactMap { attribute in
                var attribute = attribute
                if !attribute.refAttrName.isEmpty {
                    guard var given = attributes[attribute.refAttrName] else { return nil }
                    given.name = attribute.name
                    return given
                }
                if attribute.hasG { attribute.g = renamed(attribute.g, attributes, prefix, name) }
                return attribute
            }
            return node
        }
    }
}

extension ONNXGraphProto {
    /// The names of its weights.
    var weightNames: [String] { initializer.map(\.name) + sparseInitializer.map(\.values.name) }
}
