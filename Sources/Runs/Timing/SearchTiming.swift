import Architectures
import Datasets
import SupernetSearch
import Training

/// The time of the phases of a search on this machine, measured on a small part of each.
public struct SearchTiming {
    /// A search that did some steps at the largest size of images; it is used only for its counts.
    public let search: Search
    /// A step of the warm-up. Steps of a trial and of the fine-tune phase train one network too, and take as long.
    private let usualStep: Double
    /// A step of the search phase.
    private let searchStep: Double
    /// The evaluation of a network with inherited weights, for one image.
    private let candidateImage: Double
    /// The evaluation on all test images.
    private let evaluation: Double
    private let testImages: Int
    private let memory: TrainingMemory
    private let configuration: SearchConfiguration

    /// The budget of each of the four measurements, in seconds; including their preparation, all stay below half a
    /// minute.
    private static let budget = 4.0

    /// - Parameters:
    ///   - testImages: the number of images for the final evaluation.
    ///   - memory: of the search.
    ///   - report: called with the name of the present measurement.
    ///   - make: creates a search with these settings.
    /// - Throws: what searches throw.
    public init(
        _ configuration: SearchConfiguration, testImages: ImageDataset, memory: TrainingMemory, report: (String) -> Void,
        make: (SearchConfiguration) throws -> Search
    ) throws {
        self.memory = memory
        self.configuration = configuration
        // One after the other, because each needs its own memory.
        var largest = configuration
        largest.training = configuration.training.atLargestResolution
        var searchPhaseOnly = largest
        searchPhaseOnly.warmUpFraction = 0
        searchPhaseOnly.candidates = 1
        searchStep = try {
            // Which refuses a target that no network meets, before anything is timed.
            let search = try make(searchPhaseOnly)
            report("steps of the search phase")
            return try RunTiming(of: search, budget: Self.budget).secondsPerStep
        }()
        report("steps of the warm-up")
        let search = try make(largest)
        usualStep = try RunTiming(of: search, budget: Self.budget).secondsPerStep
        report("the evaluation")
        // The batches for batch-norm recalibration take less than a second.
        evaluation = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = try search.supernet.network.evaluate($0, statistics: search.statistics)
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

    /// The phases of the search, in order.
    public var phases: [PhaseEstimate] {
        let training = memory.featureMaps + memory.weights
        var phases: [PhaseEstimate] = []
        func add(_ phase: (phase: SearchPhase, steps: Range<Int>)) {
            phases.append(PhaseEstimate(
                name: phase.phase.text, count: phase.steps.count, unit: "steps", seconds: seconds(of: phase),
                memoryBytes: training + memory.checkpoint))
        }
        let all = search.phases
        for phase in all where phase.phase != .fineTune { add(phase) }
        // All are compared at the size of images at the end of the search phase.
        let compared = max(0, search.stepsUntilFound - 1), size = relativePixels(ofSteps: compared..<compared + 1)
        if search.configuration.comparesCandidates {
            phases.append(PhaseEstimate(
                name: "candidates", count: search.configuration.candidates, unit: "networks",
                seconds: size * Double(search.candidateForwardImages) * candidateImage, memoryBytes: training + memory.comparison))
        }
        if search.trialSteps > 0 {
            phases.append(PhaseEstimate(
                name: "trials", count: search.trialSteps, unit: "steps",
                seconds: size * Double(search.trialSteps) * usualStep, memoryBytes: training + memory.comparison))
        }
        for phase in all where phase.phase == .fineTune { add(phase) }
        return phases + [
            PhaseEstimate(
                name: "evaluation", count: testImages, unit: "images", seconds: evaluation, memoryBytes: training + memory.result)
        ]
    }

    /// The whole search, in seconds.
    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }

    /// The mean step that trains the supernet, in seconds.
    public var secondsPerStep: Double {
        search.phases.reduce(0) { $0 + seconds(of: $1) } / Double(search.steps)
    }

    private func seconds(of phase: (phase: SearchPhase, steps: Range<Int>)) -> Double {
        Double(phase.steps.count) * relativePixels(ofSteps: phase.steps) * (phase.phase == .search ? searchStep : usualStep)
    }

    private func relativePixels(ofSteps steps: Range<Int>) -> Double {
        configuration.training.relativePixels(ofSteps: steps, of: search.steps)
    }

    /// The evaluation of a network with inherited weights on all test images, in seconds.
    public var inheritedEvaluation: Double {
        Double(testImages + Search.statisticsBatches * search.configuration.batch) * candidateImage
    }
}
