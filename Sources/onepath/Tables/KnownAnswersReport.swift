import Benchmarks
import Datasets
import Exporter
import Files

/// What searches found of networks whose accuracy is known.
struct KnownAnswersReport {
    /// Searches at one budget.
    private struct Row {
        let macs: Double
        let budget: KnownAnswers.Budget
        /// Whether candidates were ranked after the search phase.
        let isRanked: Bool
        let found: [KnownAnswersComparison.Found]

        var accuracies: [Double] { found.map { (isRanked ? $0.network : $0.decided).accuracy } }
        var percentiles: [Double] { accuracies.map(budget.percentile) }
        var mean: Double { SampleMean(accuracies).mean }
        /// The part of the last steps of the search phase in which the selection changed.
        var changes: Double {
            let steps = found.reduce(0) { $0 + $1.steps }
            return Double(found.reduce(0) { $0 + $1.changes }) / Double(max(steps, 1))
        }
    }

    /// Networks with the loss that they inherit.
    private struct Rank {
        let name: String
        let count: Int
        /// Kendall's τ of loss and accuracy, positive where a small loss goes with a good accuracy.
        let tau: Double
        /// The same of the loss and the activations, a standard deviation of either alike.
        let creditedTau: Double
    }

    /// What the searches would have found if they had ended earlier, in the mean.
    private struct Moment {
        /// Of the time that each takes after its warm-up.
        let part: Double
        let seconds: Double
        let percentile: Double
        let regret: Double

        static let parts = [0.1, 0.25, 0.5, 0.75, 1]

        /// - Returns: nil where a search has no incumbent so early.
        init?(_ part: Double, of searches: [(budget: KnownAnswers.Budget, incumbents: [KnownAnswersComparison.Incumbent])]) {
            var seconds: [Double] = [], percentiles: [Double] = [], regrets: [Double] = []
            for (budget, incumbents) in searches {
                let end = part * (incumbents.last?.seconds ?? 0)
                guard let accuracy = incumbents.last(where: { $0.seconds <= end })?.network.accuracy else { return nil }
                seconds.append(end)
                percentiles.append(budget.percentile(of: accuracy))
                regrets.append(budget.best - accuracy)
            }
            guard !seconds.isEmpty else { return nil }
            self.part = part
            self.seconds = SampleMean(seconds).mean
            percentile = SampleMean(percentiles).mean
            regret = SampleMean(regrets).mean
        }
    }

    private var rows: [Row] = []
    private var ranks: [Rank] = []
    private var moments: [Moment] {
        let searches = rows.filter { !$0.isRanked }.flatMap { row in row.found.map { (row.budget, $0.incumbents) } }
        return Moment.parts.compactMap { Moment($0, of: searches) }
    }

    /// - Parameters:
    ///   - budgets: in multiply-accumulates; those that no known network fits are left out.
    ///   - comparesCandidates: whether a search ranks any; what the gradient decides is told besides.
    ///   - ranked: how many networks are ranked by their inherited loss, and the images for it.
    init(
        of known: KnownAnswers, comparison: KnownAnswersComparison, budgets: [Double], seeds: [UInt64],
        comparesCandidates: Bool, ranked: (count: Int, images: ImageDataset)
    ) throws {
        func rank(_ name: String, _ networks: [KnownAnswers.Network]) throws -> Rank {
            let losses = try comparison.inheritedLosses(of: networks, seed: seeds.first ?? 0, on: ranked.images)
            let accuracies = networks.map(\.accuracy)
            let credited = creditedLosses(losses, activations: networks.map { Double($0.activations) })
            return Rank(
                name: name, count: networks.count, tau: kendallTau(losses.map { -$0 }, accuracies),
                creditedTau: kendallTau(credited.map { -$0 }, accuracies))
        }
        if ranked.count > 1 {
            let count = min(ranked.count, known.networks.count)
            ranks.append(try rank("all", (0..<count).map { known.networks[$0 * known.networks.count / count] }))
        }
        for macs in budgets {
            guard let budget = known.budget(macs: macs) else { continue }
            if ranked.count > 1, budget.networks.count > 1 {
                ranks.append(try rank("\((macs / 1e6).fixed(0)) M", budget.networks))
            }
            guard !seeds.isEmpty else { continue }
            let found = try seeds.map { try comparison.found(macs: macs, seed: $0) }
            for isRanked in comparesCandidates ? [false, true] : [false] {
                rows.append(Row(macs: macs, budget: budget, isRanked: isRanked, found: found))
            }
        }
    }

    var text: String {
        var table = TextTable([
            ("budget", .left), ("networks", .left), ("accuracy %", .right), ("percentile", .right), ("lowest", .right),
            ("regret", .right), ("changes", .right),
        ])
        for row in rows {
            if !row.isRanked {
                table.add([
                    "\((row.macs / 1e6).fixed(0)) M", "all \(row.budget.networks.count)", row.budget.mean.fixed(2), "", "",
                    (row.budget.best - row.budget.mean).fixed(2), "",
                ])
                for (name, network) in [
                    ("fewest parameters", row.budget.fewestParameters), ("most MACs", row.budget.mostMACs),
                    ("most activations", row.budget.mostActivations),
                ] {
                    table.add([
                        "", name, network.accuracy.fixed(2), (100 * row.budget.percentile(of: network.accuracy)).fixed(0), "",
                        (row.budget.best - network.accuracy).fixed(2), "",
                    ])
                }
            }
            table.add([
                "", "found by \(row.isRanked ? "ranking" : "gradient")", row.mean.fixed(2),
                (100 * SampleMean(row.percentiles).mean).fixed(0), (100 * (row.percentiles.min() ?? 0)).fixed(0),
                (row.budget.best - row.mean).fixed(2), "\((100 * row.changes).fixed(0)) %",
            ])
        }
        let sentence = [
            ("The inherited loss ranks", \Rank.tau), ("The loss and the number of activations together rank", \Rank.creditedTau),
        ].map { what, tau in
            let others = ranks.dropFirst().map { "\($0[keyPath: tau].knownText) at \($0.name)" }.joined(separator: ", ")
            return ranks.first.map {
                "\(what) \($0.count) networks of the space with Kendall's τ = \($0[keyPath: tau].knownText)"
                    + (others.isEmpty ? "." : "; those of a budget with \(others).")
            } ?? ""
        }.filter { !$0.isEmpty }.joined(separator: " ")
        let tables = rows.isEmpty ? "" : table.text + "\n" + momentsText
        return tables + (sentence.isEmpty ? "" : sentence.wrapped(columns: TextTable.columns) + "\n")
    }

    private var momentsText: String {
        var table = TextTable([("part", .right), ("time", .right), ("percentile", .right), ("regret", .right)])
        for moment in moments {
            table.add([
                "\((100 * moment.part).fixed(0)) %", moment.seconds.clock, (100 * moment.percentile).fixed(0), moment.regret.fixed(2),
            ])
        }
        let title = "What the searches would have found, in the mean, after a part of the time that follows the warm-up:"
        return title.wrapped(columns: TextTable.columns) + "\n\n" + table.text + "\n"
    }

    var json: JSON {
        [
            "budgets": .array(rows.map { row in
                [
                    "macs": .number(row.macs), "networks": .integer(row.budget.networks.count),
                    "mean": .number(row.budget.mean), "best": .number(row.budget.best),
                    "percentile_95": .number(row.budget.accuracy(atPercentile: 0.95)), "ranked": .bool(row.isRanked),
                    "fewest_parameters": .number(row.budget.fewestParameters.accuracy),
                    "most_activations": .number(row.budget.mostActivations.accuracy),
                    "found": .array(row.accuracies.map(JSON.number)),
                    "percentiles": .array(row.percentiles.map(JSON.number)), "changes": .number(row.changes),
                ]
            }),
            "anytime": .array(moments.map { moment in
                [
                    "part": .number(moment.part), "seconds": .number(moment.seconds), "percentile": .number(moment.percentile),
                    "regret": .number(moment.regret),
                ]
            }),
            "ranks": .array(ranks.map { rank in
                [
                    "networks": .string(rank.name), "count": .integer(rank.count), "tau": .known(rank.tau),
                    "tau_with_activations": .known(rank.creditedTau),
                ]
            }),
        ]
    }
}
