import Architectures

extension Architecture {
    /// The network layer by layer, for people, at most `TextTable.columns` wide.
    var text: String {
        var facts = TextTable([("", .left), ("", .cut)], titled: false)
        facts.add(["architecture", name])
        facts.add(["space", space ?? "none: given by hand"])
        facts.add(["input", input.description])
        facts.add(["classes", classes.grouped])
        var table = TextTable([
            ("layer", .cut), ("choice", .cut), ("output", .left), ("activation", .left), ("MACs", .right),
            ("parameters", .right),
        ])
        let network = network
        for layer in network.layers {
            table.add([
                layer.name, layer.choice, layer.output.description, layer.activation, layer.macs.grouped,
                layer.parameters.grouped,
            ])
        }
        table.addRule()
        table.add(["total", "", "", "", network.macs.grouped, network.parameters.grouped])
        return facts.text + "\n" + table.text
    }
}

extension Network.Layer {
    /// Of a block, that of its hidden channels; of operators, the first that there is.
    fileprivate var activation: String {
        if case .block(let block) = content { return block.activation.rawValue }
        return operators.first { $0.activation != .none }?.activation.rawValue ?? ""
    }
}
