import Architectures

extension Architecture {
    /// The blocks in timm's order: stage by stage, without skipped layers.
    ///
    /// Layers whose names differ only in the number after the dot ("stage1.1", "stage1.2") are one stage.
    var timmStages: [[(name: String, block: Block)]] {
        var stages: [[(name: String, block: Block)]] = []
        var last: Substring?
        for layer in layers {
            guard case .block(let block) = layer.content else { continue }
            let stage = layer.name[..<(layer.name.lastIndex(of: ".") ?? layer.name.endIndex)]
            if stage == last {
                stages[stages.count - 1].append((layer.name, block))
            } else {
                stages.append([(layer.name, block)])
            }
            last = stage
        }
        return stages
    }
}
