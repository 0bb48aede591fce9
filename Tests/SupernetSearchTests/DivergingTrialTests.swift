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

    private func make() throws -> Search {
        var configuration = SmallRuns.searchConfiguration()
        // All networks are candidates.
        configuration.targets = [CostTarget(.latency, atMost: 1000)]
        configuration.candidates = 24
        // A trial trains at the rate of the run's first step, after which the run has hardly any.
        configuration.learningRatePer256 = 1e5 * 256 / 16
        configuration.learningRateFactor = 1e-8
        configuration.learningRateEpochs = 8.0 / 40
        configuration.optimizer.momentum = 0
        configuration.optimizer.weightDecay = 0.1
        configuration.movingAverageDecay = 0
        return try SmallRuns.search(configuration)
    }

    /// The first of so many events, of a search with the layer.
    private func started(events: Int = 1) throws -> Search {
        let search = try make()
        // Skipped whatever its norm, so that the supernet is as it would be without it.
        let superkernel = search.supernet.superkernels[Self.layer]
        superkernel.thresholds.value[search.supernet.space.index(ofPart: "expansion_3", inLayer: Self.layer)] = 1e9
        let scale = try #require(search.supernet.parameters.first {
            $0.name == superkernel.layer.name + ".project_normalization.scale"
        })
        scale.value.fill(1e16)
        // The first step leaves weights as far off as a trial's does, which are not to stay.
        let values = search.supernet.parameters.map(\.value.values)
        for event in 0..<events {
            _ = try search.next()
            if event == 0 { for (parameter, values) in zip(search.supernet.parameters, values) { parameter.value.write(values) } }
        }
        return search
    }

    @Test("does not end the search: the others go on, one of them is found, and it resumes to the same bits")
    func others() throws {
        let whole = try started()
        var events = 1, trials: [(event: Int, done: Double)] = [], count = 0
        while let event = try whole.next() {
            events += 1
            if case .trial(let done, let of) = event {
                trials.append((events, done))
                count = of
            }
        }
        #expect(whole.isFound && whole.step == whole.steps && count == 16)
        #expect(whole.supernet.parameters.allSatisfy { $0.value.isFinite })
        // The steps of each trial, the one in which it diverges included.
        let steps = (1...count).map { trial in trials.count { $0.done.rounded(.up) == Double(trial) } }
        let full = whole.trialSteps / count
        #expect(steps.allSatisfy { [2, full / 2, full].contains($0) }, "\(steps)")
        let diverged = steps.indices.filter { steps[$0] == 2 }, others = steps.indices.filter { steps[$0] > 2 }
        let first = try #require(diverged.first, "no trial diverged"), last = try #require(others.last)
        #expect(first < last, "\(steps)")
        let layer = whole.supernet.space.searchableLayers[Self.layer]
        #expect(layer.size(of: whole.supernet.choices[Self.layer]) == nil, "what diverges is not found")

        let expected = try whole.stateBytes()
        // Before the trial, in its midst, once it has diverged, and after that.
        let begin = try #require(trials.first { $0.done > Double(first) }).event
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
        while let event = try search.next() { if case .trial(let trials, _) = event { done.append(trials) } }
        // Each has one step, and diverges in the second.
        #expect(done.count == 2 * 6 && done.last == 6)
        #expect(search.isFound && search.step == search.steps && search.supernet.parameters.allSatisfy { $0.value.isFinite })
    }
}
