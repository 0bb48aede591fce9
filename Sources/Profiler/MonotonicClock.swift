import Glibc

/// Where the time comes from: a reading in nanoseconds that never goes back.
public struct MonotonicClock {
    /// Nanoseconds since some moment.
    public let now: () -> Int

    /// A clock of another kind, such as one that a test winds.
    public init(now: @escaping () -> Int) { self.now = now }

    /// The machine's own.
    public static var system: MonotonicClock {
        MonotonicClock {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
    }

    /// What one reading takes, in nanoseconds.
    var cost: Double {
        SampleMedian((0..<101).map { _ in
            let before = now()
            return Double(now() - before)
        }).median
    }
}
