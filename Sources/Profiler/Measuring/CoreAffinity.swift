import CScheduling
import Files
import Glibc

/// Which processor cores a thread may run on.
public enum CoreAffinity {
    /// Runs `body` with the calling thread, and the threads that it starts, bound to so many of the allowed cores: those
    /// that `fastest` names.
    ///
    /// - Throws: `ProfilingError.cannotPin` where there are fewer cores, and what `body` throws.
    public static func pinned<T>(cores: Int, _ body: () throws -> T) throws -> T {
        let before = try allowed(cores)
        try allow(fastest(cores), cores)
        defer { try? allow(before, cores) }
        return try body()
    }

    /// So many of the allowed cores, the fastest first.
    ///
    /// - Throws: `ProfilingError.cannotPin` where there are fewer.
    public static func fastest(_ count: Int) throws -> [Int] {
        let allowed = try allowed(count)
        guard allowed.count >= count else {
            throw ProfilingError.cannotPin(cores: count, reason: "there are \(allowed.count)")
        }
        return Array(order(allowed.map { ($0, speed(of: $0), isSecondThread($0)) }).prefix(count))
    }

    /// How many of the allowed cores are as fast as one of them.
    public static func countOfEquals(to core: Int) -> Int {
        let all = (try? allowed(1)) ?? []
        return max(1, all.count { speed(of: $0) == speed(of: core) })
    }

    /// The fastest first. Of equal ones, first threads before second ones of the same cores, and then the last, because a
    /// machine's first core has the most other work.
    package static func order(_ cores: [(index: Int, speed: Int, isSecondThread: Bool)]) -> [Int] {
        cores.sorted {
            if $0.speed != $1.speed { return $0.speed > $1.speed }
            if $0.isSecondThread != $1.isSecondThread { return $1.isSecondThread }
            return $0.index > $1.index
        }.map(\.index)
    }

    /// A number that is larger for faster cores: what the system says of their capacity, else their highest clock; 0 where it
    /// says neither, as in most virtual machines.
    private static func speed(of core: Int) -> Int {
        for file in ["cpu_capacity", "cpufreq/cpuinfo_max_freq"] {
            if let text = try? TextFile.read("/sys/devices/system/cpu/cpu\(core)/\(file)", what: "system file"),
                let speed = Int(text.prefix { !$0.isWhitespace })
            {
                return speed
            }
        }
        return 0
    }

    private static func isSecondThread(_ core: Int) -> Bool {
        let path = "/sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"
        let first = (try? TextFile.read(path, what: "system file")).flatMap { Int($0.prefix(while: \.isNumber)) }
        return first.map { $0 != core } ?? false
    }

    private static func allowed(_ cores: Int) throws -> [Int] {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { throw failure(cores) }
        return withUnsafeBytes(of: &set) { bytes in
            (0..<8 * bytes.count).filter { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        }
    }

    private static func allow(_ list: [Int], _ cores: Int) throws {
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
