/// How a search chooses among networks after its search phase.
public enum SearchStrategy: String, CaseIterable, Sendable {
    /// Candidates are drawn from what a Gaussian process believes of the losses, which learns from each of them.
    case surrogate
    /// Candidates are sampled, and the best of them mutated and crossed (Guo et al., 2020).
    case evolution
    /// The better candidates of `surrogate` are trained for some steps, and the better of those for more (asynchronous
    /// successive halving; Li et al., 2020).
    case halving
    /// None: what the gradient has decided is the result.
    case gradient
}
