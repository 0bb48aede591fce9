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
    public static var current: MachineState {
        func text(_ path: String) -> String? { try? TextFile.read(path, what: "system file") }
        let processors = text("/proc/cpuinfo") ?? ""
        return MachineState(
            processor: processor(in: processors), cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            vectorBits: vectorBits(
                in: processors,
                scalableBits: text("/proc/sys/abi/sve_default_vector_length")
                    .flatMap { Int($0.prefix { !$0.isWhitespace }) }.map { 8 * $0 }),
            clockGovernor: text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").map {
                String($0.prefix { !$0.isWhitespace })
            },
            load: text("/proc/loadavg").flatMap { Double($0.prefix { $0 != " " }) })
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

    /// Whether the processor issues in program order, as Arm's small cores do: Cortex-A5, A7, A8, A53, A35, A55, A510, A520,
    /// A32 and A34.
    var isInOrder: Bool {
        ["0xc05", "0xc07", "0xc08", "0xd03", "0xd04", "0xd05", "0xd46", "0xd80", "0xd01", "0xd02"].contains {
            processor.hasSuffix("implementer 0x41, part \($0)")
        }
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
