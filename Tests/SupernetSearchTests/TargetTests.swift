import Architectures
import Datasets
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing
import Training

@Suite("Searches with targets", .serialized)
struct TargetTests {
    private static let costModel = Result {
        CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
    }

    private func search(
        _ targets: [CostTarget], examples: Int = 1280, epochs: Int = 2, candidates: Int = 1, activationWeight: Double = 1
    ) throws -> Search {
        var configuration = SearchConfiguration()
        configuration.activationWeight = activationWeight
        configuration.targets = targets
        configuration.epochs = epochs
        configuration.batch = 64
        configuration.threads = 2
        configuration.candidates = candidates
        return try Search(
            space: Spaces.quick(), costModel: Self.costModel.get(),
            trainingImages: FashionMNIST.training.prefix(examples), configuration: configuration)
    }

    @Test("at indicators of 0 and 1 every cost is that of the derived architecture", arguments: CostQuantity.allCases)
    func costs(quantity: CostQuantity) throws {
        let space = try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6]), model = try Self.costModel.get()
        let costs = try #require(model.costTable(of: space, in: quantity))
        let term = CostTerm(costs, layers: space.searchableLayers)
        var random = RandomSource(seed: 8), different: Set<Double> = []
        for _ in 0..<300 {
            let indicators = space.randomIndicators(&random)
            let choices = zip(space.searchableLayers, indicators).map { $1.choice($0.axisParts) }
            let network = try space.architecture(name: "random", choices: choices).network
            let estimate = try #require(model.estimate(network).value(of: quantity))
            #expect(abs(term.value(of: indicators) - estimate) <= 1e-9 * estimate)
            #expect(abs(costs.value(of: choices) - estimate) <= 1e-9 * estimate)
            #expect(costs.range.contains(estimate))
            different.insert(estimate)
        }
        #expect(different.count > 100, "one number for all proves nothing")
    }

    @Test("one short search ends within one percent below each target", arguments: CostQuantity.allCases)
    func reached(quantity: CostQuantity) throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let range = try #require(model.costTable(of: space, in: quantity)).range
        for share in [0.3, 0.7] {
            let limit = range.lowerBound + share * (range.upperBound - range.lowerBound)
            let search = try search([CostTarget(quantity, atMost: limit)], candidates: 5)
            try search.run()
            let found = search.supernet.derivedArchitecture(name: "found").network
            let cost = try #require(model.estimate(found).value(of: quantity))
            #expect(cost <= limit && cost >= 0.99 * limit, "\(cost) of \(limit)")
        }
    }

    @Test("decide for the most credited activations where these weigh far more than the loss", arguments: [1, 20])
    func activations(candidates: Int) throws {
        let model = try Self.costModel.get(), space = try Spaces.quick(), layers = space.searchableLayers
        let costs = try #require(model.costTable(of: space, in: .macs))
        let limit = costs.range.lowerBound + 0.5 * (costs.range.upperBound - costs.range.lowerBound)
        let credited = layers.creditedActivations(limits: [Constraint(target: CostTarget(.macs, atMost: limit), costs: costs)])
        func count(_ network: [LayerChoice]) -> Double { dot(layers.partsUsed(by: network), credited) }
        let networks = layers.reduce([[]]) { starts, layer in starts.flatMap { start in layer.choices.map { start + [$0] } } }
            .filter { (0.99 * limit...limit).contains(costs.value(of: $0)) }
        let most = try #require(networks.map(count).max()), fewest = try #require(networks.map(count).min())
        #expect(fewest < 0.9 * most, "the test means nothing where all are alike")
        let search = try search([CostTarget(.macs, atMost: limit)], candidates: candidates, activationWeight: 100)
        try search.run()
        #expect(count(search.supernet.choices) > 0.98 * most)
    }

    @Test("of several targets all are kept and one is reached")
    func several() throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let targets = try [(CostQuantity.latency, 0.5), (.memory, 0.8), (.macs, 0.6)].map { quantity, share in
            let range = try #require(model.costTable(of: space, in: quantity)).range
            return CostTarget(quantity, atMost: range.lowerBound + share * (range.upperBound - range.lowerBound))
        }
        let search = try search(targets, candidates: 5)
        try search.run()
        let found = model.estimate(search.supernet.derivedArchitecture(name: "found").network)
        let loads = try targets.map { try #require(found.value(of: $0.quantity)) / $0.limit }
        #expect(loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 0.99 }, "\(loads)")
    }

    @Test("λ brings the selection to the target in the search phase")
    func pulled() throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let range = try #require(model.costTable(of: space, in: .latency)).range
        let limit = range.lowerBound + 0.4 * (range.upperBound - range.lowerBound)
        let search = try search([CostTarget(.latency, atMost: limit)], examples: 12800, epochs: 4)
        var searched: [Double] = []
        try search.run { if $0.phase == .search { searched.append($0.runtimeMs) } }
        // The first half is the way there; then λ swings, and what is selected with it.
        let last = searched.suffix(searched.count / 2)
        let mean = last.reduce(0, +) / Double(last.count)
        #expect(abs(mean / limit - 1) < 0.15, "\(mean) of \(limit)")
    }

    @Test("a target below the smallest network is refused, with what networks cost")
    func refused() throws {
        let space = try Spaces.quick()
        let error = #expect(throws: TargetError.self) { try search([CostTarget(.latency, atMost: 0.001)]) }
        let range = try #require(Self.costModel.get().costTable(of: space, in: .latency)).range
        let text = error.map { "\($0)" } ?? ""
        let least = CostQuantity.latency.text(range.lowerBound, .up), most = CostQuantity.latency.text(range.upperBound, .down)
        #expect(
            text == "--target-latency: expected at least \(least), what the smallest network of quick costs, found "
                + "\(CostQuantity.latency.text(0.001)) (its networks cost from \(least) to \(most))")
        let single = TargetError.outOfRange(CostTarget(.latency, atMost: 1), space: "s", range: 1.40441...1.40441, device: nil)
        #expect("\(single)".hasSuffix("found 1.0 ms (its networks cost 1.405 ms)"), "\(single)")
        // What the sentence names can be.
        let words = least.split(separator: " ")
        _ = try search([CostTarget(.latency, atMost: try #require(Double(words[0])))])
        for limit in [range.lowerBound, range.upperBound, 1000] { _ = try search([CostTarget(.latency, atMost: limit)]) }
        #expect(throws: TargetError.self) { try search([CostTarget(.latency, atMost: range.lowerBound.nextDown)]) }
    }

    @Test("what the smallest network costs, on any device, can be kept; less cannot", arguments: [
        "pixel1", "pixel3a-tflite-2018", "pixel4-tflite-2018", "pixel6", "raspberrypi3b+", "raspberrypi5-tflite-2018",
    ])
    func smallest(device: String) throws {
        let model = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device(device)))
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            for quantity in CostQuantity.allCases {
                guard let least = model.costTable(of: space, in: quantity)?.range.lowerBound else { continue }
                try Search.check([CostTarget(quantity, atMost: least)], space: space, costModel: model)
                #expect(throws: TargetError.self) {
                    try Search.check([CostTarget(quantity, atMost: 0.999 * least)], space: space, costModel: model)
                }
            }
        }
    }

    @Test("a target that every network keeps, or none comes to within a percent, does not bind: a network is found that keeps it")
    func notBinding() throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let macs = try #require(model.costTable(of: space, in: .macs))
        var values = [macs.fixed.sum]
        for layer in macs.layers {
            values = Set(values.flatMap { value in layer.entries.map { value + $0.sum } }).sorted()
        }
        let gap = try #require(zip(values, values.dropFirst()).first { $1 > 1.03 * $0 })
        let inGap = CostTarget(.macs, atMost: 0.99 * gap.1)
        for targets in [
            [CostTarget(.latency, atMost: 1000)], [inGap], [CostTarget(.latency, atMost: 1000), CostTarget(.macs, atMost: 1e12)],
            [inGap, CostTarget(.latency, atMost: 1000)],
        ] {
            for candidates in [1, 5] {
                let search = try search(targets, candidates: candidates)
                try search.run()
                #expect(search.isFound && search.step == search.steps)
                let found = model.estimate(search.supernet.derivedArchitecture(name: "found").network)
                for target in targets { #expect(try #require(found.value(of: target.quantity)) <= target.limit, "\(targets)") }
            }
        }
        // The λ of a target that does not bind holds nothing back: with only a few steps everything is still in use.
        let free = try search([CostTarget(.latency, atMost: 1000)])
        try free.run()
        let largest = model.estimate(space.largest.network).latencyMs
        #expect(free.supernet.runtimeMs > 0.9 * largest, "\(free.supernet.runtimeMs) of \(largest)")
    }

    @Test("targets that no network keeps together are refused, with the proof")
    func together() throws {
        let model = try Self.costModel.get(), space = try OpposedCosts.space()
        let costs = OpposedCosts(space)
        func constraints(_ latency: Double, _ macs: Double) throws -> [Constraint] {
            try Constraint.constraints(
                [CostTarget(.latency, atMost: latency), CostTarget(.macs, atMost: macs)], space: space, costs: costs.table)
        }
        // Any network costs 6 in both together.
        #expect(try constraints(3.001, 3.101).allSatisfy(\.binds))
        #expect(try constraints(6, 6).count == 2)
        let error = #expect(throws: TargetError.self) { try constraints(2.9, 3) }
        guard case .unreachable(let targets, "opposed", let ranges, isProven: true)? = error else {
            Issue.record("expected a proof, found \(String(describing: error))")
            return
        }
        #expect(targets.map(\.limit) == [2.9, 3] && ranges.count == 2)
        let text = error.map { "\($0)" } ?? ""
        #expect(
            text.hasPrefix("--target-latency, --target-macs: no network of opposed keeps all of them; its networks cost from "),
            "\(text)")
        // Of a real device: the least latency and the least memory are those of the smallest network, so both can be kept.
        let smallest = model.estimate(try Spaces.quick().smallest.network)
        _ = try search([
            CostTarget(.latency, atMost: smallest.latencyMs * (1 + 1e-9)),
            CostTarget(.memory, atMost: Double(smallest.memory.peakBytes)),
        ])
        let quantity = #expect(throws: TargetError.self) {
            try Constraint.constraints([CostTarget(.energy, atMost: 1)], space: space) { _ in nil }
        }
        #expect(quantity.map { "\($0)" }?.hasPrefix("--target-energy: the device profile does not say") == true)
    }

    @Test("a search with targets resumes from a checkpoint bit by bit the same")
    func resumed() throws {
        let range = try #require(Self.costModel.get().costTable(of: Spaces.quick(), in: .latency)).range
        let target = CostTarget(.latency, atMost: 0.6 * range.upperBound)
        let whole = try search([target])
        var checkpoints: [Checkpoint] = []
        try whole.run { (step: SearchStep) in
            if step.phase != .warmUp, step.step % 4 == 0 { checkpoints.append(try whole.checkpoint()) }
        }
        for checkpoint in checkpoints {
            let rest = try search([target])
            try rest.restore(checkpoint)
            try rest.run()
            #expect(rest.supernet.indicators == whole.supernet.indicators)
            #expect(rest.decision == whole.decision)
            for (own, other) in zip(rest.supernet.parameters, whole.supernet.parameters) {
                #expect(own.value.bits == other.value.bits, "\(own.name) from step \(checkpoint.step)")
            }
        }
        #expect(checkpoints.count >= 3)
    }
}
