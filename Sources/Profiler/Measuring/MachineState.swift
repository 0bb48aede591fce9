import Files
import Glibc

/// The machine that measures, and its present load.
public struct MachineState: Hashable, Sendable {
    /// The processor's name as the system reports it.
    public let processor: String
    /// The number of online cores.
    public let cores: Int
    /// The widest vectors that the processor computes with.
    public let vectorBits: Int
    /// The clock governor ("performance"); nil where the system does not report it, as in most virtual machines.
    public let clockGovernor: String?
    /// The load average over the last minute; nil where the system does not report it.
    public let load: Double?

    public init(processor: String, cores: Int, vectorBits: Int, clockGovernor: String?, load: Double?) {
        self.processor = processor
        self.cores = cores
        self.vectorBits = vectorBits
        self.clockGovernor = clockGovernor
        self.load = load
    }

    /// This machine, now.
    ///
    /// - Parameter core: whose processor and clock are told, where cores differ; the fastest that is allowed if nil.
    public static func current(core: Int? = nil) -> MachineState {
        func text(_ path: String) -> String? { try? TextFile.read(path, what: "system file") }
        let core = core ?? (try? CoreAffinity.fastest(1))?.first ?? 0
        let processors = section(of: core, in: cpuInfo)
        return MachineState(
            processor: processor(in: processors), cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            vectorBits: vectorBits(
                in: processors,
                scalableBits: text("/proc/sys/abi/sve_default_vector_length")
                    .flatMap { Int($0.prefix { !$0.isWhitespace }) }.map { 8 * $0 }),
            clockGovernor: text("/sys/devices/system/cpu/cpu\(core)/cpufreq/scaling_governor").map {
                String($0.prefix { !$0.isWhitespace })
            },
            load: text("/proc/loadavg").flatMap { Double($0.prefix { $0 != " " }) })
    }

    /// What the system tells of its processors; empty where it tells nothing.
    package static var cpuInfo: String { (try? TextFile.read("/proc/cpuinfo", what: "system file")) ?? "" }

    /// The lines of one processor in the text of /proc/cpuinfo, and those that stand for all of them; the whole text where it
    /// does not have that processor.
    package static func section(of core: Int, in text: String) -> String {
        var kept: [Substring] = [], isFound = false, isOther = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if let index = field("processor", in: String(line)).flatMap({ Int($0) }) {
                isOther = index != core
                isFound = isFound || !isOther
            } else if line.allSatisfy(\.isWhitespace) {
                // The lines of a processor end.
                isOther = false
            }
            if !isOther { kept.append(line) }
        }
        return isFound ? kept.joined(separator: "\n") : text
    }

    /// The name of the first processor in the text of /proc/cpuinfo; of Arm its numbers.
    package static func processor(in text: String) -> String {
        // Of Arm, the name of the model is that of its instruction set, and "Hardware" that of the board.
        if let implementer = field("CPU implementer", in: text), let part = field("CPU part", in: text) {
            return "implementer \(implementer), part \(part)"
        }
        return field("model name", in: text) ?? field("Hardware", in: text) ?? "unknown"
    }

    /// The widest vectors of the first processor in the text of /proc/cpuinfo.
    ///
    /// - Parameter scalableBits: of Arm's scalable vectors, whose width the text does not tell; nil where it is not known, and
    ///   then they are taken for the least wide.
    package static func vectorBits(in text: String, scalableBits: Int? = nil) -> Int {
        let flags = Set((field("flags", in: text) ?? field("Features", in: text) ?? "").split(separator: " "))
        return flags.contains("avx512f") ? 512 : flags.contains("avx") ? 256 : flags.contains("sve") ? max(scalableBits ?? 128, 128) : 128
    }

    /// The first value of a field in the text of /proc/cpuinfo.
    static func field(_ name: String, in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].dropFirst(name.count).allSatisfy(\.isWhitespace) else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }

    /// Whether the processor's vectors are those of x86-64.
    var isX86: Bool {
        #if arch(x86_64)
            true
        #else
            false
        #endif
    }

    /// A text that does not change while the machine runs.
    var identity: String { "\(processor), \(cores) cores, \(vectorBits) bits" }

    public var json: JSON {
        [
            "processor": .string(processor), "cores": .integer(cores), "vector_bits": .integer(vectorBits),
            "clock_governor": clockGovernor.map(JSON.string) ?? .null, "load": load.map(JSON.number) ?? .null,
        ]
    }
}
