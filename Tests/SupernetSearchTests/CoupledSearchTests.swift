import Architectures
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Searches of kernel and expansion together")
struct CoupledSearchTests {
    private static let costModel = Result {
        CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
    }

    private func search(_ change: (inout SearchConfiguration) -> Void = { _ in }) throws -> Search {
        var configuration = SmallRuns.searchConfiguration()
        change(&configuration)
        return try Search(
            space: CoupledSpaces.small(), costModel: Self.costModel.get(), trainingImages: SmallRuns.images(185, seed: 1),
            configuration: configuration)
    }

    @Test("end with a network of the space, whose estimate is the runtime term")
    func ends() throws {
        let search = try search(), space = search.supernet.space, model = try Self.costModel.get()
        var log: [SearchStep] = []
        try search.run { log.append($0) }
        #expect(log.count == search.steps && search.isFound)
        let found = search.supernet.derivedArchitecture(name: "found")
        #expect(try space.choices(of: found) == search.supernet.choices)
        let estimate = model.estimate(found.network).latencyMs
        #expect(abs(search.supernet.runtimeMs - estimate) <= 1e-9 * estimate)
        #expect(abs(log[39].runtimeMs - estimate) <= 1e-9 * estimate)
        let names = space.searchableLayers.map { Set($0.choices.compactMap($0.size)) }
        #expect(names[0] == [BlockSize(kernel: 3, expansion: 3), BlockSize(kernel: 5, expansion: 6)])
        let line = log[39].json(layers: space.searchableLayers)
        #expect(line["indicators"]?["stage2.2"]?["block_3x3_e1"] != nil)
        #expect(line["indicators"]?["stage2.2"]?["block_3x3_e3"] != nil)
        #expect(line["indicators"]?["stage2.2"]?["block_5x5_e6"] != nil)
        #expect(line["indicators"]?["stage2.1"]?["block_3x3_e1"] == nil, "a layer that may not be skipped")

        // The network computes what the supernet does.
        let images = SmallRuns.images(60, seed: 2)
        let own = try search.foundNetwork(name: "found").evaluate(images, statistics: search.statistics)
        let supernet = try search.evaluate(images)
        #expect(abs(own.crossEntropy - supernet.crossEntropy) < 1e-4 && abs(own.correct - supernet.correct) <= 1)
    }

    @Test("keep their targets")
    func targets() throws {
        let model = try Self.costModel.get()
        let range = model.latencyTable(of: try CoupledSpaces.small()).range
        let limit = range.lowerBound + 0.5 * (range.upperBound - range.lowerBound)
        let search = try search { $0.targets = [CostTarget(.latency, atMost: limit)] }
        try search.run()
        let cost = model.estimate(search.supernet.derivedArchitecture(name: "found").network).latencyMs
        #expect(cost <= limit, "\(cost) of \(limit)")
    }

    @Test("come to the same bits, wherever they stop")
    func resumed() throws {
        #expect(try differencesWithStops(after: [1, 24, 25, 30, 35, 36, 40]) { try search() } == [])
    }

    @Test("cost at indicators of 0 and 1 what the derived architecture does", arguments: CostQuantity.allCases)
    func costs(quantity: CostQuantity) throws {
        let space = try CoupledSpaces.tiny(), model = try Self.costModel.get()
        let costs = try #require(model.costTable(of: space, in: quantity))
        let term = CostTerm(costs, layers: space.searchableLayers)
        var different: Set<Double> = []
        for architecture in space.randomArchitectures(200, seed: 3) {
            let choices = try space.choices(of: architecture)
            let indicators = zip(space.searchableLayers, choices).map { LayerIndicators($1, in: $0) }
            let estimate = try #require(model.estimate(architecture.network).value(of: quantity))
            #expect(abs(term.value(of: indicators) - estimate) <= 1e-9 * estimate)
            #expect(abs(costs.value(of: choices) - estimate) <= 1e-9 * estimate)
            different.insert(estimate)
        }
        #expect(different.count > 50, "one number for all proves nothing")
    }
}
