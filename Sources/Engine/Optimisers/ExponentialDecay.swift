import Glibc

/// A learning rate that decays in steps: `initial` · `factor` raised to the number of whole `period`s so far.
public struct ExponentialDecay: Hashable, Sendable {
    public var initial: Float
    public var factor: Float
    /// The period in steps.
    public var period: Double

    public init(initial: Float, factor: Float, period: Double) {
        self.initial = initial
        self.factor = factor
        self.period = period
    }

    /// The rate of a step, counted from 0.
    public func rate(step: Int) -> Float {
        initial * Float(pow(Double(factor), (Double(step) / period).rounded(.down)))
    }
}
