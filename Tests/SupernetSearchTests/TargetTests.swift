import Architectures
import Datasets
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing

@Suite("Searches with targets", .serialized)
struct TargetTests {
    private static let images = Result { try ImageDataSource(named: "fashion-mnist") }
    private static let costModel = Result {
        CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
    }

    private func search(
        _ targets: [CostTarget], examples: Int = 1280, epochs: Int = 2, candidates: Int = 1
    ) throws -> Search {
        var configuration = SearchConfiguration()
        configuration.targets = targets
        configuration.epochs = epochs
        configuration.batch = 64
        configuration.threads = 2
        configuration.candidates = candidates
        return try Search(
            space: Spaces.quick(), costModel: Self.costModel.get(),
            training: Self.images.get().training.prefix(examples), configuration: configuration)
    }

    @Test("at indicators of 0 and 1 every cost is that of the derived architecture", arguments: CostQuantity.allCases)
    func costs(quantity: CostQuantity) throws {
        let space = try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6]), model = try Self.costModel.get()
        let costs = try #require(model.choiceCosts(of: space, in: quantity))
        let term = CostTerm(costs, space: space)
        var random = RandomSource(seed: 8), different: Set<Double> = []
        for _ in 0..<300 {
            let indicators = space.randomIndicators(&random)
            let choices = zip(space.searchableLayers, indicators).map { $1.choice(in: $0) }
            let network = try space.architecture(name: "random", choices: choices).network
            let estimate = try #require(model.estimate(network).value(of: quantity))
            #expect(abs(term.value(of: indicators) - estimate) <= 1e-9 * estimate)
            let indices = zip(space.searchableLayers, choices).map { $0.choices.firstIndex(of: $1)! }
            #expect(abs(costs.value(of: indices) - estimate) <= 1e-9 * estimate)
            #expect(costs.range.contains(estimate))
            different.insert(estimate)
        }
        #expect(different.count > 100, "one number for all proves nothing")
    }

    @Test("one short search ends within one percent below each target", arguments: CostQuantity.allCases)
    func reached(quantity: CostQuantity) throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let range = try #require(model.choiceCosts(of: space, in: quantity)).range
        for share in [0.3, 0.7] {
            let limit = range.lowerBound + share * (range.upperBound - range.lowerBound)
            let search = try search([CostTarget(quantity, atMost: limit)], candidates: 5)
            try search.run { _ in }
            let found = search.supernet.derivedArchitecture(name: "found").network
            let cost = try #require(model.estimate(found).value(of: quantity))
            #expect(cost <= limit && cost >= 0.99 * limit, "\(cost) of \(limit)")
        }
    }

    @Test("of several targets all are kept and one is reached")
    func several() throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let targets = try [(CostQuantity.latency, 0.5), (.memory, 0.8), (.macs, 0.6)].map { quantity, share in
            let range = try #require(model.choiceCosts(of: space, in: quantity)).range
            return CostTarget(quantity, atMost: range.lowerBound + share * (range.upperBound - range.lowerBound))
        }
        let search = try search(targets, candidates: 5)
        try search.run { _ in }
        let found = model.estimate(search.supernet.derivedArchitecture(name: "found").network)
        let loads = try targets.map { try #require(found.value(of: $0.quantity)) / $0.limit }
        #expect(loads.allSatisfy { $0 <= 1 } && loads.contains { $0 >= 0.99 }, "\(loads)")
    }

    @Test("the multipliers bring the selection to the target while the search still decides")
    func pulled() throws {
        let model = try Self.costModel.get(), space = try Spaces.quick()
        let range = try #require(model.choiceCosts(of: space, in: .latency)).range
        let limit = range.lowerBound + 0.4 * (range.upperBound - range.lowerBound)
        let search = try search([CostTarget(.latency, atMost: limit)], examples: 12800, epochs: 4)
        var deciding: [Double] = []
        try search.run { if $0.phase == .deciding { deciding.append($0.runtimeMs) } }
        // The first half is the way there; then λ swings, and what is selected with it.
        let last = deciding.suffix(deciding.count / 2)
        let mean = last.reduce(0, +) / Double(last.count)
        #expect(abs(mean / limit - 1) < 0.15, "\(mean) of \(limit)")
    }

    @Test("a target that no network of the space has is refused, with what they cost")
    func refused() throws {
        for limit in [0.001, 1000] {
            #expect(throws: TargetError.self) { try search([CostTarget(.latency, atMost: limit)]) }
        }
        let error = #expect(throws: TargetError.self) { try search([CostTarget(.latency, atMost: 1000)]) }
        let range = try #require(Self.costModel.get().choiceCosts(of: Spaces.quick(), in: .latency)).range
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("--target-latency: expected a number from "))
        #expect(text.contains(CostQuantity.latency.text(range.upperBound, .down)) && text.hasSuffix("found 1000.0 ms"), "\(text)")
        // In a gap between two networks that is wider than a percent.
        let macs = try #require(Self.costModel.get().choiceCosts(of: Spaces.quick(), in: .macs))
        var values = [macs.fixed.sum]
        for layer in macs.choices { values = Set(values.flatMap { value in layer.map { value + $0.sum } }).sorted() }
        let gap = try #require(zip(values, values.dropFirst()).first { $1 > 1.03 * $0 })
        let unreachable = #expect(throws: TargetError.self) { try search([CostTarget(.macs, atMost: 0.99 * gap.1)]) }
        let sentence = unreachable.map { "\($0)" } ?? ""
        let nearest = "the nearest that one does are \(CostQuantity.macs.text(gap.0, .up)) and \(CostQuantity.macs.text(gap.1, .up))"
        #expect(sentence.contains("keeps it and is within 1 % of it; \(nearest); they cost from "), "\(sentence)")
        // What the sentence names can be.
        for limit in [gap.0, gap.1, range.lowerBound] {
            let quantity: CostQuantity = limit == range.lowerBound ? .latency : .macs
            let words = quantity.text(limit, .up).split(separator: " ")
            let value = try #require(Double(words[0])) * (quantity == .macs ? 1e6 : 1)
            _ = try search([CostTarget(quantity, atMost: value)])
        }
    }

    @Test("a search with targets goes on from a checkpoint bit by bit the same")
    func resumed() throws {
        let range = try #require(Self.costModel.get().choiceCosts(of: Spaces.quick(), in: .latency)).range
        let target = CostTarget(.latency, atMost: 0.6 * range.upperBound)
        let whole = try search([target])
        var checkpoints: [Checkpoint] = []
        try whole.run { step in
            if step.phase != .warmUp, step.step % 4 == 0 { checkpoints.append(try whole.checkpoint()) }
        }
        for checkpoint in checkpoints {
            let rest = try search([target])
            try rest.restore(checkpoint)
            try rest.run { _ in }
            #expect(rest.supernet.indicators == whole.supernet.indicators)
            #expect(rest.decision == whole.decision)
            for (own, other) in zip(rest.supernet.parameters, whole.supernet.parameters) {
                #expect(own.value.bits == other.value.bits, "\(own.name) from step \(checkpoint.step)")
            }
        }
        #expect(checkpoints.count >= 3)
    }
}
