import CScheduling
import Glibc

/// Runs `body` with the calling thread, and the threads that it starts, bound to the first core that it may run on.
func onOneCore<Result>(_ body: () throws -> Result) rethrows -> Result {
    var before = cpu_set_t(), one = cpu_set_t()
    _ = sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &before)
    let first = withUnsafeBytes(of: before) { bytes in
        (0..<8 * bytes.count).first { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 } ?? 0
    }
    withUnsafeMutableBytes(of: &one) { $0[first / 8] = 1 << UInt8(first % 8) }
    _ = sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &one)
    defer { _ = sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &before) }
    return try body()
}
