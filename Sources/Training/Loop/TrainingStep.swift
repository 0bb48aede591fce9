import Files

/// The events of a training.
public enum TrainingEvent: RunEvent {
    case step(TrainingStep)

    public var finishedStep: TrainingStep? {
        switch self {
        case .step(let step): step
        }
    }
}

/// The progress of a training after a step.
public struct TrainingStep: RunStep {
    /// From 1.
    public let step: Int
    /// The steps of the whole run.
    public let steps: Int
    /// The epoch that the step belongs to, from 1.
    public let epoch: Int
    public let epochs: Int
    /// The loss of the step's batch, including label smoothing.
    public let crossEntropy: Double
    public let learningRate: Double
    /// Averaged over the time since the last logged step.
    public let imagesPerSecond: Double
    /// The evaluation of the EMA weights on the test images; nil within an epoch.
    public let evaluation: Evaluation?
    /// Whether this step belongs in the log.
    public let isLogged: Bool
    public var precedesOtherWork: Bool { false }

    /// One line of `metrics.jsonl`.
    public var json: JSON {
        [
            "step": .integer(step),
            "epoch": .integer(epoch),
            "cross_entropy": .number(crossEntropy),
            "learning_rate": .number(learningRate),
            "images_per_second": .number(imagesPerSecond),
            "test_accuracy": evaluation.map { .number($0.accuracy) } ?? .null,
            "test_cross_entropy": evaluation.map { .number($0.crossEntropy) } ?? .null,
        ]
    }
}
