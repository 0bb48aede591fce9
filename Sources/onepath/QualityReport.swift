import Exporter
import JSONDocuments
import SupernetSearch

/// What a comparison of searched networks with others came to.
struct QualityReport {
    var targets: [(target: QualityComparison.Target, rank: QualityComparison.Rank?)] = []

    var text: String {
        var table = TextTable([
            ("target", .left), ("networks", .left), ("count", .right), ("mean %", .right), ("95 %", .right),
            ("best %", .right), ("random below", .right),
        ])
        for (target, _) in targets {
            for group in target.groups where !group.accuracies.isEmpty {
                let sample = SampleMean(group.accuracies.map { 100 * $0 })
                table.add([
                    group.kind == .searched ? "\(target.latencyMs) ms" : "", group.kind.rawValue,
                    "\(group.accuracies.count)", sample.mean.fixed(2),
                    sample.halfWidth.map { "± " + $0.fixed(2) } ?? "", (100 * (group.accuracies.max() ?? 0)).fixed(2),
                    group.kind == .random ? "" : "\((100 * target.shareOfRandom(below: sample.mean / 100)).fixed(0)) %",
                ])
            }
        }
        let ranks = targets.compactMap(\.rank)
        guard !ranks.isEmpty else { return table.text }
        let all = kendallTau(ranks.flatMap(\.inherited), ranks.flatMap(\.alone))
        let sentence = """
            The accuracy inherited from a warm-up ranks \(ranks.reduce(0) { $0 + $1.alone.count }) random networks like \
            their own training with Kendall's τ = \(all.fixed(2)); those of each target with \
            \(ranks.map { $0.tau.fixed(2) }.joined(separator: ", ")).
            """
        return table.text + "\n" + sentence.wrapped(columns: 80) + "\n"
    }

    var json: JSON {
        [
            "schema": "onepath.search-quality/1",
            "targets": .array(targets.map { target, rank in
                [
                    "latency_ms": .number(target.latencyMs),
                    "groups": .array(target.groups.map { group in
                        [
                            "networks": .string(group.kind.rawValue),
                            "architectures": .array(group.networks.map { network in
                                .array(network.choices.map { .string($0.description) })
                            }),
                            "accuracies": .array(group.accuracies.map(JSON.number)),
                        ]
                    }),
                    "rank": rank.map { rank in
                        ["inherited": .array(rank.inherited.map(JSON.number)), "kendall_tau": .number(rank.tau)]
                    } ?? .null,
                ]
            })
        ]
    }
}
