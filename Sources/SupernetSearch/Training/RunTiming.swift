/// How long the steps of a run take on this machine, from doing some.
public struct RunTiming: Hashable, Sendable {
    /// The mean: steps may differ, as those of a warm-up do.
    public let secondsPerStep: Double

    /// What ends the run that is timed.
    private struct Enough: Error {}

    /// Does the first steps of a run, which is of no use afterwards.
    ///
    /// - Parameters:
    ///   - steps: how many are timed at most.
    ///   - warmUp: how many go before.
    /// - Throws: what the run throws.
    public init(of run: some ResumableRun, steps: Int = 15, warmUp: Int = 3) throws {
        var times: [Double] = []
        var last = ContinuousClock.now
        do {
            try run.run { _ in
                let now = ContinuousClock.now
                times.append((now - last) / .seconds(1))
                last = now
                if times.count == warmUp + steps { throw Enough() }
            }
        } catch is Enough {}
        let timed = times.dropFirst(times.count > warmUp ? warmUp : 0)
        secondsPerStep = timed.reduce(0, +) / Double(max(timed.count, 1))
    }
}
