import CScheduling
import Files
import Glibc

/// Which processor cores a thread may run on.
public enum CoreAffinity {
    /// Runs `body` with the calling thread, and the threads that it starts, bound to so many of the allowed cores: the
    /// last ones, because a machine's first core has the most other work.
    ///
    /// - Throws: `ProfilingError.cannotPin` where there are fewer cores, and what `body` throws.
    public static func pinned<T>(cores: Int, _ body: () throws -> T) throws -> T {
        let before = try allowed(cores)
        guard before.count >= cores else {
            throw ProfilingError.cannotPin(cores: cores, reason: "there are \(before.count)")
        }
        try allow(before.suffix(cores), cores)
        defer { try? allow(before[...], cores) }
        return try body()
    }

    private static func allowed(_ cores: Int) throws -> [Int] {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { throw failure(cores) }
        return withUnsafeBytes(of: &set) { bytes in
            (0..<8 * bytes.count).filter { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        }
    }

    private static func allow(_ list: ArraySlice<Int>, _ cores: Int) throws {
        var set = cpu_set_t()
        withUnsafeMutableBytes(of: &set) { bytes in
            for core in list { bytes[core / 8] |= 1 << UInt8(core % 8) }
        }
        guard sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { throw failure(cores) }
    }

    private static func failure(_ cores: Int) -> ProfilingError {
        .cannotPin(cores: cores, reason: lastSystemError())
    }
}
