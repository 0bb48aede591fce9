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
            return microarchitectures[architecture] ?? architecture.split(separator: ",").last.map(String.init)
        }
        guard let model = fields["model name"]?.lowercased() else { return nil }
        if let known = models.first(where: { model.contains($0.text) }) { return known.core }
        // Kernels before the table of parts: the instruction set, and no core.
        if model.isEmpty || model == "-" || model.contains("processor") || model.contains("cpu") { return nil }
        return canonical(model)
    }

    /// The core of the small cores, where a processor has two kinds and Linux tells one model of both; nil for one kind.
    static func smallCore(_ fields: [String: String]) -> String? { X86Model(fields)?.smallCore }

    /// A name as files spell it: "Cortex A76", "cortexa76" and "a76" are "cortex-a76".
    static func canonical(_ name: String) -> String {
        let plain = name.lowercased().split { $0 == " " || $0 == "_" || $0 == "-" }.joined(separator: "-")
        let cortex = "cortex"
        if plain.hasPrefix(cortex), !plain.hasPrefix(cortex + "-") { return "\(cortex)-\(plain.dropFirst(cortex.count))" }
        let number = plain.dropFirst()
        guard let letter = plain.first, !number.isEmpty, number.allSatisfy(\.isNumber) else { return plain }
        // The numbers of X cores have one digit or three: x60 is another maker's.
        let isCortex = letter == "a" ? number.count <= 3 : letter == "x" && [1, 3].contains(number.count)
        return isCortex ? "\(cortex)-\(plain)" : plain
    }

    /// The core that is most like one that nobody described, where its name alone does not say so: by the width of its
    /// vector units and of its front end, as its maker or those who took it apart tell them.
    package static let relatives = [
        "krait": "cortex-a15", "scorpion": "cortex-a9", "falkor": "cortex-a72", "cortex-a12": "cortex-a17",
        "cortex-x925": "cortex-x4", "neoverse-v1": "cortex-x1", "neoverse-v2": "cortex-x3", "neoverse-v3": "cortex-x4",
        "ampere-1": "neoverse-n1", "exynos-m1": "cortex-a72", "exynos-m3": "cortex-a75", "exynos-m4": "cortex-a76",
        "exynos-m5": "cortex-a77", "icestorm": "cortex-a76", "blizzard": "cortex-a76", "avalanche": "firestorm",
        "denver": "denver2", "taishan-v120": "taishan-v110", "ftc660": "ftc662", "ftc862": "ftc664", "kryo-v2": "cortex-a73",
        "kryo-3xx-gold": "cortex-a75", "kryo-3xx-silver": "cortex-a55", "kryo-4xx-gold": "cortex-a76",
        "kryo-4xx-silver": "cortex-a55", "haswell": "skylake", "broadwell": "skylake", "haswell-server": "skylake",
        "broadwell-server": "skylake", "ice-lake": "skylake", "ice-lake-server": "skylake-server", "sandy-bridge": "zen",
        "ivy-bridge": "zen", "nehalem": "airmont", "penryn": "yonah", "silvermont": "airmont", "goldmont": "tremont",
        "lion-cove": "golden-cove", "skymont": "gracemont", "zen+": "zen", "zen4": "zen3",
    ]

    /// Cores by the numbers that Linux shows: of Arm (0x41), NVIDIA, HiSilicon, Qualcomm, Samsung, Apple, Phytium and Ampere
    /// (Arm's documentation of the main identification register, and the tables of util-linux and of Linux's cputype.h).
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
        "0x48 0xd01": "taishan-v110", "0x48 0xd02": "taishan-v120", "0x48 0xd40": "cortex-a76", "0x48 0xd41": "cortex-a77",
        "0x4e 0x000": "denver", "0x4e 0x003": "denver2", "0x4e 0x004": "carmel", "0x51 0x00f": "scorpion",
        "0x51 0x02d": "scorpion", "0x51 0x04d": "krait", "0x51 0x06f": "krait", "0x51 0x201": "kryo", "0x51 0x205": "kryo",
        "0x51 0x211": "kryo", "0x51 0x800": "cortex-a73", "0x51 0x801": "cortex-a53", "0x51 0x802": "cortex-a75",
        "0x51 0x803": "cortex-a55", "0x51 0x804": "cortex-a76", "0x51 0x805": "cortex-a55", "0x51 0xc00": "falkor",
        "0x51 0x001": "oryon", "0x53 0x001": "exynos-m1", "0x53 0x002": "exynos-m3", "0x53 0x003": "exynos-m4",
        "0x53 0x004": "exynos-m5", "0x61 0x020": "icestorm", "0x61 0x021": "firestorm", "0x61 0x022": "icestorm",
        "0x61 0x023": "firestorm", "0x61 0x024": "icestorm", "0x61 0x025": "firestorm", "0x61 0x028": "icestorm",
        "0x61 0x029": "firestorm", "0x61 0x030": "blizzard", "0x61 0x031": "avalanche", "0x61 0x032": "blizzard",
        "0x61 0x033": "avalanche", "0x61 0x034": "blizzard", "0x61 0x035": "avalanche", "0x61 0x038": "blizzard",
        "0x61 0x039": "avalanche", "0x70 0x303": "ftc310", "0x70 0x660": "ftc660", "0x70 0x662": "ftc662",
        "0x70 0x663": "ftc663", "0x70 0x664": "ftc664", "0x70 0x862": "ftc862", "0xc0 0xac3": "ampere-1",
    ]

    /// RISC-V cores by the device tree's names of them.
    private static let microarchitectures = [
        "sifive,u74-mc": "sifive-u74", "sifive,u74": "sifive-u74", "sifive,bullet0": "sifive-u74", "thead,c906": "c906",
        "thead,c910": "c910", "spacemit,x60": "spacemit-x60",
    ]

    /// Cores by what the names of models contain.
    private static let models = [
        (text: "spacemit(r) x60", core: "spacemit-x60"), (text: "3a6000", core: "la664"), (text: "3a5000", core: "la464"),
        (text: "3c5000", core: "la464"), (text: "2k2000", core: "la364"), (text: "2k1000la", core: "la264"),
        (text: "2k1000", core: "gs264"), (text: "3a4000", core: "gs464v"), (text: "3a3000", core: "gs464e"),
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
