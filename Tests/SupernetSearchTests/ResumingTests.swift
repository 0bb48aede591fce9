import Architectures
import Engine
import Files
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Resuming from a checkpoint")
struct ResumingTests {
    @Test("a search comes to the same bits, wherever it stops")
    func search() throws {
        // At the start, within and at the ends of epochs and phases, and when all is done.
        let stops = [0, 1, 7, 10, 24, 25, 26, 30, 33, 34, 35, 36, 39, 40]
        #expect(try differencesWithStops(after: stops) { try SmallRuns.search() } == [])
    }

    @Test("runs are gone when nobody holds them")
    func released() throws {
        weak var supernet: Supernet?
        weak var network: ConvNet?
        var blocks: [() -> InvertedBottleneck?] = []
        do {
            let search = try SmallRuns.search(), training = try SmallRuns.training()
            try search.run()
            try training.run()
            (supernet, network) = (search.supernet, training.network)
            blocks = (search.supernet.network.blocks + training.network.blocks).map { block in { [weak block] in block } }
            #expect(supernet != nil && network != nil && blocks.allSatisfy { $0() != nil })
        }
        #expect(supernet == nil && network == nil && blocks.allSatisfy { $0() == nil })
    }

    @Test("a search that stops while it ranks and tries candidates comes to the same bits", arguments: [
        SearchStrategy.surrogate, .evolution, .halving,
    ])
    func ranking(strategy: SearchStrategy) throws {
        // With so many layers there are many networks in the middle that cost the same to a percent.
        let range = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
            .latencyTable(of: try SmallRuns.space(layers: 4)).range
        var configuration = SmallRuns.searchConfiguration()
        configuration.targets = [CostTarget(.latency, atMost: (range.lowerBound + range.upperBound) / 2)]
        configuration.strategy = strategy
        configuration.candidates = 16
        let whole = try SmallRuns.search(configuration, layers: 4)
        var search = try SmallRuns.search(configuration, layers: 4)
        // A fourth is trained, and a fourth of that four times as long.
        let evaluations = strategy == .halving ? 16 + 4 + 1 : 16
        #expect(whole.candidateEvaluations == evaluations && (whole.trialSteps > 0) == (strategy == .halving))
        var ranked: [Double] = [], isFound = false
        while let event = try whole.next() {
            switch event {
            case .step: break
            case .candidate(let done, let count):
                #expect(count == evaluations && !isFound && whole.step == whole.stepsUntilFound)
                ranked.append(done)
            case .found: isFound = true
            }
            #expect(whole.isFound == isFound)
        }
        #expect(isFound && ranked == ranked.sorted() && ranked.first == 0 && ranked.last == Double(evaluations))
        #expect(ranked.filter { $0 == $0.rounded() }.count == evaluations + 1)
        // All steps of trials but the last of each.
        let trials = strategy == .halving ? 5 : 0
        #expect(ranked.filter { $0 != $0.rounded() }.count == whole.trialSteps - trials)

        // How far the ranking is when it stops: what is known is not computed again, but for the trial that went on.
        for limit in [0, 4, 4.01, 9.3, 15] where limit < Double(evaluations) {
            while let event = try search.next() {
                if case .candidate(let done, _) = event, done >= limit { break }
            }
            #expect(search.step == search.stepsUntilFound && !search.isFound)
            search = try search.resumed(in: SmallRuns.search(configuration, layers: 4))
        }
        while try search.next() != nil {}
        #expect(search.step == search.steps)
        #expect(try whole.stateBytes() == search.stateBytes())
    }

    @Test("a search comes to the same bits from a checkpoint after any of its events, and after making it")
    func everyEvent() throws {
        // Three steps an epoch, one a short trial and four a long one.
        var configuration = SmallRuns.searchConfiguration()
        configuration.batch = 48
        configuration.candidates = 16
        configuration.strategy = .halving
        configuration.logInterval = 1
        // Which does not bind, so that all networks are candidates.
        configuration.targets = [CostTarget(.latency, atMost: 1000)]
        func make() throws -> Search { try SmallRuns.search(configuration) }
        let whole = try make()
        var events = 0, kinds = Set<String>()
        while let event = try whole.next() {
            events += 1
            switch event {
            case .step(let step): kinds.insert(step.phase.rawValue)
            case .candidate(let done, _): kinds.insert(done == done.rounded() ? "candidate" : "in a trial")
            case .found: kinds.insert("found")
            }
        }
        #expect(kinds == ["warm_up", "search", "fine_tune", "candidate", "in a trial", "found"])
        let expected = try whole.stateBytes()
        for stop in 0...events {
            let stopped = try make()
            for _ in 0..<stop { _ = try stopped.next() }
            let other = try stopped.resumed(in: make())
            try other.run()
            #expect(try other.stateBytes() == expected, "resumed after event \(stop) of \(events)")
            // A trial that went on when the checkpoint was made begins again.
            try stopped.run()
            #expect(try stopped.stateBytes() == expected, "gone on after event \(stop) of \(events)")
        }
    }

    @Test("a search's checkpoint has weights, optimiser, averages, statistics, random state and decisions")
    func complete() throws {
        let search = try SmallRuns.search()
        try search.run(upTo: 32)
        let lines = try search.stateBytes().split(separator: UInt8(ascii: "\n"), maxSplits: 2)
        let header = try JSON(parsing: Array(lines[1]), path: "header")
        guard case .object(let state)? = header["state"], case .array(let tensors)? = header["tensors"] else {
            Issue.record("no state")
            return
        }
        #expect(
            state.map(\.key) == [
                "averaged_steps", "dropout", "warm_up_drops", "thresholds", "differences_on", "differences_off",
                "stability_steps", "stability_changes",
            ])
        let supernet = search.supernet
        let averaged = supernet.parameters.map(\.value.count) + supernet.network.runningStatistics.map(\.count)
        let trained = supernet.parameters.map(\.value.count)
        // Values and averages, squares and velocities, and the averages of the warm-up.
        let expected = (averaged + trained).flatMap { [$0, $0] } + averaged
        let isAsExpected = tensors.map { $0["count"] } == expected.map(JSON.integer)
        #expect(isAsExpected)
    }

    @Test("searches of several λ branch from one warm-up, each as if it had warmed up itself")
    func branches() throws {
        let trunk = try SmallRuns.search()
        try trunk.run(upTo: trunk.warmUpSteps)
        let checkpoint = try trunk.checkpoint()
        #expect(checkpoint.step == 29)
        for lambda in [0, 0.3, 3] {
            var configuration = SmallRuns.searchConfiguration()
            configuration.lambda = lambda
            let alone = try SmallRuns.search(configuration), branch = try SmallRuns.search(configuration)
            try alone.run()
            try branch.branch(from: checkpoint)
            try branch.run()
            #expect(try alone.stateBytes() == branch.stateBytes())
        }
    }

    @Test("is refused where the checkpoint is of another run, with the setting that differs")
    func otherRuns() throws {
        let search = try SmallRuns.search()
        try search.run(upTo: 30)
        let late = try search.checkpoint()
        func refusal(_ change: (inout SearchConfiguration) -> Void, _ take: (Search) throws -> Void) throws -> String? {
            var configuration = SmallRuns.searchConfiguration()
            change(&configuration)
            let other = try SmallRuns.search(configuration)
            return invalidPlace { try take(other) }?.place
        }
        #expect(try refusal({ _ in }) { try $0.restore(late) } == nil)
        #expect(try refusal({ $0.lambda = 1 }) { try $0.restore(late) } == "/settings/configuration/lambda")
        #expect(try refusal({ $0.seed = 1 }) { try $0.restore(late) } == "/settings/configuration/seed")
        #expect(try refusal({ $0.lambda = 1 }) { try $0.branch(from: late) } == "/step")
        let early = try SmallRuns.search().checkpoint()
        #expect(try refusal({ $0.lambda = 1 }) { try $0.branch(from: early) } == nil)
        #expect(try refusal({ $0.keepProbability = 1 }) { try $0.branch(from: early) }
            == "/settings/configuration/keep_probability")
        #expect(try refusal({ $0.epochs = 8 }) { try $0.branch(from: early) } == "/settings/configuration/epochs")
        let training = try SmallRuns.training()
        #expect(invalidPlace { try training.restore(early) }?.place == "/kind")
    }

    @Test("is refused where other devices are to keep the targets too, also during the warm-up, which knows no cost")
    func otherDevices() throws {
        var configuration = SmallRuns.searchConfiguration()
        configuration.targets = [CostTarget(.latency, atMost: 1000)]
        func search(_ others: [String]) throws -> Search {
            func model(of device: String) throws -> CostModel {
                CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device(device)))
            }
            return try Search(
                space: SmallRuns.space(), costModel: model(of: "pixel1"),
                others: others.map { TargetDevice(name: $0, costModel: try model(of: $0)) },
                trainingImages: SmallRuns.images(185, seed: 1), configuration: configuration)
        }
        let checkpoint = try search(["pixel4", "pixel6"]).checkpoint()
        try search(["pixel4", "pixel6"]).restore(checkpoint)
        for others in [[], ["pixel4"], ["pixel6", "pixel4"]] {
            #expect(invalidPlace { try search(others).restore(checkpoint) }?.place == "/settings/other_devices", "\(others)")
        }
        try search([]).branch(from: checkpoint)
    }
}
