import Architectures
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("A trial that diverges")
struct DivergingTrialTests {
    /// The layer whose output is so large that a network that has it diverges in its second step at the rate of a trial.
    private static let layer = 1

    /// The weights of a search that goes well.
    private static let trained = Result {
        let search = try SmallRuns.search()
        try search.run()
        return search.supernet.parameters.map(\.value.values)
    }

    private func make() throws -> Search {
        var configuration = SmallRuns.searchConfiguration()
        // Many networks are candidates, with and without the layer.
        configuration.targets = [CostTarget(.latency, atMost: 1000)]
        configuration.strategy = .halving
        configuration.candidates = 100
        // The warm-up drops nearly everything.
        configuration.keepProbability = 0.01
        configuration.layerKeepProbability = 0.01
        configuration.fullNetworkInterval = 1000
        // A trial trains at the rate of the run's first step, after which the run has hardly any.
        configuration.learningRatePer256 = 1e5 * 256 / 16
        configuration.learningRateFactor = 1e-8
        configuration.learningRateEpochs = 8.0 / 40
        configuration.optimizer.momentum = 0
        configuration.optimizer.weightDecay = 0.1
        configuration.movingAverageDecay = 0
        return try SmallRuns.search(configuration)
    }

    /// The first of so many events, of a search whose warm-up leaves the layer.
    private func started(events: Int) throws -> Search {
        let search = try make()
        let scale = try #require(search.supernet.parameters.first {
            $0.name == search.supernet.superkernels[Self.layer].layer.name + ".project_normalization.scale"
        })
        // The first steps leave weights as far off as a trial's does. Those that take their place have learnt to do without
        // what the layer will make of its input, so that networks without it are the better ones.
        let values = try Self.trained.get()
        for event in 1...events {
            // Candidates inherit what the last step of the warm-up leaves; the search phase goes on without it.
            let kept = scale.value.values
            if event == search.warmUpSteps { scale.value.fill(1e16) }
            _ = try search.next()
            if event <= 2 { for (parameter, values) in zip(search.supernet.parameters, values) { parameter.value.write(values) } }
            if event == search.warmUpSteps { scale.value.write(kept) }
        }
        return search
    }

    @Test("does not end the search: it goes on, finds a network, and resumes to the same bits")
    func others() throws {
        let whole = try started(events: 29)
        var events = 29, inTrials: [(event: Int, done: Double)] = []
        while let event = try whole.next() {
            events += 1
            if case .candidate(let done, _) = event { inTrials.append((events, done)) }
        }
        #expect(whole.isFound && whole.step == whole.steps)
        #expect(whole.supernet.parameters.allSatisfy { $0.value.isFinite })
        // The steps of each trial, the one in which it diverges included: a candidate of one step has none.
        let evaluations = Dictionary(grouping: inTrials.filter { $0.done > 0 }) { Int($0.done.rounded(.up)) }
        let steps = evaluations.mapValues(\.count).filter { $0.value > 1 }
        let full = Set([1, 2].map(whole.trialSteps(level:)))
        let diverged = steps.filter { $0.value == 2 && !full.contains(2) }, others = steps.filter { full.contains($0.value) }
        #expect(diverged.count + others.count == steps.count, "\(steps)")
        let first = try #require(diverged.keys.min(), "no trial diverged")

        let expected = try whole.stateBytes()
        // Before the trial, in its midst, once it has diverged, and after that.
        let begin = try #require(inTrials.first { $0.done > Double(first - 1) }).event
        for event in begin - 1...begin + 3 {
            let resumed = try started(events: event).resumed(in: make())
            try resumed.run()
            #expect(try resumed.stateBytes() == expected, "after event \(event)")
        }
    }

    @Test("leaves the first candidate where all do")
    func all() throws {
        // At this rate every network has weights after one step whose products are no numbers.
        let search = try SmallRuns.search({
            var configuration = SmallRuns.searchConfiguration()
            configuration.targets = [CostTarget(.latency, atMost: 1000)]
            configuration.strategy = .halving
            configuration.learningRatePer256 = 1e25
            configuration.learningRateFactor = 1e-30
            configuration.learningRateEpochs = 8.0 / 40
            configuration.optimizer.momentum = 0
            configuration.movingAverageDecay = 0
            return configuration
        }())
        let values = search.supernet.parameters.map(\.value.values)
        _ = try search.next()
        for (parameter, values) in zip(search.supernet.parameters, values) { parameter.value.write(values) }
        var done: [Double] = []
        while let event = try search.next() { if case .candidate(let candidates, _) = event { done.append(candidates) } }
        // Six with inherited weights; the one that is trained has one step, and diverges in the second.
        #expect(done.count == 9 && done == done.sorted() && done.last == 7, "\(done)")
        #expect(search.isFound && search.step == search.steps && search.supernet.parameters.allSatisfy { $0.value.isFinite })
    }
}
