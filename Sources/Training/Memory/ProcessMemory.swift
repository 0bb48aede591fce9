import Files
import Glibc

/// The memory of this process.
public enum ProcessMemory {
    /// The resident memory now, in bytes; nil where the system does not report it.
    public static var resident: Int? {
        // The second number is the resident pages (proc(5)).
        guard let text = try? TextFile.read("/proc/self/statm", what: "state of the process") else { return nil }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return product(pages, pageSize)
    }

    /// The largest resident memory so far, in bytes; nil where the system does not report it.
    public static var peak: Int? { kibibytes("VmHWM:", in: "/proc/self/status", of: "state of the process") }

    /// The memory that is available without swapping, in bytes; nil where the system does not report it.
    public static var available: Int? {
        kibibytes("MemAvailable:", in: "/proc/meminfo", of: "state of the memory")
    }

    /// The KiB on the line of a system file that begins with a word, in bytes.
    private static func kibibytes(_ word: String, in path: String, of what: String) -> Int? {
        guard let text = try? TextFile.read(path, what: what) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(word) {
            // "VmHWM:	  174688 kB"
            let number = line.dropFirst(word.count).filter(\.isNumber)
            return Int(number).flatMap { product($0, 1024) }
        }
        return nil
    }

    /// nil where it overflows.
    private static func product(_ one: Int, _ other: Int) -> Int? {
        let (product, overflow) = one.multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }

    private static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }
}
