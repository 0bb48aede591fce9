import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Facts of a device")
struct DeviceFactsTests {
    private static func cores() throws -> [Core] { try ShippedFiles.cores().map(Core.init(contentsOf:)) }

    @Test("cores and memory are read from a list")
    func list() throws {
        let facts = try #require(DeviceFacts(cores: "2xcortex-a76@2.3,6xcortex-a55@1.8"))
        #expect(facts.groups.map(\.count) == [2, 6] && facts.groups.map(\.core) == ["cortex-a76", "cortex-a55"])
        #expect(facts.groups.map(\.clockGHz) == [2.3, 1.8])
        let memory = try #require(DeviceFacts.Memory("lpddr4x-4266x32"))
        #expect(memory.kind == "LPDDR4X" && memory.megatransfers == 4266 && memory.bits == 32)
        for wrong in ["", "cortex-a53@1", "0xcortex-a53@1", "4xcortex-a53", "4x@1", "4xcortex-a53@-1", "4xcortex-a53@1,"] {
            #expect(DeviceFacts(cores: wrong) == nil, "\(wrong)")
        }
        for wrong in ["", "lpddr4", "-1600x32", "ddr3-x32", "ddr3-1600", "ddr3-1600x4"] {
            #expect(DeviceFacts.Memory(wrong) == nil, "\(wrong)")
        }
    }

    @Test("an unknown core gets the nearest, and it is said")
    func nearest() throws {
        let facts = try #require(DeviceFacts(cores: "4xcortex-a74@2,4xcortex-a55@1.8"))
        let memory = try #require(DeviceFacts.Memory("ddr4-2400x64"))
        let (hardware, notes) = facts.hardware(name: "mine", memory: memory, known: try Self.cores())
        #expect(notes == ["the core cortex-a74 is not known: the nearest, cortex-a73, stands in"]
            || notes == ["the core cortex-a74 is not known: the nearest, cortex-a75, stands in"])
        let document = DeviceDocument(
            name: "mine", description: "", hardware: hardware,
            runtime: Runtime(name: .ncnn, dataType: .float32, threads: 1, cluster: "all"))
        let device = try document.profile(at: ShippedFiles.device("mine"))
        #expect(device.bigCores == 8 && device.hardware.memory.bandwidthGBPerSecond.value == 19.2)
        #expect(device.hardware.clusters.map(\.name) == ["big", "little"])
    }

    @Test("the processors of a board are read as Linux shows them")
    func cpuInfo() throws {
        var text = ""
        for cpu in 0..<6 {
            text += "processor\t: \(cpu)\nCPU implementer\t: 0x41\nCPU part\t: \(cpu < 4 ? "0xd03" : "0xd08")\n\n"
        }
        let clocks = (0..<6).map {
            "/sys/devices/system/cpu/cpu\($0)/cpufreq/cpuinfo_max_freq:\($0 < 4 ? 1_416_000 : 1_800_000)\n"
        }.joined()
        let facts = try DeviceFacts(cpuInfo: text + clocks, path: "cpuinfo")
        #expect(facts.groups.map(\.core) == ["cortex-a53", "cortex-a72"] && facts.groups.map(\.count) == [4, 2])
        #expect(facts.groups.map(\.clockGHz) == [1.416, 1.8])
        let lscpu = """
            Architecture:          aarch64
            CPU(s):                4
            Model name:            Cortex-A76
            Core(s) per socket:    4
            Socket(s):             1
            CPU max MHz:           2400.0000
            """
        let pi = try DeviceFacts(cpuInfo: lscpu, path: "lscpu")
        #expect(pi.groups.map(\.core) == ["cortex-a76"] && pi.groups[0].count == 4 && pi.groups[0].clockGHz == 2.4)
        for wrong in ["", text, "CPU implementer : 0x41\nCPU part : 0xfff\n", "Model name: Cortex-A76\n"] {
            #expect(throws: FileError.self) { try DeviceFacts(cpuInfo: wrong, path: "x") }
        }
    }

    @Test("every shipped core has a source for every figure, and no core does more in a wider type's time")
    func cores() throws {
        let cores = try Self.cores()
        #expect(cores.count >= 35)
        for core in cores {
            #expect(core.fmaPerCycleF16.value == 0 || core.fmaPerCycleF16.value >= core.fmaPerCycleF32.value, "\(core.name)")
            #expect(core.fmaPerCycleInt8.value >= core.fmaPerCycleF32.value, "\(core.name)")
            #expect(core.l2KiB.value >= core.l1KiB.value && !core.inOrder.source.isEmpty)
        }
    }
}
