import Glibc
import JSONDocuments

/// The memory of this process.
public enum ProcessMemory {
    /// What is resident now, in bytes; nil where the system does not tell.
    public static var resident: Int? {
        // The second number is the resident pages (proc(5)).
        guard let text = try? TextFile.read("/proc/self/statm", what: "state of the process") else { return nil }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * pageSize
    }

    /// What the system could still give without swapping, in bytes; nil where it does not tell.
    public static var available: Int? {
        guard let text = try? TextFile.read("/proc/meminfo", what: "state of the memory") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { 1024 * $0 }
        }
        return nil
    }

    private static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }
}
