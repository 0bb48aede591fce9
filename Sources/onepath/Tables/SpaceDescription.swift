import Architectures
import Glibc

extension SearchSpace {
    /// What the space is, for people, at most `TextTable.columns` wide.
    var text: String {
        var facts = TextTable([("", .left), ("", .cut)], titled: false)
        facts.add(["space", name])
        facts.add(["input", input.description])
        facts.add(["stem", "\(stem.kernel)x\(stem.kernel), stride \(stem.stride), \(stem.outputChannels) channels"])
        facts.add(["head", "\(headChannels.grouped) channels"])
        facts.add(["classes", classes.grouped])
        facts.add(["searchable", "\(searchableLayers.count) layers"])
        facts.add(["networks", "about 10^\(decimalDigits.fixed(1))"])
        var extremes = TextTable([("network", .left), ("MACs", .right), ("parameters", .right)])
        for (name, architecture) in [("smallest", smallest), ("largest", largest)] {
            let network = architecture.network
            extremes.add([name, network.macs.grouped, network.parameters.grouped])
        }
        return facts.text + "\n" + stageTable + "\n" + extremes.text + "\n" + description.wrapped(columns: TextTable.columns)
            + "\n"
    }

    /// How many networks the space has, as an exponent of ten.
    private var decimalDigits: Double { searchableLayers.reduce(0) { $0 + log10(Double($1.choices.count)) } }

    private var stageTable: String {
        var table = TextTable([
            ("stage", .left), ("layers", .right), ("channels", .right), ("stride", .right), ("axes", .cut),
            ("choices", .left),
        ])
        for stage in stages {
            let (axes, choices) = switch stage.content {
            case .fixed(let kernel, let expansion): ("fixed \(kernel)x\(kernel) e\(expansion)", "1")
            case .searchable(let axes): (axes.map(\.text).joined(separator: "; "), choiceCounts(of: stage))
            }
            table.add([
                stage.name, "\(stage.layers)", stage.outputChannels.grouped, "\(stage.stride)", axes, choices,
            ])
        }
        return table.text
    }

    /// "4, then 5": the first layer of a stage cannot be skipped where it changes the shape.
    private func choiceCounts(of stage: Stage) -> String {
        let counts = searchableLayers.filter { $0.name.hasPrefix(stage.name + ".") }.map(\.choices.count)
        guard let first = counts.first else { return "" }
        guard let other = counts.first(where: { $0 != first }) else { return "\(first)" }
        return "\(first), then \(other)"
    }
}

extension ChoiceAxis {
    /// Its options, for people: "3x3, 5x5", "e3, e6".
    fileprivate var text: String {
        switch self {
        case .kernel(let sizes): sizes.map { "\($0)x\($0)" }.joined(separator: ", ")
        case .skip: "skip"
        case .expansion(let ratios): ratios.map { "e\($0)" }.joined(separator: ", ")
        case .block(let sizes): sizes.map(\.description).joined(separator: ", ")
        }
    }
}
