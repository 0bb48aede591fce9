import ArgumentParser
import Files
import HardwareProfiles

/// A profile from facts alone.
struct DeviceNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Makes a device profile from facts: its cores, its memory, the runtime.",
        usage: "onepath device new [<options>] --output <output>",
        discussion: """
            The model is learned from all devices that were measured (onepath show devices). With --same-device, the \
            command makes another profile of a device, which also learns from what was measured with the first.

            onepath device new --cores 2xcortex-a76@2.3,6xcortex-a55@1.8 --memory lpddr4x-4266x32 --output a52.json

            onepath device new --same-device a52.json --data-type int8 --output a52-int8.json
            """)

    @Option(help: ArgumentHelp("The cores: counts, names (onepath show cores) and clocks in GHz.", valueName: "list"))
    var cores: String?

    @Option(
        name: .customLong("from-cpuinfo"),
        help: ArgumentHelp(
            """
            Read the cores from this file instead: /proc/cpuinfo of the device, followed by what grep . \
            /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq prints, or the output of lscpu.
            """, valueName: "file"), completion: .file())
    var cpuInfo: String?

    @Option(help: ArgumentHelp("The memory: kind, million transfers a second, bits, such as lpddr4x-4266x32.", valueName: "kind-MxB"))
    var memory: String?

    @Option(help: ArgumentHelp("The third level of cache and what the chip has before the memory, KiB together.", valueName: "KiB"))
    var l3: Int?

    @OptionGroup var same: SameDeviceOption

    @Option(help: "The runtime.")
    var runtime = HardwareProfiles.Runtime.Name.xnnpack

    @Option(help: "The data type.")
    var dataType = HardwareProfiles.Runtime.DataType.float32

    @Option(help: "The name of the device (default: as the output).")
    var name: String?

    @Option(help: "The file for the profile.", completion: .file())
    var output: String

    func validate() throws {
        let sources = [cores, cpuInfo, same.sameDevice].compactMap(\.self).count
        if sources != 1 { throw ValidationError("expected one of --cores, --from-cpuinfo and --same-device") }
        if memory == nil, same.sameDevice == nil {
            throw ValidationError("--memory: \(DeviceFacts.Memory.form), found none")
        }
        if memory != nil, same.sameDevice != nil {
            throw ValidationError("--memory: expected none beside --same-device, whose memory it is")
        }
        if let cores, DeviceFacts(cores: cores) == nil {
            throw ValidationError(
                "--cores: expected a list like 2xcortex-a76@2.3,6xcortex-a55@1.8, found \(cores)")
        }
        if let l3, same.sameDevice != nil || !(1...1_048_576).contains(l3) {
            throw ValidationError("--l3: expected KiB from 1 to 1048576, and none beside --same-device, found \(l3)")
        }
        if let memory, DeviceFacts.Memory(memory) == nil {
            throw ValidationError("--memory: \(DeviceFacts.Memory.form), found \(memory)")
        }
    }

    func run() throws {
        let name = name ?? Catalogue.name(ofFile: output)
        let other = try same.profile()
        guard let document = try other.map({ try document(named: name, like: $0) }) ?? document(named: name) else { return }
        let device = try document.profile(at: output)
        var teaching = try KnownDevices.teaching(of: device.runtime, adding: [other].compactMap(\.self))
        let parameters = try teaching.parameters(
            of: device, threads: KnownDevices.threads(of: device), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: output)
        print("\(name): \(parameters.summary)".wrapped(columns: TextTable.columns))
        print("The profile is in \(output).")
        print(NextCommand.line("estimate", "--device", output, "--architecture", "mobilenet-v2"))
        if runtime.isOfToday { print(NextCommand.line("device", "plan", "--device", output, "--output", "plan")) }
    }

    /// What neither the name of a memory nor a list of cores tells.
    private static func inferred(_ facts: DeviceFacts) -> String {
        "What the memory gives one core and all of them is inferred from its name"
            + (facts.l3KiB == nil ? "; caches beyond the second level are taken as none: --l3 tells them." : ".")
    }

    /// The profile by the facts that are given.
    private func document(named name: String) throws -> DeviceDocument? {
        guard let memory = memory.flatMap(DeviceFacts.Memory.init),
            var facts = try cpuInfo.map({ try DeviceFacts(cpuInfoAt: $0) }) ?? cores.flatMap(DeviceFacts.init(cores:))
        else { return nil }
        facts.l3KiB = l3 ?? facts.l3KiB
        let known = try Catalogue.knownCores()
        if let stranger = facts.strangers(among: known).first {
            let problem = "no core like \(stranger) is described; expected a name of onepath show cores, that of the core most like it"
            guard let cpuInfo else { throw ValidationError("--cores: \(problem)") }
            throw FileError.invalid(path: cpuInfo, place: "", problem: problem + ", with --cores")
        }
        let (hardware, notes) = facts.hardware(name: name, memory: memory, known: known, described: try KnownDevices.hardware())
        if let l3, hardware["l3_kib"] == .null {
            throw ValidationError("--l3: expected no less than the second level of cache of a core, found \(l3)")
        }
        for note in facts.notes + notes { writeError("onepath: \(note)\n") }
        print("\(name): \(facts.groups.map(\.description).joined(separator: ", "))".wrapped(columns: TextTable.columns))
        print(Self.inferred(facts).wrapped(columns: TextTable.columns))
        let concluded = (facts.notes + notes).map { " \($0.capitalisedFirst)." }.joined()
        return DeviceDocument(
            name: name,
            description: "\(name), described by its facts, with \(runtime.rawValue) in \(dataType.rawValue).\(concluded) "
                + Self.inferred(facts),
            hardware: hardware,
            runtime: HardwareProfiles.Runtime(
                name: runtime, dataType: dataType, threads: 1,
                cluster: facts.groups.count > 1 && runtime.isOfToday ? "all" : "big"))
    }

    /// The profile of the device that another profile describes.
    private func document(named name: String, like other: DeviceProfile) throws -> DeviceDocument {
        let cluster = other.runtime.cluster
        let isCluster = other.hardware.clusters.contains { $0.name == cluster }
        return DeviceDocument(
            name: name,
            description: "The device of \(other.name), with \(runtime.rawValue) in \(dataType.rawValue).",
            hardware: try other.hardwareReference(from: output),
            runtime: HardwareProfiles.Runtime(
                name: runtime, dataType: dataType, threads: 1,
                cluster: isCluster || runtime.isOfToday ? cluster : other.hardware.clusters[0].name))
    }
}

extension HardwareProfiles.Runtime.Name: ExpressibleByArgument {}
extension HardwareProfiles.Runtime.DataType: ExpressibleByArgument {}
