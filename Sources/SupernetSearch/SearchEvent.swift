import Training

/// What a search does, piece by piece.
public enum SearchEvent: RunEvent {
    case step(SearchStep)
    /// So many candidates of so many are ranked by now, from 0 on; the second falls where there are no more.
    case candidate(done: Int, of: Int)
    /// So many trials of so many are done by now, the part of the one that goes on included.
    case trial(done: Double, of: Int)
    /// The architecture is found; the steps that follow train its weights.
    case found

    public var finishedStep: SearchStep? {
        if case .step(let step) = self { step } else { nil }
    }
}
