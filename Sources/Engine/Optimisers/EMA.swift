import COpenBLAS

/// The exponential moving average (EMA) of a network's values. Its accuracy is better than that of the last step's
/// values (Polyak and Juditsky, 1992).
///
///     average ← average + (1 − d) · (value − average),   d = min(decay, (1 + step) / (10 + step))
public final class EMA {
    public let decay: Float
    private let values: [Storage]
    /// The averages, one for each of the values; between two calls of `swap`, the values themselves.
    public let averages: [Storage]
    /// The number of updates.
    public var step = 0

    /// - Parameters:
    ///   - values: the averaged tensors: weights, and the running statistics of batch normalisation.
    ///   - decay: the part of an average that a late step keeps.
    public init(of values: [Storage], decay: Float) {
        self.decay = decay
        self.values = values
        averages = values.map { Storage($0.values) }
    }

    /// The part of an average that a step, counted from 1, keeps. The bound on it, as in TensorFlow's
    /// `ExponentialMovingAverage`, keeps a short run from averaging over its own beginning.
    public static func kept(decay: Float, step: Int) -> Float { min(decay, Float(1 + step) / Float(10 + step)) }

    /// Updates the averages after a step.
    public func update() {
        step += 1
        let kept = Self.kept(decay: decay, step: step)
        for (value, average) in zip(values, averages) {
            cblas_saxpby(Int32(value.count), 1 - kept, value.pointer, 1, kept, average.pointer, 1)
        }
    }

    /// Begins a new average from this one: the values become the averages, and as many steps are kept as at the start.
    public func begin() {
        for (value, average) in zip(values, averages) { value.copy(from: average) }
        step = 0
    }

    /// Exchanges the values with the averages; a second call changes them back.
    public func swap() {
        for (value, average) in zip(values, averages) { value.swap(with: average) }
    }
}
