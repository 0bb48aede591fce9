import Training

/// The losses of the candidates and trials that a search knows so far, in their order: a search that was stopped among them
/// comes to the same networks again, and computes only what is not here.
struct RankedLosses {
    /// With inherited weights; infinite where that is no number.
    var inherited: [Double] = []
    /// Over the first half of each trial; infinite where it diverged.
    var halves: [Double] = []
    /// Over each whole trial; infinite where its second half was not done.
    var wholes: [Double] = []

    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.losses("compared_losses", &inherited)
        try exchange.losses("trial_halves", &halves)
        try exchange.losses("trial_wholes", &wholes)
    }
}
