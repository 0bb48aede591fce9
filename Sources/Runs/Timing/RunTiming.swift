import Training

/// The time of a run's steps on this machine, measured on some of them.
public struct RunTiming: Hashable, Sendable {
    /// The mean, because steps may differ, as in a warm-up.
    public let secondsPerStep: Double

    /// Does the first steps of a run; do not use the run afterwards.
    ///
    /// - Parameters:
    ///   - steps: the largest number of timed steps.
    ///   - warmUp: the number of steps before them.
    ///   - budget: in seconds; when it is used up, only one step is timed, or no more.
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
