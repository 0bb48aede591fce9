import Profiler
import Testing

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

    @Test("is read here and now")
    func current() {
        let state = MachineState.current
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
