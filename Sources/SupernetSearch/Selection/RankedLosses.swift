import Training

/// The known losses of candidates and trials, in their order. A resumed search generates the same networks again, and
/// computes only the losses that are missing here.
struct RankedLosses {
    /// With inherited weights; infinite where the loss is NaN.
    var inherited: [Double] = []
    /// Over the first half of each trial; infinite where it diverged.
    var halves: [Double] = []
    /// Over each whole trial; infinite where its second half was skipped.
    var wholes: [Double] = []

    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.losses("compared_losses", &inherited)
        try exchange.losses("trial_halves", &halves)
        try exchange.losses("trial_wholes", &wholes)
    }
}
