import Training

/// The events of a search.
public enum SearchEvent: RunEvent {
    case step(SearchStep)
    /// The number of ranked candidates, from 0 on, of so many; the second number is lowered if no more candidates
    /// exist.
    case candidate(done: Int, of: Int)
    /// The number of finished trials, including the finished part of the present one, of so many.
    case trial(done: Double, of: Int)
    /// The architecture is found; the steps that follow train its weights.
    case found

    public var finishedStep: SearchStep? {
        if case .step(let step) = self { step } else { nil }
    }
}
