import Datasets
import Training

/// The time of a training on this machine, measured on a small part of it.
public struct TrainingTiming {
    /// The mean step of the run, in seconds.
    public let secondsPerStep: Double
    public let phases: [PhaseEstimate]
    /// Optimiser steps of the whole run.
    public let steps: Int

    /// The budget of each measurement, in seconds.
    private static let budget = 8.0

    /// - Parameters:
    ///   - configuration: of the training.
    ///   - testImages: the images for the evaluation after every epoch.
    ///   - memory: of the training.
    ///   - report: called with the name of the present measurement.
    ///   - make: creates a trainer with these settings.
    /// - Throws: what the training throws.
    public init(
        _ configuration: TrainingConfiguration, testImages: ImageDataset, memory: TrainingMemory, report: (String) -> Void,
        make: (TrainingConfiguration) throws -> Trainer
    ) throws {
        var plain = configuration.atLargestResolution, rounded = plain
        plain.quantizationAwareEpochs = 0
        rounded.quantizationAwareEpochs = rounded.epochs
        report("steps")
        var roundedSeconds = 0.0
        if configuration.quantizationAwareEpochs > 0 {
            roundedSeconds = try RunTiming(of: make(rounded), budget: Self.budget).secondsPerStep
        }
        let trainer = try make(plain)
        let plainSeconds = try RunTiming(of: trainer, budget: Self.budget).secondsPerStep
        steps = trainer.steps
        let firstRounded = steps / configuration.epochs * (configuration.epochs - configuration.quantizationAwareEpochs)
        func seconds(_ range: Range<Int>, of step: Double) -> Double {
            range.isEmpty ? 0 : step * Double(range.count) * configuration.relativePixels(ofSteps: range, of: trainer.steps)
        }
        secondsPerStep =
            (seconds(0..<firstRounded, of: plainSeconds) + seconds(firstRounded..<steps, of: roundedSeconds)) / Double(steps)
        report("the evaluation")
        let evaluation = try EvaluationTiming(testImages, budget: Self.budget) {
            _ = try trainer.network.evaluate($0, statistics: trainer.statistics)
        }.secondsPerImage
        let training = memory.featureMaps + memory.weights
        let epochs = configuration.epochs
        // One after every epoch, and that of the result.
        let evaluated = (0..<epochs).reduce(1.0) { sum, epoch in
            sum + configuration.relativePixels(ofSteps: epoch..<epoch + 1, of: epochs)
        }
        let evaluations = testImages.count * (epochs + 1)
        phases = [
            PhaseEstimate(
                name: "training", count: trainer.steps, unit: "steps", seconds: Double(trainer.steps) * secondsPerStep,
                memoryBytes: training + memory.checkpoint),
            PhaseEstimate(
                name: "evaluation", count: evaluations, unit: "images", seconds: Double(testImages.count) * evaluated * evaluation,
                memoryBytes: training + memory.result),
        ]
    }

    public var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }
}
