import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Facts of a device")
struct DeviceFactsTests {
    private static func cores() throws -> [Core] { try ShippedFiles.cores().map(Core.init(contentsOf:)) }

    @Test("refuses numbers of cores that no machine has", arguments: ["Core(s) per socket", "Core(s) per cluster"])
    func endlessCores(line: String) {
        let text = "Architecture: aarch64\nModel name: Cortex-A55\n\(line): \(Int.max)\nSocket(s): 2\nCluster(s): 2\nCPU max MHz: 1800\n"
        #expect(throws: FileError.self) { try DeviceFacts(cpuInfo: text, path: "lscpu") }
    }

    @Test("cores and memory are read from a list")
    func list() throws {
        let facts = try #require(DeviceFacts(cores: "2xcortex-a76@2.3,6xcortex-a55@1.8"))
        #expect(facts.groups.map(\.count) == [2, 6] && facts.groups.map(\.core) == ["cortex-a76", "cortex-a55"])
        #expect(facts.groups.map(\.clockGHz) == [2.3, 1.8])
        let written = try #require(DeviceFacts(cores: "2 x Cortex-A76 @ 2.3 GHz, 6×A55@1800MHz"))
        #expect(written.groups == facts.groups)
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

    /// `/proc/cpuinfo` of processors with an implementer and a part each.
    private static func arm(_ processors: [(implementer: String, part: String)]) -> String {
        processors.enumerated().map { index, processor in
            "processor\t: \(index)\nCPU implementer\t: \(processor.implementer)\nCPU part\t: \(processor.part)\n\n"
        }.joined()
    }

    private static func groups(_ text: String) throws -> [String] {
        try DeviceFacts(cpuInfo: text, path: "x").groups.map(\.description)
    }

    @Test("a board's description is read with a prompt before it, indents, line ends of Windows, and clocks in all forms")
    func forms() throws {
        let cores = Self.arm(.init(repeating: ("0x41", "0xd08"), count: 4))
        let folder = "/sys/devices/system/cpu/"
        let clocks = (0..<4).map { "\(folder)cpu\($0)/cpufreq/cpuinfo_max_freq:1500000\n" }.joined()
        let expected = ["4xcortex-a72@1.5"]
        #expect(try Self.groups(cores + clocks) == expected)
        #expect(try Self.groups("pi@pi:~ $ cat /proc/cpuinfo\n" + cores + "pi@pi:~ $ grep\n" + clocks + "pi@pi:~ $ ") == expected)
        #expect(try Self.groups((cores + clocks).replacing("\n", with: "\r\n")) == expected)
        #expect(try Self.groups("\u{feff}" + (cores + clocks).replacing("\n", with: "\n    ")) == expected)
        #expect(try Self.groups(cores + "1500000\n1500000\n1500000\n1500000\n") == expected)
        #expect(try Self.groups(cores + "\(folder)cpufreq/policy0/cpuinfo_max_freq:1500000\n") == expected)
        // One clock for two clusters is not enough, and the message names the cores that are known.
        let two = Self.arm([("0x41", "0xd05"), ("0x41", "0xd05"), ("0x51", "0x804")])
        #expect(throws: FileError.self) { try Self.groups(two + "\(folder)cpu0/cpufreq/cpuinfo_max_freq:1800000\n") }
        do {
            _ = try Self.groups(two)
            Issue.record("no clock was missed")
        } catch let error as FileError {
            #expect(error.description.contains("--cores 2xcortex-a55@GHZ,1xcortex-a76@GHZ"), "\(error)")
        }
    }

    @Test("phones whose kernels tell numbers alone, tell a part once, or hide cores that are off")
    func phones() throws {
        func clocks(_ kilohertz: [Int]) -> String {
            kilohertz.enumerated().map { "/sys/devices/system/cpu/cpu\($0)/cpufreq/cpuinfo_max_freq:\($1)\n" }.joined()
        }
        // Snapdragon 888, Exynos 9810, Kirin 980.
        let a55 = (implementer: "0x41", part: "0xd05"), a78 = (implementer: "0x41", part: "0xd41")
        #expect(
            try Self.groups(
                Self.arm([a55, a55, a55, a55, a78, a78, a78, ("0x41", "0xd44")])
                    + clocks([1_804_800, 1_804_800, 1_804_800, 1_804_800, 2_419_200, 2_419_200, 2_419_200, 2_841_600]))
                == ["4xcortex-a55@1.8048", "3xcortex-a78@2.4192", "1xcortex-x1@2.8416"])
        #expect(try Self.groups(Self.arm([a55, ("0x53", "0x002")]) + clocks([1_794_000, 2_704_000]))
            == ["1xcortex-a55@1.794", "1xexynos-m3@2.704"])
        #expect(try Self.groups(Self.arm([("0x48", "0xd40")]) + clocks([2_600_000])) == ["1xcortex-a76@2.6"])
        // Linux 3.x: four processors, and one part below them.
        let old = "Processor\t: ARMv7 Processor rev 0 (v7l)\nprocessor\t: 0\n\nprocessor\t: 1\n\nprocessor\t: 2\n\nprocessor\t: 3\n\n"
            + "CPU implementer\t: 0x51\nCPU part\t: 0x06f\nHardware\t: MSM 8974\n"
        #expect(try Self.groups(old + clocks([2_265_600, 2_265_600, 2_265_600, 2_265_600])) == ["4xkrait@2.2656"])
        let off = try DeviceFacts(cpuInfo: Self.arm([a55]) + clocks([1_800_000, 1_800_000, 2_400_000]), path: "x")
        #expect(off.groups.map(\.count) == [1] && off.notes.count == 1 && off.notes[0].contains("processor 1, 2"), "\(off.notes)")
        // Between others, without a clock: a kernel that turns cores off.
        let gap = "processor\t: 0\n\(Self.arm([a55]).dropFirst(14))processor\t: 3\n\(Self.arm([a55]).dropFirst(14))"
            + "/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq:1800000\n"
        let between = try DeviceFacts(cpuInfo: gap, path: "x")
        #expect(between.groups.map(\.count) == [2] && between.notes.map { $0.contains("processor 1, 2,") } == [true], "\(between.notes)")
        // Apple M3 and iPhone 14 (A16), by the numbers of m1n1's list, and Microsoft's Cobalt 100.
        #expect(
            try Self.groups(Self.arm([("0x61", "0x042"), ("0x61", "0x043"), ("0x61", "0x036")]) + clocks([2_748_000, 4_056_000, 2_020_000]))
                == ["1xsawtooth@2.748", "1xeverest@4.056", "1xsawtooth@2.02"])
        #expect(try Self.groups(Self.arm([("0x6d", "0xd49")]) + clocks([3_400_000])) == ["1xneoverse-n2@3.4"])
    }

    @Test("what lscpu of several versions and machines prints")
    func lscpu() throws {
        // Ubuntu 20.04: the counts stand above the name.
        #expect(
            try Self.groups(
                """
                Architecture:                    aarch64
                CPU(s):                          4
                Thread(s) per core:              1
                Core(s) per socket:              4
                Socket(s):                       1
                Vendor ID:                       ARM
                Model:                           3
                Model name:                      Cortex-A72
                CPU max MHz:                     1500.0000
                """) == ["4xcortex-a72@1.5"])
        #expect(
            try Self.groups(
                """
                Architecture:           aarch64
                CPU(s):                 8
                Vendor ID:              ARM
                  Model name:           Cortex-A55
                    Core(s) per socket: 4
                    Socket(s):          1
                    CPU max MHz:        1800,0000
                  Model name:           Cortex-A76
                    Core(s) per cluster: 2
                    Socket(s):          -
                    Cluster(s):         2
                    CPU max MHz:        2400,0000
                """) == ["4xcortex-a55@1.8", "4xcortex-a76@2.4"])
        func intel(_ model: Int, cpus: Int, cores: Int, name: String = "Core") -> String {
            """
            Architecture:            x86_64
            CPU(s):                  \(cpus)
            Vendor ID:               GenuineIntel
              Model name:            \(name)
                CPU family:          6
                Model:               \(model)
                Thread(s) per core:  2
                Core(s) per socket:  \(cores)
                Socket(s):           1
            """
        }
        // Core i7-8550U: Kaby Lake R, and Core i7-13700K: Raptor Lake with eight large cores and eight small ones.
        #expect(try Self.groups(intel(142, cpus: 8, cores: 4) + "\nCPU max MHz: 4000.0000\n") == ["4xskylake@4.0"])
        #expect(try Self.groups(intel(142, cpus: 8, cores: 4, name: "Core(TM) i7-8550U CPU @ 1.80GHz")) == ["4xskylake@1.8"])
        let hybrid = try DeviceFacts(cpuInfo: intel(183, cpus: 24, cores: 16) + "\nCPU max MHz: 5400.0000\n", path: "x")
        #expect(hybrid.groups.map(\.description) == ["8xgolden-cove@5.4", "8xgracemont@4.21"] && hybrid.notes.count == 1)
        // A virtual machine of Apple, and a model that nobody knows.
        for wrong in [
            "Vendor ID: Apple\n  Model name: -\nCore(s) per cluster: 4\n", intel(9999, cpus: 8, cores: 4),
            "Architektur: x86_64\nModellname: Intel(R) Core(TM) i7\n",
        ] {
            #expect(throws: FileError.self) { try Self.groups(wrong) }
        }
    }

    @Test("lscpu as JSON, of Apple and Qualcomm, with a third level of cache, and of versions that name one core or none")
    func lscpuOfOthers() throws {
        func kind(_ name: String, cores: Int, megahertz: String) -> String {
            """

              Model name:            \(name)
                Thread(s) per core:  1
                Core(s) per socket:  \(cores)
                Socket(s):           1
                CPU max MHz:         \(megahertz)
            """
        }
        let head = "Architecture:  aarch64\nCPU(s):  8\nVendor ID:  Some"
        // util-linux 2.38 on a MacBook Air with M1, and on a phone with Snapdragon 855; its fractions of a kilohertz are noise.
        #expect(
            try Self.groups(
                head + kind("Icestorm-M1", cores: 4, megahertz: "2064.0000") + kind("Firestorm-M1", cores: 4, megahertz: "3204.0000"))
                == ["4xicestorm@2.064", "4xfirestorm@3.204"])
        #expect(
            try Self.groups(
                head + kind("Kryo-4XX-Silver", cores: 4, megahertz: "1785.6000") + kind("Kryo-4XX-Gold", cores: 4, megahertz: "2841.6001"))
                == ["4xcortex-a55@1.7856", "4xcortex-a76@2.8416"])
        // "Kryo-V2" is the small core of the Snapdragon 660: part 0x801 in Linux's cputype.h and in lscpu's table.
        #expect(
            try Self.groups(
                head + kind("Kryo-V2", cores: 4, megahertz: "1843.2000") + kind("Falkor-V1/Kryo", cores: 4, megahertz: "2208.0000"))
                == ["4xcortex-a53@1.8432", "4xcortex-a73@2.208"])
        let json = """
            {
               "lscpu": [
                  {"field": "Architecture:", "data": "aarch64", "children": [{"field": "Byte Order:", "data": "Little Endian"}]},
                  {"field": "CPU(s):", "data": "4"},
                  {"field": "Vendor ID:", "data": "ARM", "children": [
                     {"field": "Model name:", "data": "Cortex-A72", "children": [
                        {"field": "Thread(s) per core:", "data": "1"}, {"field": "Core(s) per cluster:", "data": "4"},
                        {"field": "Socket(s):", "data": "-"}, {"field": "Cluster(s):", "data": "1"},
                        {"field": "CPU max MHz:", "data": "1800.0000"}]}]},
                  {"field": "Caches (sum of all):", "data": null, "children": [{"field": "L3:", "data": "1.5 MiB (1 instance)"}]}
               ]
            }
            """
        let facts = try DeviceFacts(cpuInfo: json, path: "x")
        #expect(facts.groups.map(\.description) == ["4xcortex-a72@1.8"] && facts.l3KiB == 1536 && facts.notes.isEmpty)
        for (size, kib) in [("8192K", 8192), ("12 MiB (1 instance)", 12_288), ("1 GiB", 1_048_576)] {
            let text = head + kind("Cortex-A72", cores: 4, megahertz: "1800") + "\nL3 cache:  \(size)\n"
            #expect(try DeviceFacts(cpuInfo: text, path: "x").l3KiB == kib, "\(size)")
        }
        #expect(try DeviceFacts(cpuInfo: head + kind("Cortex-A72", cores: 4, megahertz: "1800"), path: "x").l3KiB == nil)
        // Odroid N2+ with Ubuntu 20.10: four Cortex-A73 and two Cortex-A53, of which that version tells one.
        let odroid = "Architecture: aarch64\nCPU(s): 6\nThread(s) per core: 1\nCore(s) per socket: 3\nSocket(s): 2\n"
            + "Model name: Cortex-A53\nCPU max MHz: 2400.0000\n"
        #expect(try DeviceFacts(cpuInfo: odroid, path: "x").notes.map { $0.contains("one core is told for all 6") } == [true])
        // Orange Pi 5 with util-linux 2.36: eight cores in three clusters, of which the smallest counts.
        let orange = "Architecture: aarch64\nCPU(s): 8\nOn-line CPU(s) list: 0-7\nThread(s) per core: 1\nCore(s) per socket: 2\n"
            + "Socket(s): 3\nVendor ID: ARM\nModel name: Cortex-A55\nCPU max MHz: 2400.0000\n"
        let eight = try DeviceFacts(cpuInfo: orange, path: "x")
        #expect(eight.groups.map(\.count) == [8] && eight.notes.map { $0.contains("one core is told for all 8") } == [true])
        // RK3588 in a container, and an M1 with a version that does not know it.
        for (wrong, message) in [
            ("Architecture: aarch64\nCPU(s): 8\n  Model name: -\n  Model: Rockchip RK3588\n  Core(s) per socket: 0\n  Socket(s): 0\n",
             "no line tells which core it is; name the cores: --cores 8xCORE@GHZ"),
            ("Architecture: aarch64\nCPU(s): 8\nVendor ID: Apple\nModel: 0\nCore(s) per socket: 2\nCPU max MHz: 2064.0000\n",
             "this lscpu does not know the core; /proc/cpuinfo has its number"),
            // In Chinese, where only some lines are translated.
            ("Architecture: x86_64\nCPU(s): 64\nThread(s) per core: 2\n厂商 ID: GenuineIntel\n型号: 85\n型号名称: Intel(R) Xeon(R)\n",
             "where it is in another language, LC_ALL=C lscpu"),
        ] {
            do {
                _ = try Self.groups(wrong)
                Issue.record("no core was missed")
            } catch let error as FileError {
                #expect(error.description.contains(message), "\(error)")
            }
        }
    }

    @Test("people's names of cores are understood, and no name is taken for that of another core")
    func names() throws {
        let known = try Self.cores()
        // Snapdragon 720G, 660, 888 and 8 Gen 1, by Qualcomm's product briefs and AnandTech's articles on them.
        for (name, expected) in [
            ("Kryo 465 Gold", "cortex-a76"), ("Kryo 465 Silver", "cortex-a55"), ("kryo-260-gold", "cortex-a73"),
            ("Qualcomm Kryo 260 Silver", "cortex-a53"), ("Kryo 680 Prime", "cortex-x1"), ("Kryo 680 Gold", "cortex-a78"),
            ("Kryo 780 Prime", "cortex-x2"), ("Kryo 670 Prime", "cortex-a78"), ("Kryo", "kryo"), ("Krait 400", "krait"),
            ("Apple Firestorm", "firestorm"), ("Avalanche-M2-Pro", "avalanche"), ("Typhoon/Capri", "typhoon"),
            ("Neoverse V1", "neoverse-v1"), ("AMD Zen 4", "zen4"), ("Denver 2", "denver2"), ("Golden Cove", "golden-cove"),
            ("Arm Cortex A78AE", "cortex-a78ae"), ("U74-MC", "sifive-u74"), ("Kaby Lake", "skylake"), ("A 53", "cortex-a53"),
        ] {
            #expect(try #require(DeviceFacts(cores: "4x \(name) @ 2 GHz")).groups.map(\.core) == [expected], "\(name)")
        }
        for (name, expected) in [
            ("cortex-a78c", "cortex-a78"), ("cortex-x1c", "cortex-x1"), ("cortex-a65ae", "cortex-a75"), ("goldmont-plus", "goldmont"),
            ("zen3+", "zen3"), ("zen4c", "zen4"), ("neoverse-v3ae", "cortex-x4"), ("cortex-a34", "cortex-a35"),
            ("sifive-x280", "sifive-u74"),
            // A Kryo of three digits without its kind may be a large core or a small one; others have only letters in common.
            ("kryo-485", nil), ("cortex-m7", nil), ("cortex-r52", nil), ("goldfinch", nil), ("alder-lake", nil),
        ] as [(String, String?)] {
            #expect(DeviceFacts.nearest(to: name, among: known)?.name == expected, "\(name)")
        }
    }

    @Test("what stands in for a core is said with every modelled latency, and what one core takes of a memory is known of cores")
    func standIns() throws {
        let known = try Self.cores(), memory = try #require(DeviceFacts.Memory("ddr3-1600x128"))
        func device(_ cores: String, described: [Hardware] = []) throws -> DeviceProfile {
            let facts = try #require(DeviceFacts(cores: cores))
            let (hardware, _) = facts.hardware(name: "mine", memory: memory, known: known, described: described)
            return try DeviceDocument(
                name: "mine", description: "", hardware: hardware,
                runtime: Runtime(name: .xnnpack, dataType: .float32, threads: 1, cluster: "all")
            ).profile(at: ShippedFiles.device("mine"))
        }
        let network = try SearchSpace.shipped("single-path-mobile").largest.network
        let strange = CostModel(device: try device("4xbroadwell@3.5")).estimate(network)
        #expect(strange.gaps.assumptions == ["the core broadwell is not known: the nearest, haswell, stands in"])
        #expect(CostModel(device: try device("4xhaswell@3.5")).estimate(network).gaps.assumptions.isEmpty)
        // "Kryo 385 Gold (Cortex-A75)" is no stranger.
        #expect(CostModel(device: try .shipped("pixel3")).estimate(network).gaps.assumptions.isEmpty)

        // 25.6 GB/s, of which one core takes half: a Haswell, like three of its family. A Tremont takes 11 GB/s at most. One
        // of a family tells nothing of the others.
        let described = try ["macbook-pro-2019-ncnn", "core-i7-13700k-ncnn", "epyc-7742-ncnn", "celeron-n5105-ncnn"]
            .map { try DeviceProfile.shipped($0).hardware }
        func bandwidth(_ core: String, _ described: [Hardware]) throws -> Double {
            try device("4x\(core)@3", described: described).hardware.memory.coreBandwidthGBPerSecond.value
        }
        #expect(try bandwidth("haswell", described) == 12.8)
        #expect(try bandwidth("tremont", described) == 11)
        #expect(try bandwidth("haswell", [described[0]]) == 8)
    }

    @Test("two threads of a core count once, and RISC-V names its core")
    func others() throws {
        let x86 = (0..<8).map {
            "processor\t: \($0)\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 33\nmodel name\t: AMD Ryzen 7 5800X\n"
                + "physical id\t: 0\ncore id\t\t: \($0 % 4)\n"
                + "/sys/devices/system/cpu/cpu\($0)/cpufreq/cpuinfo_max_freq:4850000\n"
        }.joined()
        #expect(try Self.groups(x86) == ["4xzen3@4.85"])
        let risc = (0..<4).map { "processor\t: \($0)\nhart\t\t: \($0 + 1)\nuarch\t\t: sifive,u74-mc\ncpu-freq\t: 1.5Ghz\n" }.joined()
        #expect(try Self.groups(risc) == ["4xsifive-u74@1.5"])
        // HiFive Premier P550 with Ubuntu, and Linux that tells the numbers alone.
        let numbers = "processor\t: 0\nmvendorid\t: 0x489\nmarchid\t\t: 0x8000000000000007\ncpu-freq\t: 1.2Ghz\n"
        #expect(try Self.groups(numbers) == ["1xsifive-u74@1.2"])
        #expect(try Self.groups("processor\t: 0\nuarch\t\t: eswin,eic770x\ncpu-freq\t: 1.4Ghz\n") == ["1xsifive-p550@1.4"])
        // Loongson 3A6000: four cores of two threads. The name of a 3B6000 is known by its core.
        let loongson = (0..<8).map {
            "processor\t\t: \($0)\npackage\t\t\t: 0\ncore\t\t\t: \($0 / 2)\nglobal_id\t\t: \($0)\nCPU Family\t\t: Loongson-64bit\n"
                + "Model Name\t\t: Loongson-3A6000\nCPU MHz\t\t\t: 2500.00\n"
        }.joined(separator: "\n")
        let facts = try DeviceFacts(cpuInfo: loongson, path: "x")
        #expect(facts.groups.map(\.description) == ["4xla664@2.5"] && facts.notes.contains("two threads of a core count as one core"))
        let later = "processor\t: 0\nModel Name\t: Loongson-3E9999\nPRID\t\t: LA664 (0014d011)\nCPU MHz\t\t: 2200.00\n"
        #expect(try Self.groups(later) == ["1xla664@2.2"])
    }

    /// `/proc/cpuinfo` of an Intel processor with the given number of a core for each thread, and the clocks of the threads.
    private static func intel(_ model: Int, name: String, cores: [Int], kilohertz: [Int]) -> String {
        cores.enumerated().map { index, core in
            "processor\t: \(index)\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: \(model)\nmodel name\t: \(name)\n"
                + "cpu MHz\t\t: 800.000\nphysical id\t: 0\ncore id\t\t: \(core)\n\n"
        }.joined() + kilohertz.enumerated().map { "/sys/devices/system/cpu/cpu\($0)/cpufreq/cpuinfo_max_freq:\($1)\n" }.joined()
    }

    @Test("large and small x86 cores that run one thread each are told apart by their clocks, or it is said that they are not")
    func hybrids() throws {
        // Core Ultra 9 285K: eight large cores, two of them with a higher clock than the others, and 16 small ones.
        let clocks = [5_700_000, 5_500_000, 5_500_000, 5_500_000, 5_700_000, 5_500_000, 5_500_000, 5_500_000]
        let desktop = try DeviceFacts(
            cpuInfo: Self.intel(
                198, name: "Intel(R) Core(TM) Ultra 9 285K", cores: Array(0..<24),
                kilohertz: clocks + [Int](repeating: 4_600_000, count: 16)), path: "x")
        #expect(desktop.groups.map(\.description) == ["2xlion-cove@5.7", "6xlion-cove@5.5", "16xskymont@4.6"])
        #expect(desktop.notes.count == 1 && desktop.notes[0].hasPrefix("16 of the 24 cores have lower clocks"), "\(desktop.notes)")
        // The same without clocks, as in a virtual machine: that of the moment tells nothing.
        let guest = try DeviceFacts(cpuInfo: Self.intel(198, name: "Core", cores: Array(0..<4), kilohertz: []), path: "x")
        #expect(guest.groups.map(\.description) == ["4xlion-cove@0.8"])
        #expect(guest.notes.contains { $0.hasPrefix("which cores are small (skymont) is not told: all 4 are taken as lion-cove") })
        // WSL on a Core i7-13700K: every core seems to run two threads.
        let windows = try DeviceFacts(
            cpuInfo: Self.intel(183, name: "Core", cores: (0..<24).map { $0 / 2 }, kilohertz: []), path: "x")
        #expect(windows.groups.map(\.description) == ["12xgolden-cove@0.8"])
        #expect(windows.notes.contains { $0.hasPrefix("which cores are small (gracemont) is not told: all 12 are") })
        // What stands in for two groups of the same core is said once.
        let memory = try #require(DeviceFacts.Memory("ddr5-6400x128"))
        let notes = desktop.hardware(name: "pc", memory: memory, known: try Self.cores()).notes
        #expect(notes.count == 2 && Set(notes).count == 2, "\(notes)")
        // Threads are no cores: two cores with two threads each, of a model that nobody knows.
        do {
            _ = try Self.groups(Self.intel(9999, name: "Core", cores: [0, 1, 0, 1], kilohertz: []))
            Issue.record("no core was missed")
        } catch let error as FileError {
            #expect(error.description.contains("--cores 2xCORE@GHZ"), "\(error)")
        }
    }

    @Test("the clock of one cluster is not taken for that of another, whose own could not be read")
    func missingPolicy() throws {
        let a55 = (implementer: "0x41", part: "0xd05"), a76 = (implementer: "0x41", part: "0xd0b")
        let folder = "/sys/devices/system/cpu/cpufreq/"
        let rk3588 = Self.arm([a55, a55, a55, a55, a76, a76, a76, a76]) + "\(folder)policy0/cpuinfo_max_freq:1800000\n"
        do {
            _ = try Self.groups(rk3588 + "grep: \(folder)policy4/cpuinfo_max_freq: Permission denied\n")
            Issue.record("no clock was missed")
        } catch let error as FileError {
            #expect(error.description.contains("--cores 4xcortex-a55@GHZ,4xcortex-a76@GHZ"), "\(error)")
        }
        // Two clusters of the large cores, each with its own.
        #expect(
            try Self.groups(
                rk3588 + "\(folder)policy4/cpuinfo_max_freq:2256000\n\(folder)policy6/cpuinfo_max_freq:2304000\n")
                == ["4xcortex-a55@1.8", "2xcortex-a76@2.256", "2xcortex-a76@2.304"])
    }

    @Test("every core that Linux can name is described, or another is that is like it; nothing is like a strange name")
    func strangers() throws {
        let known = try Self.cores()
        for (name, relative) in CoreNames.relatives {
            #expect(DeviceFacts.nearest(to: name, among: known)?.name == relative, "\(name)")
        }
        for (name, expected) in [("a76", "cortex-a76"), ("Cortex A53", "cortex-a53"), ("cortexa7", "cortex-a7"), ("X1", "cortex-x1")] {
            #expect(try #require(DeviceFacts(cores: "1x\(name)@1")).groups.map(\.core) == [expected])
        }
        #expect(DeviceFacts.nearest(to: "cortex-a76ae", among: known)?.name == "cortex-a76")
        #expect(DeviceFacts.nearest(to: "cortex-a725", among: known)?.name == "cortex-a720")
        let strange = try #require(DeviceFacts(cores: "4xintel-core-i7@2,2xcortex-a53@1"))
        #expect(strange.strangers(among: known) == ["intel-core-i7"])
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
