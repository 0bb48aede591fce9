import Glibc
import HardwareProfiles

/// The source of time.
public struct MonotonicClock {
    /// Nanoseconds since a fixed moment; never decreases.
    public let now: () -> Int
    /// Nanoseconds for which the calling thread has been on a processor.
    let processorTime: () -> Int

    /// Another clock, such as one that a test controls.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since a fixed moment.
    ///   - processorTime: by default the same, for a thread that never waits for a processor.
    public init(now: @escaping () -> Int, processorTime: (() -> Int)? = nil) {
        self.now = now
        self.processorTime = processorTime ?? now
    }

    /// The machine's own.
    public static var system: MonotonicClock {
        MonotonicClock(now: { reading(CLOCK_MONOTONIC) }, processorTime: { reading(CLOCK_THREAD_CPUTIME_ID) })
    }

    private static func reading(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The cost of one reading, in nanoseconds.
    var cost: Double {
        (0..<101).map { _ in
            let before = now()
            return Double(now() - before)
        }.median
    }
}
