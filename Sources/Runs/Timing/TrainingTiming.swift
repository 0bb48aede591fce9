import Datasets
import Training

/// How long a training takes on this machine, from doing a little of it.
public struct TrainingTiming {
    public let secondsPerStep: Double
    public let phases: [PhaseEstimate]

    /// In seconds, for each of the two things that are timed.
    private static let budget = 8.0

    /// - Parameters:
    ///   - trainer: of no use afterwards.
    ///   - testImages: what is classified after every epoch.
    ///   - memory: of the training.
    ///   - report: takes what is being timed.
    /// - Throws: what the training throws.
    public init(
        _ trainer: Trainer, testImages: ImageDataset, memory: TrainingMemory, report: (String) -> Void
    ) throws {
        report("steps")
        secondsPerStep = try RunTiming(of: trainer, budget: Self.budget).secondsPerStep
        report("the evaluation")
        let evaluation = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = trainer.network.evaluate($0, statistics: trainer.statistics)
        }.secondsPerImage
        let training = memory.featureMaps + memory.weights
        let evaluations = testImages.count * (trainer.configuration.epochs + 1)
        phases = [
            PhaseEstimate(
                name: "training", count: trainer.steps, unit: "steps", seconds: Double(trainer.steps) * secondsPerStep,
                memoryBytes: training + memory.checkpoint),
            PhaseEstimate(
                name: "evaluation", count: evaluations, unit: "images", seconds: Double(evaluations) * evaluation,
                memoryBytes: training + memory.result),
        ]
    }

    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }
}
