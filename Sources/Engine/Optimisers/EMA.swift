import COpenBLAS

/// The exponential moving average of a network's values, which classifies better than the values of the last step
/// (Polyak and Juditsky, 1992).
///
///     average ← average + (1 − d) · (value − average),   d = min(decay, (1 + step) / (10 + step))
public final class EMA {
    public let decay: Float
    private let values: [Storage]
    /// One for each of the values; the values themselves between the two calls of a pair of `swap`.
    public let averages: [Storage]
    /// How many times the values were taken in.
    public var step = 0

    /// - Parameter values: what is averaged: weights, and the running statistics of batch normalisation.
    public init(of values: [Storage], decay: Float) {
        self.decay = decay
        self.values = values
        averages = values.map { Storage($0.values) }
    }

    /// The part of an average that stays in a step, from 1. The bound on it, as in TensorFlow's `ExponentialMovingAverage`,
    /// keeps a short run from averaging over its own beginning.
    public static func kept(decay: Float, step: Int) -> Float { min(decay, Float(1 + step) / Float(10 + step)) }

    /// Takes in the values after a step.
    public func update() {
        step += 1
        let kept = Self.kept(decay: decay, step: step)
        for (value, average) in zip(values, averages) {
            cblas_saxpby(Int32(value.count), 1 - kept, value.pointer, 1, kept, average.pointer, 1)
        }
    }

    /// Puts the averages in the place of the values and keeps the values; a second call puts them back.
    public func swap() {
        for (value, average) in zip(values, averages) { value.swap(with: average) }
    }
}
