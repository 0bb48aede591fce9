import Datasets
import Engine
import JSONDocuments

/// Everything about a search but its inputs (space, device, images): with those and this, a run is determined.
///
/// The defaults are those published with Single-Path NAS (Stamoulis et al., 2019), but for λ and the batch, which
/// depend on the task: these suit the space fashion-mnist.
public struct SearchConfiguration: Hashable, Sendable {
    /// The weight of log(runtime / 1 ms) in the loss.
    public var lambda = 0.02
    public var epochs = 8
    /// Images a step.
    public var batch = 64
    public var seed: UInt64 = 0
    public var threads = ThreadPool.availableCores

    /// The part of the run, from its start, in which λ is 0, indicators drop out and thresholds rest.
    public var warmUpFraction = 0.625
    /// The part of the run, to its end, in which the indicators are settled and only weights are trained.
    public var settlingFraction = 0.125
    /// The probability that an indicator is kept in a step of the warm-up.
    public var keepProbability: Float = 0.6

    /// The learning rate at the start, for 256 images a step; in proportion for other batches.
    public var learningRatePer256 = 0.016
    public var learningRateFactor: Float = 0.97
    /// After so many epochs, in a run of `scheduleEpochs`, the rate is multiplied by the factor.
    public var learningRateEpochs = 2.4
    /// The length of run that the schedule is written for; other lengths stretch it.
    public var scheduleEpochs = 8.0
    public var optimizer = RMSProp.Configuration()
    public var movingAverageDecay: Float = 0.9999
    public var dropout: Float = 0.2
    public var labelSmoothing: Float = 0.1
    public var augmentation = Augmentation.fashionMNIST
    /// Every so many steps, and after the last, a step is logged.
    public var logInterval = 20

    public init() {}

    /// The learning rate's schedule over a run of so many steps.
    func learningRate(steps: Int) -> ExponentialDecay {
        ExponentialDecay(
            initial: Float(learningRatePer256 * Double(batch) / 256), factor: learningRateFactor,
            period: Double(steps) * learningRateEpochs / scheduleEpochs)
    }

    /// All fields, as an object.
    public var json: JSON {
        [
            "lambda": .number(lambda),
            "epochs": .integer(epochs),
            "batch": .integer(batch),
            "seed": .integer(Int(seed)),
            "threads": .integer(threads),
            "warm_up_fraction": .number(warmUpFraction),
            "settling_fraction": .number(settlingFraction),
            "keep_probability": .number(shortest: keepProbability),
            "learning_rate_per_256": .number(learningRatePer256),
            "learning_rate_factor": .number(shortest: learningRateFactor),
            "learning_rate_epochs": .number(learningRateEpochs),
            "schedule_epochs": .number(scheduleEpochs),
            "rmsprop_decay": .number(shortest: optimizer.decay),
            "rmsprop_momentum": .number(shortest: optimizer.momentum),
            "rmsprop_epsilon": .number(shortest: optimizer.epsilon),
            "weight_decay": .number(shortest: optimizer.weightDecay),
            "batch_normalization_momentum": .number(shortest: BatchNormalization.momentum),
            "batch_normalization_epsilon": .number(shortest: BatchNormalization.epsilon),
            "moving_average_decay": .number(shortest: movingAverageDecay),
            "dropout": .number(shortest: dropout),
            "label_smoothing": .number(shortest: labelSmoothing),
            "maximum_shift": .integer(augmentation.maximumShift),
            "mirror": .bool(augmentation.mirror),
            "log_interval": .integer(logInterval),
        ]
    }
}

extension JSON {
    /// A single-precision number by its shortest decimal form: 0.6, not 0.60000002384.
    static func number(shortest value: Float) -> JSON { .number(Double("\(value)") ?? Double(value)) }
}
