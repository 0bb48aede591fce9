import Glibc

/// How long a thread polls for what it waits for before it sleeps.
///
/// Most gaps within a training step are shorter than the waking of a thread, so polling is faster while the thread that is
/// waited for runs. Beside other programs it may not run for milliseconds, and polling takes the core from them. So a
/// thread polls for long only where it has its core for itself, which the kernel's count of the times tells that it took the
/// core away. On two cores a training alone is a tenth faster than with short polling, and two trainings beside each other
/// would take twice as long with long polling.
///
/// A thread never yields the core instead: the kernel would give it to another program for milliseconds, however low its
/// priority.
package struct Patience {
    /// How many times a thread looks before it sleeps.
    package private(set) var looks = Self.least
    private var last: (time: ContinuousClock.Instant, preemptions: Int)?

    /// About a hundredth of a millisecond.
    package static let least = 20_000
    /// About a fifth of a millisecond.
    package static let most = 400_000
    /// How often the kernel is asked.
    static let period = Duration.milliseconds(100)
    /// A thread that loses its core more often in a second shares it. Alone, threads lose it 20 to 50 times a second; of two
    /// trainings on two cores, 100 to 4,000 times.
    static let fewPreemptions = 80.0

    package init() {}

    /// Looks until it is so, or for as long as it is worth it.
    ///
    /// - Returns: whether it is so.
    @inline(__always)
    package mutating func poll(_ isSo: () -> Bool) -> Bool {
        for _ in 0..<Self.least where isSo() { return true }
        adapt()
        for _ in Self.least..<looks where isSo() { return true }
        return isSo()
    }

    /// Asks the kernel how often the thread lost its core, where it was not asked for a while.
    private mutating func adapt() {
        let now = ContinuousClock.now
        if let last, now - last.time < Self.period { return }
        var usage = rusage()
        // RUSAGE_THREAD, which the Swift module of the C library is built without.
        getrusage(1, &usage)
        learn(preemptions: usage.ru_nivcsw, at: now)
    }

    /// - Parameter preemptions: how often the thread lost its core since it began.
    package mutating func learn(preemptions: Int, at time: ContinuousClock.Instant) {
        if let last {
            let rate = Double(preemptions - last.preemptions) / ((time - last.time) / .seconds(1))
            looks = rate <= Self.fewPreemptions ? Self.most : Self.least
        }
        last = (time, preemptions)
    }
}
