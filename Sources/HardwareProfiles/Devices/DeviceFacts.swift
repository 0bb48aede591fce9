import Files

/// What a person knows of a device: how many cores of which kind at which clock, and the memory.
public struct DeviceFacts: Hashable, Sendable {
    /// Cores of one kind at one clock.
    public struct CoreGroup: Hashable, Sendable, CustomStringConvertible {
        public let count: Int
        /// As it was given: "cortex-a55".
        public let core: String
        public let clockGHz: Double

        /// As a list of cores has it: "2xcortex-a76@2.3".
        public var description: String { "\(count)x\(core)@\(clockGHz)" }
    }

    /// A memory: "lpddr4x-4266x32" is LPDDR4X with 4266 million transfers a second on 32 bits.
    public struct Memory: Hashable, Sendable {
        public let kind: String
        public let megatransfers: Double
        public let bits: Int

        /// What a text should be, for messages.
        public static let form =
            "expected a kind, a rate and bits (million transfers a second, all channels together), like lpddr4x-4266x32"

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
    /// The third level of cache, KiB, all of it; nil where it is not told.
    public var l3KiB: Int?
    /// What was concluded from a board's own description and does not stand there, a sentence each.
    public let notes: [String]

    /// Cores as a list: "2xcortex-a76@2.3,6xcortex-a55@1.8", also with spaces and units; nil for a text of another form.
    public init?(cores text: String) {
        func plain(_ text: Substring) -> String { text.split(whereSeparator: \.isWhitespace).joined() }
        var groups: [CoreGroup] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "@", omittingEmptySubsequences: false)
            guard sides.count == 2, let clock = Self.gigahertz(plain(sides[1])), (0.001...100).contains(clock),
                let cross = sides[0].firstIndex(where: { $0 == "x" || $0 == "×" }), let count = Int(plain(sides[0][..<cross])),
                (1...1024).contains(count)
            else { return nil }
            // Spaces part the words of a name: "Kryo 485 Gold".
            let core = CoreNames.canonical(String(sides[0][sides[0].index(after: cross)...]))
            if core.isEmpty { return nil }
            groups.append(CoreGroup(count: count, core: core, clockGHz: clock))
        }
        self.groups = groups
        l3KiB = nil
        notes = []
    }

    /// A clock as people write it: "2.3", "2.3GHz", "2300MHz".
    private static func gigahertz(_ text: String) -> Double? {
        let plain = text.lowercased()
        if plain.hasSuffix("mhz") { return Double(plain.dropLast(3)).map { $0 / 1000 } }
        return Double(plain.hasSuffix("ghz") ? String(plain.dropLast(3)) : plain)
    }

    /// The cores that a board's own description names: `/proc/cpuinfo`, followed by the clocks as
    /// `grep . /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq` prints them, or the output of `lscpu`.
    ///
    /// - Throws: `FileError.invalid` where a core is not known by its number or name, or a clock is missing.
    public init(cpuInfoAt path: String) throws {
        try self.init(cpuInfo: TextFile.read(path, what: "description of a board's processors"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(cpuInfo text: String, path: String) throws {
        let listing = try ProcessorListing(text, path: path)
        groups = listing.groups
        l3KiB = listing.l3KiB
        notes = listing.notes
    }

    /// The hardware as the object that a profile may contain, every figure with its source.
    ///
    /// - Parameters:
    ///   - name: of the device.
    ///   - memory: what it has.
    ///   - known: all cores there are; a core of another name gets the nearest of them. There must be no `strangers`.
    ///   - described: devices that tell how much of the memory's bandwidth one core takes.
    /// - Returns: the object, and a sentence for each core that is not known.
    public func hardware(
        name: String, memory: Memory, known: [Core], described: [Hardware] = []
    ) -> (json: JSON, notes: [String]) {
        func figure(_ value: JSON, _ source: String) -> JSON { ["value": value, "source": .string(source)] }
        let told = "as told with onepath device new"
        var notes: [String] = [], found: [(CoreGroup, Core)] = []
        for group in groups {
            guard let core = Self.nearest(to: group.core, among: known) else { continue }
            let standIn = Self.standIn(core.name, for: group.core)
            if core.name != group.core, !notes.contains(standIn) { notes.append(standIn) }
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
        let most = found.first.map { Self.mostBandwidth(of: $0.1, in: described) } ?? Self.littleBandwidth
        let ofCore = min(0.5 * peak, most)
        let inferred = Figure<Double>.inferred
        // One that is smaller than the second level is none.
        let l3 = l3KiB.flatMap { kib in found.allSatisfy { $0.1.l2KiB.value <= kib } ? kib : nil }
        let l3Size: JSON = l3.map { figure(.integer($0), told) } ?? .null
        let l3Rate: JSON = l3 == nil ? .null : figure(.number(2 * ofCore), inferred + "about twice what one core gets from memory")
        let json: JSON = [
            "name": .string(name), "energy": .null, "chip": .string(name), "process_nm": .null,
            "clusters": .array(clusters), "l3_kib": l3Size, "system_cache_kib": .null, "l3_gb_s": l3Rate,
            "memory": [
                "kind": .string(memory.kind), "clock_mhz": figure(.number(memory.megatransfers / 2), told),
                "bus_bits": figure(.integer(memory.bits), told),
                "bandwidth_gb_s": figure(.number(peak), "the clock times two transfers times the width of the bus"),
                "core_bandwidth_gb_s": figure(
                    .number(ofCore), inferred + "half of the highest rate, and no more than such cores reach in the devices that are known"),
                "stream_gb_s": figure(
                    .number(0.55 * peak), inferred + "the share of the highest rate that streams usually reach"),
            ],
        ]
        return (json, notes)
    }

    /// What one core takes from the memory at most, 10⁹ bytes a second: the most that this core does in the devices that are
    /// described, else the most of its family, else what cores of its kind usually do.
    private static func mostBandwidth(of core: Core, in devices: [Hardware]) -> Double {
        func most(ofAtLeast count: Int, _ isLike: (Core) -> Bool) -> Double? {
            let known = devices.filter { $0.clusters.first?.facts.map(isLike) ?? false }.map(\.memory.coreBandwidthGBPerSecond.value)
            return known.count < count ? nil : known.max()
        }
        // One or two devices may be the slowest of a family. Cores that compute in float16 take no less than the others.
        return most(ofAtLeast: 1) { $0.name == core.name }
            ?? most(ofAtLeast: 3) { [core.family, core.familyInSingle].contains($0.family) }
            ?? (core.inOrder.value ? littleBandwidth : core.fmaPerCycleF16.value > 0 ? 16 : 8)
    }

    /// That of a core that issues in order.
    private static let littleBandwidth = 4.5

    /// Says that one core stands in for another.
    static func standIn(_ core: String, for unknown: String) -> String {
        "the core \(unknown) is not known: the nearest, \(core), stands in"
    }

    /// The names of cores that are like none of those that are described: nothing can stand in for them.
    public func strangers(among known: [Core]) -> [String] {
        groups.map(\.core).filter { Self.nearest(to: $0, among: known) == nil }
    }

    /// The core of that name, or the nearest: one that is known to be alike, else the one that it is a variant of
    /// ("cortex-a78c"), else of the same series the one with the nearest number, else one of the same maker's series; nil where
    /// there is none.
    package static func nearest(to name: String, among known: [Core]) -> Core? {
        if let same = known.first(where: { $0.name == name }) { return same }
        if let relative = CoreNames.relatives[name] { return known.first { $0.name == relative } }
        let tail = name.reversed().prefix { !$0.isNumber && $0 != "-" }.count
        let variant = String(name.dropLast(tail))
        if tail > 0, variant.last?.isNumber == true { return nearest(to: variant, among: known) }
        func parts(_ name: String) -> (series: Substring, number: Int?) {
            let digits = name.reversed().prefix(while: \.isNumber).count
            return (name.dropLast(digits), Int(name.suffix(digits)))
        }
        let (series, number) = parts(name)
        let alike = known.filter { parts($0.name).series == series }
        if let number, let nearest = alike.min(by: {
            abs((parts($0.name).number ?? 0) - number) < abs((parts($1.name).number ?? 0) - number)
        }) { return nearest }
        // A word in common says nothing where a maker has cores of all sizes (cortex-m7), nor where it is the whole name
        // (kryo-485): half a word does not either (goldmont-plus and golden-cove).
        guard let dash = name.firstIndex(of: "-"), !name.hasPrefix("cortex-") else { return nil }
        return known.first { $0.name.hasPrefix(name[...dash]) }
    }
}
