import Architectures
import Benchmarks
import Files
import Foundation
import HardwareProfiles
import Runs
import SupernetSearch
import Testing
import TestSupport

@Suite("Searches beside known answers")
struct KnownAnswersComparisonTests {
    /// A table of all networks of a small space, with accuracies made up for it.
    private func table(of space: SearchSpace, in directory: TemporaryDirectory) throws -> KnownAnswers {
        let layers = space.searchableLayers
        var rows = ["layers,macs,parameters,accuracy_1"]
        for first in layers[0].choices.indices {
            for second in layers[1].choices.indices {
                let choices = [layers[0].choices[first], layers[1].choices[second]]
                let network = try space.architecture(name: "x", choices: choices).network.layers
                let macs = network.reduce(0) { $0 + $1.macs }
                rows.append("\(first + 1)\(second + 1),\(macs),\(network.reduce(0) { $0 + $1.parameters }),\(50 + first + 2 * second)")
            }
        }
        let path = directory.file("table.csv")
        try AtomicFile.write(Array((rows.joined(separator: "\n") + "\n").utf8), to: path)
        return try KnownAnswers(contentsOf: path, space: space)
    }

    private static func task(_ space: SearchSpace) throws -> SearchTask {
        SearchTask(
            space: space, costModel: CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))),
            trainingImages: SmallRuns.images(185, seed: 1), testImages: SmallRuns.images(60, seed: 2))
    }

    @Test("tell networks apart by every axis of a layer")
    func threeAxes() throws {
        let directory = try TemporaryDirectory(), space = try SmallRuns.space(), path = directory.file("table.csv")
        // The second layer may be skipped, and has a kernel and an expansion besides.
        let layers = space.searchableLayers
        #expect(layers[1].axes.count == 3)
        let sizes = layers[1].choices.compactMap { layers[1].size(of: $0) }
        let alike = sizes.indices.filter { sizes[$0].kernel == 3 }.map { $0 + 1 }
        #expect(alike.count == 2)
        try AtomicFile.write(
            Array(("layers,macs,parameters,accuracy_1\n" + alike.map { "1\($0)11,1,1,50\n" }.joined()).utf8), to: path)
        let known = try KnownAnswers(contentsOf: path, space: space)
        let task = try Self.task(space)
        let comparison = try KnownAnswersComparison(
            task, known: known, search: SmallRuns.searchConfiguration(), path: directory.file("results")) { _ in }
        let losses = try comparison.inheritedLosses(of: known.networks, seed: 3, on: SmallRuns.images(60, seed: 2))
        #expect(losses.count == 2 && losses[0] != losses[1])
    }

    @Test("find networks of the budget, rank them by inherited loss, and keep every result")
    func kept() throws {
        let directory = try TemporaryDirectory()
        let space = try SmallRuns.space(layers: 1)
        let known = try table(of: space, in: directory)
        #expect(known.networks.count == 16)
        let macs = known.networks.map { Double($0.macs) }.sorted()[9]
        let task = try Self.task(space)
        var log: [String] = []
        func compare() throws -> (found: [KnownAnswersComparison.Found], losses: [Double]) {
            let comparison = try KnownAnswersComparison(
                task, known: known, search: SmallRuns.searchConfiguration(), path: directory.file("results")) { log.append($0) }
            return (
                try [3, 4].map { try comparison.found(macs: macs, seed: $0) },
                try comparison.inheritedLosses(of: known.networks, seed: 3, on: SmallRuns.images(60, seed: 2))
            )
        }
        let first = try compare()
        for found in first.found {
            for network in [found.network, found.decided] {
                #expect(Double(network.macs) <= macs && Double(network.macs) >= 0.5 * macs)
            }
            #expect((0...found.steps).contains(found.changes) && found.steps > 0)
            let seconds = found.incumbents.map(\.seconds)
            #expect(found.incumbents.last?.network == found.network && (seconds.first ?? 0) > 0)
            #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(found.incumbents.contains { $0.network == found.decided })
            #expect(found.incumbents.allSatisfy { Double($0.network.macs) <= macs })
        }
        #expect(first.losses.count == 16 && first.losses.allSatisfy { $0.isFinite && $0 > 0 } && Set(first.losses).count > 8)
        #expect(log.count { $0.hasPrefix("warm-up") } == 2 && log.count == 4)

        log = []
        let again = try compare()
        #expect(again.found == first.found && again.losses == first.losses && log == [], "nothing is computed twice")

        // A warm-up that was stopped in the middle, and a search whose result was not written yet.
        let results = directory.file("results")
        for name in try FileManager.default.contentsOfDirectory(atPath: results) where name.hasSuffix(".json") && name != "config.json" {
            try FileManager.default.removeItem(atPath: "\(results)/\(name)")
        }
        var configuration = SmallRuns.searchConfiguration()
        configuration.seed = 3
        let half = try task.search(configuration)
        while half.step < half.warmUpSteps / 2 { _ = try half.next() }
        try half.checkpoint().write(to: "\(results)/warm-up-3.checkpoint")
        let resumed = try compare()
        // Only the times differ.
        for (one, other) in zip(resumed.found, first.found) {
            #expect(one.network == other.network && one.decided == other.decided && one.changes == other.changes)
            #expect(one.incumbents.map(\.network) == other.incumbents.map(\.network))
        }
        #expect(resumed.losses == first.losses)
        #expect(log.count { $0.hasPrefix("warm-up") } == 1 && log.count == 3, "only one of the two goes on")

        // A search that was stopped in the middle goes on with the time that it had spent, and begins anew where that is not
        // known.
        configuration.targets = [CostTarget(.macs, atMost: macs)]
        let stopped = try task.search(configuration)
        while stopped.step < stopped.warmUpSteps { _ = try stopped.next() }
        #expect(stopped.incumbent == nil)
        while stopped.step < stopped.warmUpSteps + 5 { _ = try stopped.next() }
        let incumbent = try #require(stopped.incumbent).map { "[\($0[0]), \($0[1])]" }.joined(separator: ", ")
        try stopped.checkpoint().write(to: "\(results)/macs-\(macs)-3.checkpoint")
        for (step, isKnown) in [(stopped.step, true), (stopped.step - 1, false)] {
            let points = #"{"seconds": 1000, "step": \#(step), "choices": [\#(incumbent)]}"#
            try AtomicFile.write(
                #"{"schema": "onepath.trajectory/1", "points": [\#(points)]}"#, to: "\(results)/macs-\(macs)-3.trajectory")
            try FileManager.default.removeItem(atPath: "\(results)/found-\(Int(macs))-3.json")
            let seconds = try compare().found[0].incumbents.map(\.seconds)
            #expect(isKnown ? seconds.first == 1000 && seconds.last! > 1000 : seconds.last! < 1000, "\(seconds)")
        }

        var other = SmallRuns.searchConfiguration()
        other.epochs = 5
        #expect {
            _ = try KnownAnswersComparison(task, known: known, search: other, path: directory.file("results")) { _ in }
        } throws: { "\($0)".contains("/search/epochs") }
    }
}
