/// The losses of the networks that a search has compared and tried so far, in the order of the networks: a search that was
/// stopped among them comes to the same networks again, and computes only what is not here.
struct Comparison {
    /// By what each inherits; infinite where that is no number.
    var inherited: [Double] = []
    /// Over the first half of each trial.
    var halves: [Double] = []
    /// Over each whole trial; infinite where its second half was not done.
    var wholes: [Double] = []

    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.losses("compared_losses", &inherited)
        try exchange.losses("trial_halves", &halves)
        try exchange.losses("trial_wholes", &wholes)
    }
}
