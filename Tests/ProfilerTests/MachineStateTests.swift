import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("The machine's state")
struct MachineStateTests {
    static let intel = """
        processor\t: 0
        vendor_id\t: GenuineIntel
        model\t\t: 85
        model name\t: Intel(R) Xeon(R) Gold 6140 CPU @ 2.30GHz
        flags\t\t: fpu sse sse2 avx avx2 avx512f

        processor\t: 1
        model name\t: another
        """
    static let arm = """
        processor\t: 0
        BogoMIPS\t: 108.00
        Features\t: fp asimd evtstrm crc32
        CPU implementer\t: 0x41
        CPU architecture: 8
        CPU part\t: 0xd08
        """

    @Test("names the processor and its vectors as the system tells them")
    func processors() {
        #expect(MachineState.processor(in: Self.intel) == "Intel(R) Xeon(R) Gold 6140 CPU @ 2.30GHz")
        #expect(MachineState.vectorBits(in: Self.intel) == 512)
        #expect(MachineState.vectorBits(in: Self.intel.replacing(" avx512f", with: "")) == 256)
        #expect(MachineState.processor(in: Self.arm) == "implementer 0x41, part 0xd08")
        #expect(MachineState.vectorBits(in: Self.arm) == 128)
        // The name of a board hides no core.
        #expect(MachineState.processor(in: Self.arm + "\nHardware\t: BCM2835\n") == "implementer 0x41, part 0xd08")
        #expect(MachineState.processor(in: "Hardware\t: BCM2835\n") == "BCM2835")
        // The width of scalable vectors is not in the text.
        let scalable = Self.arm.replacing("crc32", with: "crc32 sve")
        #expect(MachineState.vectorBits(in: scalable) == 128 && MachineState.vectorBits(in: scalable, scalableBits: 256) == 256)
        #expect(MachineState.processor(in: "") == "unknown")
    }

    @Test("is told of the processor that is asked for, where a board has two kinds")
    func unequal() {
        let small = Self.arm.replacing("0xd08", with: "0xd05")
        let large = Self.arm.replacing("0xd08", with: "0xd0b").replacing("processor\t: 0", with: "processor\t: 4")
        let text = small + "\n\n" + large + "\n\nHardware\t: board\n"
        for (core, part, name) in [(0, "0xd05", "cortex-a55"), (4, "0xd0b", "cortex-a76")] {
            let section = MachineState.section(of: core, in: text)
            #expect(MachineState.processor(in: section) == "implementer 0x41, part \(part)")
            // What follows the processors is of all of them.
            #expect(section.contains("Hardware\t: board"))
            #expect(DeviceFacts.core(ofProcessor: core, cpuInfo: text) == name)
        }
        #expect(MachineState.section(of: 9, in: text) == text && DeviceFacts.core(ofProcessor: 9, cpuInfo: text) == nil)
        // Old kernels tell the part once, for all.
        let old = "Processor\t: ARMv7\nprocessor\t: 0\nBogoMIPS\t: 1\n\nprocessor\t: 1\nBogoMIPS\t: 2\n\n"
            + "CPU implementer\t: 0x41\nCPU part\t: 0xc07\n"
        #expect(MachineState.processor(in: MachineState.section(of: 1, in: old)) == "implementer 0x41, part 0xc07")
        #expect(DeviceFacts.core(ofProcessor: 1, cpuInfo: old) == "cortex-a7")
    }

    @Test("has the fastest cores first, of equal ones the last, and second threads after all first ones")
    func order() {
        // Four small cores and four large ones, as of an RK3588; the other way round; a processor with two threads a core.
        let board = (0..<8).map { (index: $0, speed: $0 < 4 ? 414 : 1024, isSecondThread: false) }
        #expect(CoreAffinity.order(board) == [7, 6, 5, 4, 3, 2, 1, 0])
        let reversed = (0..<6).map { (index: $0, speed: $0 < 2 ? 1024 : 414, isSecondThread: false) }
        #expect(CoreAffinity.order(reversed) == [1, 0, 5, 4, 3, 2])
        let threads = (0..<4).map { (index: $0, speed: 0, isSecondThread: $0 % 2 == 1) }
        #expect(CoreAffinity.order(threads) == [2, 0, 3, 1])
    }

    @Test("has the figures of its core where it is known, and says of the others that they are inferred")
    func hardware() throws {
        let cores = try ShippedFiles.cores().map { try Core(contentsOf: $0) }
        func figures(_ known: [Core]) throws -> [(value: Double, source: String)] {
            let state = MachineState.current()
            let json = MachineHardware(processor: try CoreAffinity.fastest(1)[0], state: state, known: known).json
            guard case .array(let clusters)? = json["clusters"], let cluster = clusters.first else { return [] }
            return ["fma_per_cycle_f32", "fma_per_cycle_int8", "l1_bytes_per_cycle", "l2_bytes_per_cycle"].compactMap { key in
                guard case .number(let value)? = cluster[key]?["value"], case .string(let source)? = cluster[key]?["source"]
                else { return nil }
                return (value, source)
            }
        }
        let unknown = try figures([])
        #expect(unknown.count == 4 && unknown.allSatisfy { $0.source.hasPrefix("inferred: ") && $0.value >= 4 })
        let named = DeviceFacts.core(ofProcessor: try CoreAffinity.fastest(1)[0], cpuInfo: MachineState.cpuInfo)
        let bits = MachineState.current().vectorBits
        if let core = cores.first(where: { $0.name == named && $0.vectorBits.value == bits }) {
            let known = try figures(cores)
            #expect(known.map(\.value).prefix(2) == [core.fmaPerCycleF32.value, core.fmaPerCycleInt8.value])
            #expect(known.first?.source == core.fmaPerCycleF32.source)
        } else {
            #expect(try figures(cores).count == 4)
        }
    }

    @Test("is read here and now")
    func current() {
        let state = MachineState.current()
        #expect(state.processor != "unknown" && state.cores >= 1 && [128, 256, 512].contains(state.vectorBits))
        #expect(state.load ?? 0 >= 0)
    }

    @Test("includes the version of an installed package")
    func package() {
        let status = """
            Package: libxnnpack-dev
            Status: install ok installed
            Version: 1

            Package: libxnnpack0
            Status: install ok installed
            Version: 0.0~git20220216.ae108ef-2
            """
        #expect(InstalledPackage.version(of: "libxnnpack0", in: status) == "0.0~git20220216.ae108ef-2")
        #expect(InstalledPackage.version(of: "libxnnpack1", in: status) == nil)
    }

    @Test("binds a thread to so many cores for as long as it measures")
    func pinning() throws {
        let outside = try CoreAffinity.pinned(cores: 1) { 1 }
        #expect(outside == 1)
        // Pinning twice to one core works; to more cores than were left does not.
        try CoreAffinity.pinned(cores: 1) {
            try CoreAffinity.pinned(cores: 1) {}
            #expect(throws: ProfilingError.cannotPin(cores: 2, reason: "there are 1")) {
                try CoreAffinity.pinned(cores: 2) {}
            }
        }
    }
}
