import Files

/// The operators that a model defines by other nodes, and the nodes that stand for a call of one.
struct ONNXFunctions {
    private let functions: [String: ONNXFunctionProto]

    init(_ functions: [ONNXFunctionProto]) {
        self.functions = Dictionary(functions.map { ("\($0.domain).\($0.name)", $0) }) { first, _ in first }
    }

    /// The nodes of a call; nil for an operator that the model does not define.
    ///
    /// - Parameter prefix: of the names of values that only this call has.
    func nodes(of call: ONNXNodeProto, prefix: String) -> [ONNXNodeProto]? {
        guard let function = functions["\(call.domain).\(call.opType)"] else { return nil }
        var names: [String: String] = [:]
        for (index, name) in function.input.enumerated() {
            names[name] = index < call.input.count ? call.input[index] : ""
        }
        for (index, name) in function.output.enumerated() where index < call.output.count && !call.output[index].isEmpty {
            names[name] = call.output[index]
        }
        var attributes: [String: ONNXAttributeProto] = [:]
        for attribute in function.attributeProto + call.attribute { attributes[attribute.name] = attribute }
        return Self.renamed(function.node, names, attributes, prefix)
    }

    private static func renamed(
        _ nodes: [ONNXNodeProto], _ names: [String: String], _ attributes: [String: ONNXAttributeProto], _ prefix: String
    ) -> [ONNXNodeProto] {
        func name(_ old: String) -> String { old.isEmpty ? "" : names[old] ?? prefix + old }
        return nodes.map { node in
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
                if attribute.hasG {
                    attribute.g.node = renamed(attribute.g.node, names, attributes, prefix)
                    attribute.g.output = attribute.g.output.map { output in
                        var output = output
                        output.name = name(output.name)
                        return output
                    }
                }
                return attribute
            }
            return node
        }
    }
}
