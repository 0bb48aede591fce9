import Profiler

/// A device of a script: every command is answered by a function, and files that are copied to it are counted.
final class ScriptedShell: RemoteShell {
    let name = "the scripted device"
    let directory = "/tmp"
    let isAndroid: Bool
    /// The answer to a command; what it throws ends the command.
    var answer: (String) throws -> RemoteOutput
    private(set) var commands: [String] = []
    private(set) var pushed: [(path: String, destination: String)] = []

    init(isAndroid: Bool = false, answer: @escaping (String) throws -> RemoteOutput) {
        self.isAndroid = isAndroid
        self.answer = answer
    }

    func run(_ command: String, seconds: Double) throws -> RemoteOutput {
        commands.append(command)
        return try answer(command)
    }

    func push(_ path: String, to destination: String) throws { pushed.append((path, destination)) }

    /// What a board with four Cortex-A72 answers to everything but the program that times models.
    static func board(_ command: String) -> RemoteOutput? {
        func text(_ text: String) -> RemoteOutput { RemoteOutput(text: text, status: 0) }
        if command == "uname -m" { return text("aarch64\n") }
        if command.hasPrefix("cat /proc/cpuinfo") {
            let processors = (0..<4).map { index in
                "processor\t: \(index)\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\n"
                    + "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\n"
                    + "CPU revision\t: 3\n"
            }
            let clocks = (0..<4).map {
                "/sys/devices/system/cpu/cpu\($0)/cpufreq/cpuinfo_max_freq:1500000"
            }
            return text((processors + clocks).joined(separator: "\n"))
        }
        if command.contains("cpu/possible") { return text("0-3") }
        if command.contains("device-tree/model") { return text("Raspberry Pi 4 Model B Rev 1.1") }
        if command.contains("scaling_governor") { return text("ondemand") }
        if command.contains("loadavg") { return text("0.08 0.03 0.01 1/170 1234") }
        if command.hasPrefix("mktemp -d ") { return text("/tmp/onepath.a1B2c3") }
        return nil
    }
}
