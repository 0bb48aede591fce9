import Training

/// How long the steps of a run take on this machine, from doing some.
public struct RunTiming: Hashable, Sendable {
    /// The mean: steps may differ, as those of a warm-up do.
    public let secondsPerStep: Double

    /// Does the first steps of a run, which is of no use afterwards.
    ///
    /// - Parameters:
    ///   - run: at its beginning.
    ///   - steps: how many are timed at most.
    ///   - warmUp: how many go before.
    ///   - budget: in seconds; once it is used up, no more steps are done than the one that has to be timed.
    /// - Throws: what the run throws.
    public init(of run: some ResumableRun, steps: Int = 15, warmUp: Int = 3, budget: Double = .infinity) throws {
        var times: [Double] = []
        let start = ContinuousClock.now
        var last = start
        while times.count < warmUp + steps, let event = try run.next() {
            guard event.finishedStep != nil else { continue }
            let now = ContinuousClock.now
            times.append((now - last) / .seconds(1))
            last = now
            if times.count > 1, (now - start) / .seconds(1) > budget { break }
        }
        let timed = times.dropFirst(min(warmUp, max(0, times.count - 1)))
        secondsPerStep = timed.reduce(0, +) / Double(max(timed.count, 1))
    }
}
