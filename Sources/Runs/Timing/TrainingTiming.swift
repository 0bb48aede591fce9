import Datasets
import Training

/// The time of a training on this machine, measured on a small part of it.
public struct TrainingTiming {
    public let secondsPerStep: Double
    public let phases: [PhaseEstimate]

    /// The budget of each of the two measurements, in seconds.
    private static let budget = 8.0

    /// - Parameters:
    ///   - trainer: a trainer that is not used afterwards.
    ///   - testImages: the images for the evaluation after every epoch.
    ///   - memory: of the training.
    ///   - report: called with the name of the present measurement.
    /// - Throws: what the training throws.
    public init(
        _ trainer: Trainer, testImages: ImageDataset, memory: TrainingMemory, report: (String) -> Void
    ) throws {
        report("steps")
        secondsPerStep = try RunTiming(of: trainer, budget: Self.budget).secondsPerStep
        report("the evaluation")
        let evaluation = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = try trainer.network.evaluate($0, statistics: trainer.statistics)
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
