import Architectures
import Datasets
import SupernetSearch
import Training

/// How long the phases of a search take on this machine, from doing a little of each.
public struct SearchTiming {
    /// One of which some steps were done; it is of no use but to ask what it would do.
    public let search: Search
    /// A step of the warm-up, of a trial and of the fine-tune phase, each of which trains one network as a warm-up's does.
    private let usualStep: Double
    /// A step of the search phase.
    private let searchStep: Double
    /// Of a network with inherited weights, an image.
    private let candidateImage: Double
    /// Of all test images.
    private let evaluation: Double
    private let testImages: Int
    private let memory: TrainingMemory

    /// For each of the four things that are timed, in seconds: all together with what is built for them stay below half a
    /// minute.
    private static let budget = 4.0

    /// - Parameters:
    ///   - configuration: of the search.
    ///   - testImages: what is classified at the end.
    ///   - memory: of the search.
    ///   - report: takes what is being timed.
    ///   - make: a search of these settings.
    /// - Throws: what searches throw.
    public init(
        _ configuration: SearchConfiguration, testImages: ImageDataset, memory: TrainingMemory, report: (String) -> Void,
        make: (SearchConfiguration) throws -> Search
    ) throws {
        self.memory = memory
        // One after the other, for each has its memory.
        var searchPhaseOnly = configuration
        searchPhaseOnly.warmUpFraction = 0
        searchPhaseOnly.candidates = 1
        report("steps of the search phase")
        searchStep = try RunTiming(of: make(searchPhaseOnly), budget: Self.budget).secondsPerStep
        report("steps of the warm-up")
        let search = try make(configuration)
        usualStep = try RunTiming(of: search, budget: Self.budget).secondsPerStep
        report("the evaluation")
        // The batches that statistics are taken over besides take less than a second.
        evaluation = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = search.supernet.network.evaluate($0, statistics: search.statistics)
        }.secondsPerImage * Double(testImages.count)
        report("a candidate")
        let space = search.supernet.space
        let candidate = try space.choices(of: space.randomArchitectures(1, seed: configuration.seed)[0])
        candidateImage = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = try search.inheritedAccuracy(of: candidate, on: $0, batches: 1)
        }.secondsPerImage
        self.testImages = testImages.count
        self.search = search
    }

    /// The phases that the search has, in order.
    public var phases: [PhaseEstimate] {
        let training = memory.featureMaps + memory.weights
        var phases: [PhaseEstimate] = []
        func add(_ phase: (phase: SearchPhase, steps: Int)) {
            phases.append(PhaseEstimate(
                name: phase.phase.text, count: phase.steps, unit: "steps",
                seconds: Double(phase.steps) * (phase.phase == .search ? searchStep : usualStep),
                memoryBytes: training + memory.checkpoint))
        }
        let all = search.phases
        for phase in all where phase.phase != .fineTune { add(phase) }
        let candidates = search.configuration.candidates
        if candidates > 1 {
            phases.append(PhaseEstimate(
                name: "candidates", count: candidates, unit: "networks",
                seconds: Double(search.candidateForwardImages) * candidateImage, memoryBytes: training + memory.comparison))
            phases.append(PhaseEstimate(
                name: "trials", count: search.trialSteps, unit: "steps", seconds: Double(search.trialSteps) * usualStep,
                memoryBytes: training + memory.comparison))
        }
        for phase in all where phase.phase == .fineTune { add(phase) }
        return phases + [
            PhaseEstimate(
                name: "evaluation", count: testImages, unit: "images", seconds: evaluation, memoryBytes: training + memory.result)
        ]
    }

    /// All of a search, in seconds.
    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }

    /// A mean step of those that train the supernet, in seconds.
    public var secondsPerStep: Double {
        search.phases.reduce(0) { $0 + Double($1.steps) * ($1.phase == .search ? searchStep : usualStep) } / Double(search.steps)
    }

    /// Evaluating a network with the weights that it inherits on all test images, in seconds.
    public var inheritedEvaluation: Double {
        Double(testImages + Search.statisticsBatches * search.configuration.batch) * candidateImage
    }
}
