import ArgumentParser
import Files
import HardwareProfiles

/// A profile from facts alone.
struct DeviceNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Makes a device profile from facts: its cores, its memory, the runtime.",
        discussion: """
            onepath device new --cores 2xcortex-a76@2.3,6xcortex-a55@1.8 --memory lpddr4x-4266x32 --runtime xnnpack \
            --output a52.json. The model is learned from all devices that were measured (onepath show devices).
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

    @Option(help: ArgumentHelp("The memory: kind, million transfers a second, bits.", valueName: "kind-MxB"))
    var memory: String

    @Option(help: "The runtime: xnnpack or ncnn.")
    var runtime = HardwareProfiles.Runtime.Name.xnnpack

    @Option(help: "The data type: float32 or int8.")
    var dataType = HardwareProfiles.Runtime.DataType.float32

    @Option(help: "The name of the device (default: as the output).")
    var name: String?

    @Option(help: "The file for the profile.", completion: .file())
    var output: String

    func validate() throws {
        if (cores == nil) == (cpuInfo == nil) { throw ValidationError("expected either --cores or --from-cpuinfo") }
        if let cores, DeviceFacts(cores: cores) == nil {
            throw ValidationError(
                "--cores: expected a list like 2xcortex-a76@2.3,6xcortex-a55@1.8, found \(cores)")
        }
        if DeviceFacts.Memory(memory) == nil {
            throw ValidationError("--memory: \(DeviceFacts.Memory.form), found \(memory)")
        }
        if runtime == .tflite {
            throw ValidationError("--runtime: expected xnnpack or ncnn, of which many devices were measured, found tflite")
        }
    }

    func run() throws {
        guard let memory = DeviceFacts.Memory(memory) else { return }
        let facts = try cpuInfo.map { try DeviceFacts(cpuInfoAt: $0) } ?? cores.flatMap(DeviceFacts.init(cores:))
        guard let facts else { return }
        let known = try Catalogue.knownCores()
        let name = name ?? Catalogue.name(ofFile: output)
        let (hardware, notes) = facts.hardware(name: name, memory: memory, known: known)
        for note in notes { writeError("onepath: \(note)\n") }
        let standIns = notes.isEmpty ? "" : " " + notes.map { $0 + "." }.joined(separator: " ")
        let document = DeviceDocument(
            name: name,
            description: "\(name), described by its facts, with \(runtime.rawValue) in \(dataType.rawValue).\(standIns)",
            hardware: hardware,
            runtime: HardwareProfiles.Runtime(
                name: runtime, dataType: dataType, threads: 1, cluster: facts.groups.count > 1 ? "all" : "big"))
        let device = try document.profile(at: output)
        var teaching = try KnownDevices.teaching(of: device.runtime.dataType)
        let parameters = try teaching.parameters(
            of: device, threads: KnownDevices.threads(of: device), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: output)
        print("\(name): \(parameters.summary)")
        print("\(output): estimate with --device \(output), or measure what onepath device plan --device \(output) names")
    }
}

extension HardwareProfiles.Runtime.Name: ExpressibleByArgument {}
extension HardwareProfiles.Runtime.DataType: ExpressibleByArgument {}
