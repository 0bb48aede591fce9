import Benchmarks
import HardwareProfiles
import Runs
import TestSupport
import Testing

@Suite("Comparison of searched networks with others")
struct QualityComparisonTests {
    @Test("finds networks of the latency, and keeps every result")
    func kept() throws {
        let directory = try TemporaryDirectory()
        let space = try SmallRuns.space()
        let model = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
        let range = model.latencyTable(of: space).range
        let latency = range.lowerBound + 0.5 * (range.upperBound - range.lowerBound)
        var log: [String] = []
        func compare() throws -> (target: QualityComparison.Target, rank: QualityComparison.Rank) {
            var training = SmallRuns.trainingConfiguration()
            training.epochs = 1
            let comparison = try QualityComparison(
                SearchTask(
                    space: space, costModel: model, trainingImages: SmallRuns.images(167, seed: 1),
                    testImages: SmallRuns.images(60, seed: 2)),
                search: SmallRuns.searchConfiguration(), training: training, trainings: 2, path: directory.path
            ) { log.append($0) }
            let target = try comparison.compare(target: latency, random: 4, seeds: 2)
            return (target, try #require(try comparison.rank(of: target)))
        }
        let first = try compare()
        #expect(first.target.groups.map(\.kind) == [.searched, .random, .uniform])
        for group in first.target.groups {
            #expect(group.networks.count == group.results.count)
            #expect(group.results.allSatisfy { $0.count == 2 * 60 }, "of two trainings together")
            for network in group.networks {
                let load = model.estimate(network.network).latencyMs / latency
                #expect(group.kind == .searched ? load <= 1 && load >= 0.99 : abs(load - 1) <= 0.03)
            }
        }
        #expect(first.target.groups[0].networks.count == 2 && first.target.groups[1].networks.count == 4)
        #expect(first.rank.alone == first.target.groups[1].results && first.rank.inherited.count == 4)
        let random = first.target.groups[1].results.map(\.accuracy)
        #expect(first.target.shareOfRandom { $0.accuracy <= random.max()! } == 1)
        #expect(first.target.shareOfRandom { $0.accuracy < random.min()! } == 0)

        #expect(log.count { $0.hasPrefix("warm-up") } == 4, "one for each search, and two to inherit from")
        log = []
        let again = try compare()
        #expect(again.target.groups.map(\.results) == first.target.groups.map(\.results))
        #expect(again.rank.inherited == first.rank.inherited)
        #expect(log == [], "nothing is computed twice")
    }
}
