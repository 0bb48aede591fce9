import Glibc

/// A learning rate that falls along half a cosine, from `initial` at the first step to 0 after the last (Loshchilov and
/// Hutter, 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", without restarts):
///
///     rate = initial · (1 + cos(π · step / steps)) / 2
public struct CosineDecay: Hashable, Sendable {
    public var initial: Float
    /// The steps of the whole run.
    public var steps: Int

    public init(initial: Float, steps: Int) {
        self.initial = initial
        self.steps = steps
    }

    /// The rate of a step, counted from 0.
    public func rate(step: Int) -> Float {
        initial * Float((1 + cos(.pi * Double(step) / Double(steps))) / 2)
    }
}
