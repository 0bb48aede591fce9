import Training

/// The events of a search.
public enum SearchEvent: RunEvent {
    case step(SearchStep)
    /// The number of candidates whose loss is known, from 0 on, including the finished part of a trial, of at most so many.
    case candidate(done: Double, of: Int)
    /// The architecture is found; the steps that follow train its weights.
    case found

    public var finishedStep: SearchStep? {
        if case .step(let step) = self { step } else { nil }
    }
}
