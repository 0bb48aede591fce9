import Engine

/// How the learning rate falls over a run.
public enum LearningRateSchedule: Hashable, Sendable {
    case exponential(ExponentialDecay)
    case cosine(CosineDecay)

    /// The kinds, as they are named in a configuration.
    public enum Kind: String, CaseIterable, Sendable { case exponential, cosine }

    /// The rate of a step, counted from 0.
    public func rate(step: Int) -> Float {
        switch self {
        case .exponential(let decay): decay.rate(step: step)
        case .cosine(let decay): decay.rate(step: step)
        }
    }
}
