import Exporter
import JSONDocuments
import SupernetSearch

/// What a comparison of searched networks with others came to.
struct QualityReport {
    var targets: [QualityComparison.Target] = []
    var rank: QualityComparison.Rank?

    var text: String {
        var table = TextTable([
            ("target", .left), ("networks", .left), ("count", .right), ("mean %", .right), ("95 %", .right),
            ("best %", .right), ("random below", .right),
        ])
        for target in targets {
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
        let sentence = rank.map {
            "\nThe accuracy inherited from a warm-up ranks \($0.alone.count) random networks like their own training "
                + "with Kendall's τ = \($0.tau.fixed(2)).\n"
        }
        return table.text + (sentence ?? "")
    }

    var json: JSON {
        [
            "schema": "onepath.search-quality/1",
            "targets": .array(targets.map { target in
                [
                    "latency_ms": .number(target.latencyMs),
                    "groups": .array(target.groups.map { group in
                        [
                            "networks": .string(group.kind.rawValue),
                            "accuracies": .array(group.accuracies.map(JSON.number)),
                        ]
                    }),
                ]
            }),
            "rank": rank.map { rank in
                [
                    "inherited": .array(rank.inherited.map(JSON.number)),
                    "alone": .array(rank.alone.map(JSON.number)), "kendall_tau": .number(rank.tau),
                ]
            } ?? .null,
        ]
    }
}
