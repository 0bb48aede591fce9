import Files

/// What a person knows of a device: how many cores of which kind at which clock, and the memory.
public struct DeviceFacts: Hashable, Sendable {
    /// Cores of one kind at one clock.
    public struct CoreGroup: Hashable, Sendable {
        public let count: Int
        /// As it was given: "cortex-a55".
        public let core: String
        public let clockGHz: Double
    }

    /// A memory: "lpddr4x-4266x32" is LPDDR4X with 4266 million transfers a second on 32 bits.
    public struct Memory: Hashable, Sendable {
        public let kind: String
        public let megatransfers: Double
        public let bits: Int

        /// What a text should be, for messages.
        public static let form = "expected a kind, a rate and bits, like lpddr4x-4266x32"

        /// nil for a text of another form.
        public init?(_ text: String) {
            guard let dash = text.lastIndex(of: "-") else { return nil }
            let numbers = text[text.index(after: dash)...].split(separator: "x", omittingEmptySubsequences: false)
            guard numbers.count == 2, let rate = Double(numbers[0]), let bits = Int(numbers[1]), (1...100_000).contains(rate),
                (8...65536).contains(bits), dash > text.startIndex
            else { return nil }
            kind = text[..<dash].uppercased()
            megatransfers = rate
            self.bits = bits
        }

        /// The highest rate, 10⁹ bytes a second.
        var bandwidth: Double { megatransfers * Double(bits) / 8000 }
    }

    public let groups: [CoreGroup]

    /// Cores as a list: "2xcortex-a76@2.3,6xcortex-a55@1.8"; nil for a text of another form.
    public init?(cores text: String) {
        var groups: [CoreGroup] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "@", omittingEmptySubsequences: false)
            guard sides.count == 2, let clock = Double(sides[1]), (0.001...100).contains(clock),
                let cross = sides[0].firstIndex(of: "x"), let count = Int(sides[0][..<cross]), (1...1024).contains(count)
            else { return nil }
            let core = sides[0][sides[0].index(after: cross)...].lowercased()
            if core.isEmpty { return nil }
            groups.append(CoreGroup(count: count, core: core, clockGHz: clock))
        }
        self.groups = groups
    }

    /// The cores that a board's own description names: `/proc/cpuinfo`, followed by the clocks as
    /// `grep . /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq` prints them, or the output of `lscpu`.
    ///
    /// - Throws: `FileError.invalid` where no core is known by its number, or a clock is missing.
    public init(cpuInfoAt path: String) throws {
        try self.init(cpuInfo: TextFile.read(path, what: "description of a board's processors"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(cpuInfo text: String, path: String) throws {
        var implementer = "", processors: [(index: Int, core: String)] = [], clocks: [Int: Double] = [:]
        var index = -1
        var models: [(core: String, count: Int, clock: Double?)] = []
        var perCluster: Int?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("/sys/devices/system/cpu/cpu"), let colon = line.lastIndex(of: ":"),
                let kilohertz = Double(line[line.index(after: colon)...])
            {
                let digits = line.dropFirst("/sys/devices/system/cpu/cpu".count).prefix(while: \.isNumber)
                if let cpu = Int(digits) { clocks[cpu] = kilohertz / 1e6 }
                continue
            }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = String(line[..<colon]).trimmed.lowercased()
            let value = String(line[line.index(after: colon)...]).trimmed
            switch key {
            case "processor": index = Int(value) ?? index + 1
            case "cpu implementer": implementer = value.lowercased()
            case "cpu part":
                guard let core = Self.parts[implementer + " " + value.lowercased()] else {
                    throw FileError.invalid(
                        path: path, place: "processor \(index)",
                        problem: "the core with implementer \(implementer) and part \(value) is not known: name the cores "
                            + "with --cores")
                }
                processors.append((index, core))
            case "model name" where !value.isEmpty: models.append((value.lowercased().replacing(" ", with: "-"), 0, nil))
            case "core(s) per socket", "core(s) per cluster":
                perCluster = Int(value)
                if !models.isEmpty { models[models.count - 1].count = Int(value) ?? 0 }
            case "socket(s)", "cluster(s)":
                if let count = Int(value), count > 1, let perCluster, !models.isEmpty {
                    models[models.count - 1].count = count * perCluster
                }
            case "cpu max mhz":
                if let clock = Double(value.replacing(",", with: ".")), !models.isEmpty {
                    models[models.count - 1].clock = clock / 1000
                }
            default: break
            }
        }
        var groups: [CoreGroup] = []
        if !processors.isEmpty {
            for (cpu, core) in processors {
                guard let clock = clocks[cpu] else {
                    throw FileError.invalid(
                        path: path, place: "processor \(cpu)",
                        problem: "expected its clock, a line /sys/devices/system/cpu/cpu\(cpu)/cpufreq/cpuinfo_max_freq:1800000 "
                            + "as grep prints it, found none")
                }
                if let place = groups.firstIndex(where: { $0.core == core && $0.clockGHz == clock }) {
                    groups[place] = CoreGroup(count: groups[place].count + 1, core: core, clockGHz: clock)
                } else {
                    groups.append(CoreGroup(count: 1, core: core, clockGHz: clock))
                }
            }
        } else {
            for model in models {
                guard let clock = model.clock, model.count > 0 else {
                    throw FileError.invalid(
                        path: path, place: "Model name \(model.core)",
                        problem: "expected the lines \"Core(s) per socket\" and \"CPU max MHz\" of lscpu, found not both")
                }
                groups.append(CoreGroup(count: model.count, core: model.core, clockGHz: clock))
            }
        }
        if groups.isEmpty {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected the lines of /proc/cpuinfo or of lscpu, found no \"CPU part\" and no \"Model name\"")
        }
        self.groups = groups
    }

    /// Cores by the numbers that Linux shows: of Arm (0x41), Qualcomm, HiSilicon, NVIDIA, Phytium and Apple (Arm's
    /// documentation of the main identification register, and the tables of util-linux).
    private static let parts: [String: String] = [
        "0x41 0xc05": "cortex-a5", "0x41 0xc07": "cortex-a7", "0x41 0xc09": "cortex-a9", "0x41 0xc0e": "cortex-a17",
        "0x41 0xc0f": "cortex-a15", "0x41 0xd03": "cortex-a53", "0x41 0xd04": "cortex-a35", "0x41 0xd05": "cortex-a55",
        "0x41 0xd07": "cortex-a57", "0x41 0xd08": "cortex-a72", "0x41 0xd09": "cortex-a73", "0x41 0xd0a": "cortex-a75",
        "0x41 0xd0b": "cortex-a76", "0x41 0xd0c": "neoverse-n1", "0x41 0xd0d": "cortex-a77", "0x41 0xd41": "cortex-a78",
        "0x41 0xd42": "cortex-a78", "0x41 0xd44": "cortex-x1", "0x41 0xd46": "cortex-a510", "0x41 0xd47": "cortex-a710",
        "0x41 0xd48": "cortex-x2", "0x41 0xd49": "neoverse-n2", "0x41 0xd4d": "cortex-a715", "0x41 0xd4e": "cortex-x3",
        "0x41 0xd80": "cortex-a520", "0x41 0xd81": "cortex-a720", "0x41 0xd82": "cortex-x4", "0x51 0x205": "kryo",
        "0x51 0x211": "kryo", "0x51 0x800": "cortex-a73", "0x51 0x801": "cortex-a53", "0x51 0x802": "cortex-a75",
        "0x51 0x803": "cortex-a55", "0x51 0x804": "cortex-a76", "0x51 0x805": "cortex-a55", "0x51 0x001": "oryon",
        "0x48 0xd01": "taishan-v110", "0x4e 0x003": "denver2", "0x4e 0x004": "carmel", "0x70 0x662": "ftc662",
        "0x70 0x663": "ftc663", "0x70 0x664": "ftc664", "0x61 0x022": "firestorm", "0x61 0x023": "firestorm",
    ]

    /// The hardware as the object that a profile may contain, every figure with its source.
    ///
    /// - Parameters:
    ///   - name: of the device.
    ///   - memory: what it has.
    ///   - known: all cores there are; a core of another name gets the nearest of them.
    /// - Returns: the object, and a sentence for each core that is not known.
    public func hardware(name: String, memory: Memory, known: [Core]) -> (json: JSON, notes: [String]) {
        func figure(_ value: JSON, _ source: String) -> JSON { ["value": value, "source": .string(source)] }
        let told = "as told with onepath device new"
        var notes: [String] = [], found: [(CoreGroup, Core)] = []
        for group in groups {
            guard let core = Self.nearest(to: group.core, among: known) else { continue }
            if core.name != group.core {
                notes.append("the core \(group.core) is not known: the nearest, \(core.name), stands in")
            }
            found.append((group, core))
        }
        found.sort { $0.0.clockGHz * $0.1.fmaPerCycleF32.value > $1.0.clockGHz * $1.1.fmaPerCycleF32.value }
        let names = ["big"] + (found.count > 2 ? ["middle"] : []) + (found.count > 3 ? (2..<found.count - 1).map { "middle\($0)" } : [])
            + (found.count > 1 ? ["little"] : [])
        let clusters = zip(names, found).map { name, pair -> JSON in
            let (group, core) = pair
            return [
                "name": .string(name), "core": .string(core.name == group.core ? core.title : group.core),
                "core_file": .string(core.name), "cores": figure(.integer(group.count), told),
                "clock_ghz": figure(.number(group.clockGHz), told),
            ]
        }
        let peak = memory.bandwidth
        let most = found.first.map { $0.1.inOrder.value ? 4.5 : $0.1.fmaPerCycleF16.value > 0 ? 16 : 8 } ?? 4.5
        let inferred = "inferred: "
        let json: JSON = [
            "name": .string(name), "energy": .null, "chip": .string(name), "process_nm": .null,
            "clusters": .array(clusters), "l3_kib": .null, "system_cache_kib": .null, "l3_gb_s": .null,
            "memory": [
                "kind": .string(memory.kind), "clock_mhz": figure(.number(memory.megatransfers / 2), told),
                "bus_bits": figure(.integer(memory.bits), told),
                "bandwidth_gb_s": figure(.number(peak), "the clock times two transfers times the width of the bus"),
                "core_bandwidth_gb_s": figure(
                    .number(min(0.5 * peak, most)),
                    inferred + "half of the highest rate, and no more than cores of this kind usually reach"),
                "stream_gb_s": figure(
                    .number(0.55 * peak), inferred + "the share of the highest rate that streams usually reach"),
            ],
        ]
        return (json, notes)
    }

    /// The core of that name, or the nearest: of the same series the one with the nearest number, else the first whose
    /// name begins in the same way.
    static func nearest(to name: String, among known: [Core]) -> Core? {
        if let same = known.first(where: { $0.name == name }) { return same }
        func parts(_ name: String) -> (series: Substring, number: Int?) {
            let digits = name.reversed().prefix(while: \.isNumber).count
            return (name.dropLast(digits), Int(name.suffix(digits)))
        }
        let (series, number) = parts(name)
        let alike = known.filter { parts($0.name).series == series }
        if let number, let nearest = alike.min(by: {
            abs((parts($0.name).number ?? 0) - number) < abs((parts($1.name).number ?? 0) - number)
        }) { return nearest }
        func shared(_ other: String) -> Int { zip(name, other).prefix { $0 == $1 }.count }
        return known.max { shared($0.name) < shared($1.name) }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
