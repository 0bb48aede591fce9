import Benchmarks
import Exporter
import Files
import Training

/// What a comparison of searched networks with others came to.
struct QualityReport {
    var targets: [(target: QualityComparison.Target, rank: QualityComparison.Rank?)] = []

    var text: String {
        var table = TextTable([
            ("target", .left), ("networks", .left), ("count", .right), ("mean %", .right), ("95 %", .right),
            ("best %", .right), ("loss", .right), ("random below", .right), ("by loss", .right),
        ])
        for (target, _) in targets {
            for group in target.groups where !group.results.isEmpty {
                let accuracies = group.results.map { 100 * $0.accuracy }, sample = SampleMean(accuracies)
                let loss = SampleMean(group.results.map(\.crossEntropy)).mean
                func share(_ holds: (Evaluation) -> Bool) -> String {
                    guard group.kind != .random, let share = target.shareOfRandom(where: holds) else { return "" }
                    return "\((100 * share).fixed(0)) %"
                }
                table.add([
                    group.kind == .searched ? "\(target.latencyMs) ms" : "", group.kind.rawValue,
                    "\(accuracies.count)", sample.mean.fixed(2), sample.halfWidth.map { "± " + $0.fixed(2) } ?? "",
                    (accuracies.max() ?? 0).fixed(2), loss.fixed(4), share { 100 * $0.accuracy < sample.mean },
                    share { $0.crossEntropy > loss },
                ])
            }
        }
        let ranks = targets.compactMap(\.rank)
        guard !ranks.isEmpty else { return table.text }
        let all = QualityComparison.Rank(
            inherited: ranks.flatMap(\.inherited), alone: ranks.flatMap(\.alone), activations: ranks.flatMap(\.activations))
        let sentence = """
            The accuracy inherited from a warm-up ranks \(ranks.reduce(0) { $0 + $1.alone.count }) random networks like \
            their own training with Kendall's τ = \(all.tau.knownText); those of each target with \
            \(ranks.map { $0.tau.knownText }.joined(separator: ", ")). By loss it is \(all.lossTau.knownText); \
            \(ranks.map { $0.lossTau.knownText }.joined(separator: ", ")). By loss and activations it is \
            \(all.creditedTau.knownText); \(ranks.map { $0.creditedTau.knownText }.joined(separator: ", ")).
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
                                .array(network.choices.map(JSON.string))
                            }),
                            "accuracies": .array(group.results.map { .number($0.accuracy) }),
                            "losses": .array(group.results.map { .number($0.crossEntropy) }),
                        ]
                    }),
                    "rank": rank.map { rank in
                        [
                            "inherited": .array(rank.inherited.map { .number($0.accuracy) }),
                            "inherited_losses": .array(rank.inherited.map { .number($0.crossEntropy) }),
                            "kendall_tau": .known(rank.tau), "kendall_tau_of_losses": .known(rank.lossTau),
                            "kendall_tau_with_activations": .known(rank.creditedTau),
                        ]
                    } ?? .null,
                ]
            })
        ]
    }
}
