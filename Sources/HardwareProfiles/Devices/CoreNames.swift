/// The names of cores by what Linux and people call them.
package enum CoreNames {
    /// The core that the lines of a processor name, as files name it or would; nil where they name none that is known.
    ///
    /// - Parameter fields: of `/proc/cpuinfo` or of `lscpu`, the keys in small letters.
    static func core(_ fields: [String: String]) -> String? {
        if let part = fields["cpu part"] {
            return parts["\(fields["cpu implementer"] ?? "") \(part)".lowercased()]
        }
        if let model = X86Model(fields) { return model.core }
        if let architecture = fields["uarch"]?.lowercased() {
            return microarchitectures[architecture] ?? architecture.split(separator: ",").last.map { canonical(String($0)) }
        }
        if let number = fields["marchid"], let core = machines["\(fields["mvendorid"] ?? "") \(number)".lowercased()] { return core }
        // LoongArch: "LA664 (0014d010)".
        if let name = fields["prid"]?.split(separator: " ").first, name.hasPrefix("LA") { return name.lowercased() }
        guard let model = fields["model name"]?.lowercased() else { return nil }
        if let known = models.first(where: { model.contains($0.text) }) { return known.core }
        // Kernels before the table of parts: the instruction set, and no core.
        if model.isEmpty || model == "-" || model.contains("processor") || model.contains("cpu") { return nil }
        return canonical(model)
    }

    /// The core of the small cores, where a processor has two kinds and Linux tells one model of both; nil for one kind.
    static func smallCore(_ fields: [String: String]) -> String? { X86Model(fields)?.smallCore }

    /// A name as files spell it: "Cortex A76", "cortexa76", "a76" and "Kryo 485 Gold" are "cortex-a76".
    package static func canonical(_ name: String) -> String {
        var words = name.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.map(String.init)
        if words.count > 1, makers.contains(words[0]) { words.removeFirst() }
        if let core = kryo(words) { return core }
        // lscpu names the chip too: "Icestorm-M1-Pro", "Typhoon/Capri".
        if let first = words.first?.split(separator: "/").first.map(String.init), appleCores.contains(first) { return first }
        let cortex = "cortex"
        if words.count > 1, words[0] == cortex { return "\(cortex)-\(words.dropFirst().joined())" }
        // "Zen 3", "Denver 2", "A 53".
        if words.count == 2, words[1].allSatisfy(\.isNumber), words[0].count == 1 || ["zen", "denver"].contains(words[0]) {
            words = [words.joined()]
        }
        let plain = words.joined(separator: "-")
        if let same = aliases[plain] { return same }
        if plain.hasPrefix(cortex), plain != cortex { return "\(cortex)-\(plain.dropFirst(cortex.count))" }
        let number = plain.dropFirst()
        guard let letter = plain.first, !number.isEmpty, number.allSatisfy(\.isNumber) else { return plain }
        // The numbers of X cores have one digit or three: x60 is another maker's.
        let isCortex = letter == "a" ? number.count <= 3 : letter == "x" && [1, 3].contains(number.count)
        return isCortex ? "\(cortex)-\(plain)" : plain
    }

    /// The core that Qualcomm made a Kryo of three digits from: "Kryo 485 Gold" is a Cortex-A76, and lscpu's "Kryo-4XX-Gold"
    /// too. Without its kind, such a name stands for several cores, and nil is the answer.
    ///
    /// The first digit tells the generation (Qualcomm's product briefs of the Snapdragon 660, 845, 855, 865, 888 and 8 Gen 1,
    /// and Linux's cputype.h for the first three).
    private static func kryo(_ words: [String]) -> String? {
        guard let first = words.first, first.hasPrefix("kryo") else { return nil }
        let rest: [String] = (first == "kryo" ? [] : [String(first.dropFirst(4))]) + words.dropFirst()
        guard rest.count == 2, rest[0].count == 3, let generation = rest[0].first else { return nil }
        switch (generation, rest[1]) {
        case ("6", "prime") where rest[0] == "680": return "cortex-x1"
        case ("7", "prime"): return "cortex-x2"
        case (_, "gold"), (_, "prime"): return largeKryos[generation]
        case (_, "silver"): return smallKryos[generation]
        default: return nil
        }
    }

    /// By the first digit of their number.
    private static let largeKryos: [Character: String] = [
        "2": "cortex-a73", "3": "cortex-a75", "4": "cortex-a76", "5": "cortex-a77", "6": "cortex-a78", "7": "cortex-a710",
    ]
    private static let smallKryos: [Character: String] = [
        "2": "cortex-a53", "3": "cortex-a55", "4": "cortex-a55", "5": "cortex-a55", "6": "cortex-a55", "7": "cortex-a510",
    ]

    /// What may stand before the name of a core.
    private static let makers: Set<String> = ["arm", "apple", "qualcomm", "nvidia", "samsung", "amd", "thead", "xuantie"]

    private static let appleCores: Set<String> = [
        "cyclone", "typhoon", "twister", "hurricane", "monsoon", "mistral", "vortex", "tempest", "lightning", "thunder",
        "firestorm", "icestorm", "avalanche", "blizzard", "everest", "sawtooth",
    ]

    /// Other names of the same core: lscpu's, those of the makers, and those of chips with one kind of cores.
    private static let aliases = [
        "falkor-v1/kryo": "cortex-a73", "kryo-v2": "cortex-a53", "azure-cobalt-100": "neoverse-n2", "kunpeng-920": "taishan-v110",
        "krait-300": "krait", "krait-400": "krait", "krait-450": "krait", "mongoose": "exynos-m1", "meerkat": "exynos-m3",
        "cheetah": "exynos-m4", "u54": "sifive-u54", "u54-mc": "sifive-u54", "u74": "sifive-u74", "u74-mc": "sifive-u74",
        "p550": "sifive-p550", "x60": "spacemit-x60", "sunny-cove": "ice-lake", "kaby-lake": "skylake", "coffee-lake": "skylake",
        "comet-lake": "skylake", "skylake-x": "skylake-server", "cascade-lake": "skylake-server", "apollo-lake": "goldmont",
        "gemini-lake": "goldmont-plus", "jasper-lake": "tremont", "elkhart-lake": "tremont", "alder-lake-n": "gracemont",
        "twin-lake": "gracemont",
    ]

    /// The core that is most like one that nobody described, where its name alone does not say so: by the width of its
    /// vector units and of its front end, as its maker or those who took it apart tell them.
    package static let relatives = [
        "scorpion": "cortex-a9", "falkor": "cortex-a72", "cortex-a12": "cortex-a17", "cortex-a65": "cortex-a75",
        "neoverse-e1": "cortex-a75", "cortex-x925": "cortex-x4", "neoverse-v3": "cortex-x4", "c1-nano": "cortex-a520",
        "c1-pro": "cortex-a720", "c1-premium": "cortex-x4", "c1-ultra": "cortex-x4", "ampere-1": "neoverse-n1",
        "exynos-m1": "cortex-a72", "exynos-m2": "cortex-a72", "exynos-m3": "cortex-a75", "exynos-m4": "cortex-a76",
        "exynos-m5": "cortex-a77", "typhoon": "cyclone", "twister": "cyclone", "hurricane": "cyclone", "monsoon": "firestorm",
        "vortex": "firestorm", "lightning": "firestorm", "mistral": "icestorm", "tempest": "icestorm", "thunder": "icestorm",
        "sawtooth": "blizzard", "denver": "denver2", "oryon-v3": "oryon", "taishan-v120": "taishan-v110",
        "ftc660": "ftc662", "ftc862": "ftc664",
        "broadwell": "haswell", "haswell-server": "haswell", "broadwell-server": "haswell", "ice-lake-server": "skylake-server",
        "willow-cove": "ice-lake", "tiger-lake": "ice-lake", "cypress-cove": "ice-lake", "rocket-lake": "ice-lake",
        "sandy-bridge": "zen", "ivy-bridge": "zen", "nehalem": "airmont", "penryn": "yonah", "silvermont": "airmont",
        "goldmont-plus": "goldmont", "raptor-cove": "golden-cove", "redwood-cove": "golden-cove", "lion-cove": "golden-cove",
        "crestmont": "gracemont", "skymont": "gracemont", "zen+": "zen", "sifive-p550": "c910",
    ]

    /// Cores by the numbers that Linux shows: of Arm (0x41), NVIDIA, HiSilicon, Qualcomm, Samsung, Apple, Microsoft, Phytium and
    /// Ampere (Arm's documentation of the main identification register, the tables of util-linux and of Linux's cputype.h, and
    /// for Apple the list of m1n1, Asahi Linux's loader).
    private static let parts = [
        "0x41 0xc05": "cortex-a5", "0x41 0xc07": "cortex-a7", "0x41 0xc08": "cortex-a8", "0x41 0xc09": "cortex-a9",
        "0x41 0xc0d": "cortex-a12", "0x41 0xc0e": "cortex-a17", "0x41 0xc0f": "cortex-a15", "0x41 0xd01": "cortex-a32",
        "0x41 0xd02": "cortex-a34", "0x41 0xd03": "cortex-a53", "0x41 0xd04": "cortex-a35", "0x41 0xd05": "cortex-a55",
        "0x41 0xd06": "cortex-a65", "0x41 0xd07": "cortex-a57", "0x41 0xd08": "cortex-a72", "0x41 0xd09": "cortex-a73",
        "0x41 0xd0a": "cortex-a75", "0x41 0xd0b": "cortex-a76", "0x41 0xd0c": "neoverse-n1", "0x41 0xd0d": "cortex-a77",
        "0x41 0xd0e": "cortex-a76ae", "0x41 0xd40": "neoverse-v1", "0x41 0xd41": "cortex-a78", "0x41 0xd42": "cortex-a78",
        "0x41 0xd44": "cortex-x1", "0x41 0xd46": "cortex-a510", "0x41 0xd47": "cortex-a710", "0x41 0xd48": "cortex-x2",
        "0x41 0xd49": "neoverse-n2", "0x41 0xd4b": "cortex-a78", "0x41 0xd4c": "cortex-x1", "0x41 0xd4d": "cortex-a715",
        "0x41 0xd4e": "cortex-x3", "0x41 0xd4f": "neoverse-v2", "0x41 0xd80": "cortex-a520", "0x41 0xd81": "cortex-a720",
        "0x41 0xd82": "cortex-x4", "0x41 0xd84": "neoverse-v3", "0x41 0xd85": "cortex-x925", "0x41 0xd87": "cortex-a725",
        "0x41 0xd43": "cortex-a65ae", "0x41 0xd4a": "neoverse-e1", "0x41 0xd83": "neoverse-v3ae", "0x41 0xd88": "cortex-a520ae",
        "0x41 0xd89": "cortex-a720ae", "0x41 0xd8a": "c1-nano", "0x41 0xd8b": "c1-pro", "0x41 0xd8c": "c1-ultra",
        "0x41 0xd8e": "neoverse-n3", "0x41 0xd90": "c1-premium", "0x6d 0xd49": "neoverse-n2",
        "0x48 0xd01": "taishan-v110", "0x48 0xd02": "taishan-v120", "0x48 0xd40": "cortex-a76", "0x48 0xd41": "cortex-a77",
        "0x4e 0x000": "denver", "0x4e 0x003": "denver2", "0x4e 0x004": "carmel", "0x51 0x00f": "scorpion",
        "0x51 0x02d": "scorpion", "0x51 0x04d": "krait", "0x51 0x06f": "krait", "0x51 0x201": "kryo", "0x51 0x205": "kryo",
        "0x51 0x211": "kryo", "0x51 0x800": "cortex-a73", "0x51 0x801": "cortex-a53", "0x51 0x802": "cortex-a75",
        "0x51 0x803": "cortex-a55", "0x51 0x804": "cortex-a76", "0x51 0x805": "cortex-a55", "0x51 0xc00": "falkor",
        "0x51 0x001": "oryon", "0x51 0x002": "oryon-v3", "0x53 0x001": "exynos-m1", "0x53 0x002": "exynos-m3",
        "0x53 0x003": "exynos-m4", "0x53 0x004": "exynos-m5", "0x61 0x001": "cyclone", "0x61 0x002": "typhoon", "0x61 0x003": "typhoon",
        "0x61 0x004": "twister", "0x61 0x005": "twister", "0x61 0x006": "hurricane", "0x61 0x007": "hurricane",
        "0x61 0x008": "monsoon", "0x61 0x009": "mistral", "0x61 0x00b": "vortex", "0x61 0x00c": "tempest",
        "0x61 0x00f": "tempest", "0x61 0x010": "vortex", "0x61 0x011": "tempest", "0x61 0x012": "lightning",
        "0x61 0x013": "thunder", "0x61 0x020": "icestorm", "0x61 0x021": "firestorm", "0x61 0x022": "icestorm",
        "0x61 0x023": "firestorm", "0x61 0x024": "icestorm", "0x61 0x025": "firestorm", "0x61 0x026": "thunder",
        "0x61 0x028": "icestorm", "0x61 0x029": "firestorm", "0x61 0x030": "blizzard", "0x61 0x031": "avalanche",
        "0x61 0x032": "blizzard", "0x61 0x033": "avalanche", "0x61 0x034": "blizzard", "0x61 0x035": "avalanche",
        "0x61 0x036": "sawtooth", "0x61 0x037": "everest", "0x61 0x038": "blizzard", "0x61 0x039": "avalanche",
        "0x61 0x042": "sawtooth", "0x61 0x043": "everest", "0x61 0x044": "sawtooth", "0x61 0x045": "everest",
        "0x61 0x048": "sawtooth", "0x61 0x049": "everest", "0x70 0x303": "ftc310", "0x70 0x660": "ftc660", "0x70 0x661": "ftc661",
        "0x70 0x662": "ftc662", "0x70 0x663": "ftc663", "0x70 0x664": "ftc664", "0x70 0x862": "ftc862", "0xc0 0xac3": "ampere-1",
        "0xc0 0xac4": "ampere-1a",
    ]

    /// RISC-V cores by the device tree's names of them.
    private static let microarchitectures = [
        "sifive,u74-mc": "sifive-u74", "sifive,u74": "sifive-u74", "sifive,bullet0": "sifive-u74", "thead,c906": "c906",
        "thead,c910": "c910", "spacemit,x60": "spacemit-x60", "eswin,eic770x": "sifive-p550",
    ]

    /// RISC-V cores by the numbers of their maker and architecture, where a kernel does not name them.
    private static let machines = [
        "0x489 0x8000000000000007": "sifive-u74", "0x489 0x8000000000000008": "sifive-p550",
        "0x710 0x8000000058000001": "spacemit-x60",
    ]

    /// Cores by what the names of models contain.
    private static let models = [
        (text: "spacemit(r) x60", core: "spacemit-x60"), (text: "3a6000", core: "la664"), (text: "3b6000", core: "la664"),
        (text: "3c6000", core: "la664"), (text: "3a5000", core: "la464"), (text: "3c5000", core: "la464"),
        (text: "3d5000", core: "la464"), (text: "2k2000", core: "la364"), (text: "2k1000la", core: "la264"),
        (text: "2k1000", core: "gs264"), (text: "3a4000", core: "gs464v"), (text: "3b4000", core: "gs464v"),
        (text: "3a3000", core: "gs464e"), (text: "3b3000", core: "gs464e"),
    ]
}

/// An x86 processor by its family and model, as CPUID tells them (Linux's intel-family.h, and AMD's revision guides).
private struct X86Model {
    private let isIntel: Bool
    private let family, model: Int

    /// nil for a processor of another kind.
    init?(_ fields: [String: String]) {
        let vendor = (fields["vendor_id"] ?? fields["vendor id"] ?? "").lowercased()
        guard vendor == "genuineintel" || vendor == "authenticamd", let family = fields["cpu family"].flatMap({ Int($0) }),
            let model = fields["model"].flatMap({ Int($0) })
        else { return nil }
        isIntel = vendor == "genuineintel"
        self.family = family
        self.model = model
    }

    /// nil for a model that is not known; the large core of a processor with two kinds.
    var core: String? {
        if isIntel { return family == 6 ? Self.intel.first { $0.models.contains(model) }?.core : nil }
        switch family {
        case 23: return model >= 0x30 ? "zen2" : [0x08, 0x18].contains(model) ? "zen+" : "zen"
        case 25: return [0x10...0x1f, 0x60...0x7f, 0xa0...0xaf].contains { $0.contains(model) } ? "zen4" : "zen3"
        case 26: return "zen5"
        default: return nil
        }
    }

    /// nil where all cores are of one kind.
    var smallCore: String? {
        guard isIntel, family == 6 else { return nil }
        return Self.hybrid.contains(model) ? "gracemont" : Self.laterHybrid.contains(model) ? "skymont" : nil
    }

    /// Alder, Raptor and Meteor Lake; Arrow and Lunar Lake.
    private static let hybrid = [0x97, 0x9a, 0xb7, 0xba, 0xbf, 0xaa, 0xac], laterHybrid = [0xb5, 0xc5, 0xc6, 0xbd]

    private static let intel: [(core: String, models: [Int])] = [
        ("yonah", [0x0e]), ("penryn", [0x0f, 0x17, 0x1d]), ("nehalem", [0x1a, 0x1e, 0x1f, 0x2e, 0x25, 0x2c, 0x2f]),
        ("sandy-bridge", [0x2a, 0x2d]), ("ivy-bridge", [0x3a, 0x3e]), ("haswell", [0x3c, 0x45, 0x46]),
        ("haswell-server", [0x3f]), ("broadwell", [0x3d, 0x47]), ("broadwell-server", [0x4f, 0x56]),
        // Kaby, Coffee and Comet Lake have the same core.
        ("skylake", [0x4e, 0x5e, 0x8e, 0x9e, 0xa5, 0xa6]), ("skylake-server", [0x55]),
        // Tiger and Rocket Lake have nearly the same.
        ("ice-lake", [0x7d, 0x7e, 0x8c, 0x8d, 0xa7]), ("ice-lake-server", [0x6a, 0x6c]), ("golden-cove", hybrid),
        ("golden-cove-server", [0x8f, 0xcf, 0xad, 0xae]), ("lion-cove", laterHybrid), ("silvermont", [0x37, 0x4a, 0x4d]),
        ("airmont", [0x4c]), ("goldmont", [0x5c, 0x5f, 0x7a]), ("tremont", [0x86, 0x96, 0x9c]), ("gracemont", [0xbe]),
    ]
}
