import Files

/// The cores that a board's own description names: what is in `/proc/cpuinfo`, or what `lscpu` prints.
struct ProcessorListing {
    private(set) var groups: [DeviceFacts.CoreGroup] = []
    /// What was concluded and not read, a sentence each.
    private(set) var notes: [String] = []
    /// The third level of cache, KiB; only `lscpu` tells it.
    var l3KiB: Int? { lines.kinds.lazy.compactMap { $0["l3 cache"] ?? $0["l3"] }.first.flatMap(Self.kibibytes) }

    private let lines: ListedLines
    private let path: String

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    /// - Throws: `FileError.invalid` where no core is known by its number or name, or a clock is missing.
    init(_ text: String, path: String) throws(FileError) {
        lines = ListedLines(text)
        self.path = path
        if !lines.processors.isEmpty {
            try readProcessors()
        } else {
            for kind in lines.kinds { try read(kind) }
        }
        if groups.isEmpty {
            if lines.isNameless {
                throw problem(
                    "", "expected the line \"Model name\", found none: this lscpu does not know the core; /proc/cpuinfo has its number; "
                        + "where it is in another language, LC_ALL=C lscpu")
            }
            throw problem(
                "", "expected what cat /proc/cpuinfo or LC_ALL=C lscpu prints, found no line \"processor\" with a number and no "
                    + "line \"Model name\"")
        }
    }

    private func problem(_ place: String, _ problem: String) -> FileError {
        .invalid(path: path, place: place, problem: problem)
    }

    /// Adds cores to those of their kind and clock.
    private mutating func add(_ count: Int, _ core: String, _ clock: Double) {
        if let place = groups.firstIndex(where: { $0.core == core && $0.clockGHz == clock }) {
            groups[place] = .init(count: groups[place].count + count, core: core, clockGHz: clock)
        } else {
            groups.append(.init(count: count, core: core, clockGHz: clock))
        }
    }

    private mutating func note(_ sentence: String) { if !notes.contains(sentence) { notes.append(sentence) } }

    // MARK: - /proc/cpuinfo

    private mutating func readProcessors() throws(FileError) {
        let processors = lines.processors
        // Kernels of old phones tell the part once, below all processors.
        let parts = processors.filter { $0.fields["cpu part"] != nil }
        let only = parts.count == 1 ? parts.first?.fields : nil
        var threads: [String: Int] = [:]
        for place in processors.compactMap(\.place) { threads[place, default: 0] += 1 }
        let isDoubled = threads.values.contains { $0 > 1 }
        var seen: Set<String> = []
        let cores = processors.filter { processor in processor.place.map { seen.insert($0).inserted } ?? true }
        let names = cores.map { CoreNames.core($0.fields) }
        let highest = cores.compactMap { lines.clock(of: $0.index) }.max() ?? 0
        // Only the large cores run two threads. Where none does, small ones have lower clocks.
        func isSmall(_ processor: ListedLines.Processor) -> Bool {
            if isDoubled { return processor.place.flatMap { threads[$0] } == 1 }
            return lines.clock(of: processor.index).map { $0 < Self.leastOfLarge * highest } ?? false
        }
        var small = 0
        for (processor, name) in zip(cores, names) {
            guard var core = name ?? only.flatMap(CoreNames.core) else {
                throw unknownCore(only ?? processor.fields, at: "processor \(processor.index)", count: cores.count)
            }
            if let other = CoreNames.smallCore(processor.fields), isSmall(processor) {
                core = other
                small += 1
            }
            var listed = lines.clock(of: processor.index)
            if listed == nil { listed = clock(named: processor.fields) }
            guard let ghz = listed else {
                throw problem(
                    "processor \(processor.index)",
                    "expected its clock, a line /sys/devices/system/cpu/cpu\(processor.index)/cpufreq/cpuinfo_max_freq:1800000 "
                        + "as grep prints it, found none; where the device has no such file, name the cores: --cores "
                        + Self.list(of: names.map { $0 ?? core }))
            }
            add(1, core, ghz)
        }
        if isDoubled { note("two threads of a core count as one core") }
        if let kind = cores.lazy.compactMap({ CoreNames.smallCore($0.fields) }).first {
            if small == 0 {
                noteUnknown(small: kind, among: cores.count, large: groups[0].core)
            } else if !isDoubled {
                note(
                    "\(small) of the \(cores.count) cores have lower clocks than the others and are taken as \(kind); --cores tells them "
                        + "apart")
            }
        }
        if only != nil, processors.count > 1 {
            note("one core is told for all \(processors.count) processors; where small and large ones differ, --cores names them")
        }
        let absent = Self.absent(processors.map(\.index), lines.clocks.keys)
        if !absent.isEmpty {
            note(
                "nothing is told of processor \(absent.map(String.init).joined(separator: ", ")), as of cores that are off: not counted")
        }
    }

    /// The least clock of large x86 cores, as a share of the highest: 5.5 of 5.7 GHz on a Core Ultra 9 285K. Small ones beside
    /// them reach 4.4 of 4.9 GHz on a Core Ultra 5 225 (Intel's specifications).
    private static let leastOfLarge = 0.93

    private mutating func noteUnknown(small: String, among count: Int, large: String) {
        note("which cores are small (\(small)) is not told: all \(count) are taken as \(large); --cores tells them apart")
    }

    /// The numbers below the highest one that are not described: of cores that were off.
    private static func absent(_ described: [Int], _ clocked: some Collection<Int>) -> [Int] {
        let known = Set(described), highest = max(described.max() ?? 0, clocked.max() ?? 0)
        // No machine has as many; a number was mistyped.
        return highest < 10_000 ? (0...highest).filter { !known.contains($0) } : []
    }

    /// What is known of cores, to be completed: "4xcortex-a55@GHZ,4xcortex-a76@GHZ".
    private static func list(of names: [String]) -> String {
        var counts: [(core: String, count: Int)] = []
        for name in names {
            if let place = counts.firstIndex(where: { $0.core == name }) {
                counts[place].count += 1
            } else {
                counts.append((name, 1))
            }
        }
        return counts.map { "\($0.count)x\($0.core)@GHZ" }.joined(separator: ",")
    }

    // MARK: - lscpu

    private mutating func read(_ kind: [String: String]) throws(FileError) {
        let name = kind["model name"] ?? ""
        let place = "Model name \(name)"
        // No machine has more; a larger number was mistyped.
        func number(_ key: String) -> Int? { kind[key].flatMap { Int($0) }.flatMap { (0...65_536).contains($0) ? $0 : nil } }
        let threads = number("thread(s) per core") ?? 1
        let perUnit = number("core(s) per cluster").map { $0 * (number("cluster(s)") ?? 1) }
            ?? number("core(s) per socket").map { $0 * (number("socket(s)") ?? 1) }
        let all = lines.kinds.count == 1 ? number("cpu(s)").map { $0 / max(threads, 1) } : nil
        var told = perUnit ?? all
        // Versions before 2.37 count the cores of one cluster, and take clusters for sockets: three with two cores each make
        // the eight of an RK3588.
        if threads <= 1, let all, let perUnit, perUnit > 0, kind["off-line cpu(s) list"] == nil { told = max(all, perUnit) }
        guard let core = CoreNames.core(kind) else {
            // Of cores that it does not know, lscpu may tell that there are 0.
            let count = told.flatMap { $0 > 0 ? $0 : nil } ?? number("cpu(s)") ?? 1
            throw unknownCore(kind, at: place, count: count)
        }
        guard let count = told, count > 0 else {
            throw problem(place, "expected the line \"Core(s) per socket\" of lscpu, found none")
        }
        if lines.kinds.count == 1, (number("socket(s)") ?? 1) > 1, core.hasPrefix("cortex-") {
            note(
                "one core is told for all \(count), as lscpu before version 2.37 does; where small and large ones differ, /proc/cpuinfo "
                    + "tells them apart")
        }
        // lscpu prints kilohertz as megahertz.
        var listed = kind["cpu max mhz"].flatMap { Double($0.replacing(",", with: ".")) }.map { (1000 * $0).rounded() / 1e6 }
            ?? lines.clocks.values.max() ?? lines.policies.values.max()
        if listed == nil { listed = clock(named: kind) }
        guard let ghz = listed, ghz > 0 else {
            throw problem(
                place, "expected the line \"CPU max MHz\", found none, as in a virtual machine; name the cores: --cores "
                    + "\(count)x\(core)@GHZ")
        }
        if let off = kind["off-line cpu(s) list"], !off.isEmpty { note("processors \(off) are off and not counted") }
        guard let small = CoreNames.smallCore(kind) else { return add(count, core, ghz) }
        // All cores are counted together; those that run two threads are the large ones.
        let large = (number("cpu(s)") ?? 0) - count
        guard threads > 1, large > 0, large < count else {
            noteUnknown(small: small, among: count, large: core)
            return add(count, core, ghz)
        }
        let smallClock = (100 * Self.smallShare * ghz).rounded() / 100
        add(large, core, ghz)
        add(count - large, small, smallClock)
        note(
            "\(large) of the \(count) cores run two threads and are taken as \(core), the others as \(small) at \(smallClock) GHz, a "
                + "clock that lscpu does not tell; --cores tells it")
    }

    /// The clock of small x86 cores, as a share of that of the large ones beside them: 4.2 of 5.4 GHz on a Core i7-13700K.
    private static let smallShare = 0.78

    /// A size as lscpu prints it: "8 MiB (1 instance)", and "8192K" in former versions.
    private static func kibibytes(_ text: String) -> Int? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        let factors: [Character: Double] = ["K": 1, "M": 1024, "G": 1_048_576]
        guard let size = Double(number), let unit = text.dropFirst(number.count).first(where: { $0 != " " }), let factor = factors[unit],
            (1...1_048_576).contains(size * factor)
        else { return nil }
        return Int(size * factor)
    }

    // MARK: - Both

    /// A clock that stands elsewhere in the lines of a processor, GHz.
    private mutating func clock(named fields: [String: String]) -> Double? {
        func number(_ text: Substring) -> Double? { Double(text.prefix { $0.isNumber || $0 == "." }) }
        if let text = fields["cpu-freq"], let clock = number(text[...]) { return clock }
        if let name = fields["model name"], let sign = name.lastIndex(of: "@"),
            let clock = number(name[name.index(after: sign)...].drop { $0 == " " }), (0.1...10).contains(clock)
        {
            note("the clock is that of the name, \(clock) GHz; the highest is not told, and may be above it")
            return clock
        }
        if let megahertz = fields["cpu mhz"].flatMap({ Double($0) }), megahertz > 0 {
            let clock = (megahertz / 10).rounded() / 100
            note("the clock is that of the moment, \(clock) GHz; the highest is not told, and may be above it")
            return clock
        }
        return nil
    }

    private func unknownCore(_ fields: [String: String], at place: String, count: Int) -> FileError {
        let what: String
        if let part = fields["cpu part"] {
            what = "the core with implementer \(fields["cpu implementer"] ?? "?") and part \(part) is not known"
        } else if let family = fields["cpu family"], let model = fields["model"], fields["model name"] != nil {
            what = "the processor of family \(family), model \(model) is not known"
        } else {
            what = "no line tells which core it is"
        }
        return problem(
            place, "\(what); name the cores: --cores \(count)xCORE@GHZ with a name of onepath show cores, the one that is most like it")
    }
}

extension DeviceFacts {
    /// The name of the core that a processor is, as files name cores; nil where its description names none that is known.
    ///
    /// - Parameters:
    ///   - index: of the processor.
    ///   - text: the content of `/proc/cpuinfo`.
    package static func core(ofProcessor index: Int, cpuInfo text: String) -> String? {
        let processors = ListedLines(text).processors
        // Kernels of old phones tell the part once, below all processors.
        let parts = processors.filter { $0.fields["cpu part"] != nil }
        let own = processors.first { $0.index == index }.flatMap { CoreNames.core($0.fields) }
        return own ?? (parts.count == 1 ? CoreNames.core(parts[0].fields) : nil)
    }
}

/// The lines of a listing, by what they describe; keys in small letters.
private struct ListedLines {
    struct Processor {
        let index: Int
        var fields: [String: String] = [:]

        /// The core that it is a thread of; nil where that is not told, and then it is one itself.
        var place: String? {
            if let core = fields["core id"] { return "\(fields["physical id"] ?? "0") \(core)" }
            // Loongson's.
            return fields["core"].map { "\(fields["package"] ?? "0") \($0)" }
        }
    }

    /// Those of `/proc/cpuinfo`, in its order.
    private(set) var processors: [Processor] = []
    /// The kinds of cores of `lscpu`.
    private(set) var kinds: [[String: String]] = []
    /// Whether it is from `lscpu`, without the name of any core.
    private(set) var isNameless = false
    /// Clocks in GHz, by the number of a processor, and by the first processor of a policy.
    private(set) var clocks: [Int: Double] = [:], policies: [Int: Double] = [:]
    /// The clocks that stand alone, as `cat` prints them.
    private var alone: [Double] = []

    init(_ text: String) {
        var isProcessor = false
        for line in (Self.lines(ofJSON: text) ?? text).split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if readClock(line) { continue }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmed.lowercased()
            let value = line[line.index(after: colon)...].trimmed
            if key == "processor", let index = Int(value) {
                processors.append(Processor(index: index))
                isProcessor = true
                continue
            }
            // lscpu begins with it.
            if key == "architecture" { isProcessor = false }
            if isProcessor {
                processors[processors.count - 1].fields[key] = value
            } else {
                if kinds.isEmpty || (key == "model name" && kinds[kinds.count - 1][key] != nil) { kinds.append([:]) }
                if kinds[kinds.count - 1][key] == nil { kinds[kinds.count - 1][key] = value }
            }
        }
        let isListing = kinds.contains { $0["architecture"] != nil }
        kinds.removeAll { $0["model name"] == nil }
        isNameless = isListing && kinds.isEmpty
    }

    /// What `lscpu -J` prints, as `lscpu` alone would; nil for another text.
    private static func lines(ofJSON text: String) -> String? {
        guard text.trimmed.first == "{", let document = try? JSON(parsing: text.trimmed, path: "lscpu"),
            case .array(let fields)? = document["lscpu"]
        else { return nil }
        func lines(_ fields: [JSON]) -> [String] {
            fields.flatMap { field -> [String] in
                var found: [String] = []
                if case .string(let key)? = field["field"], case .string(let data)? = field["data"] {
                    found.append("\(key)\(key.hasSuffix(":") ? "" : ":") \(data)")
                }
                if case .array(let children)? = field["children"] { found += lines(children) }
                return found
            }
        }
        return lines(fields).joined(separator: "\n")
    }

    /// Reads a line as `grep . /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq` prints it.
    ///
    /// - Returns: whether it is about a clock.
    private mutating func readClock(_ line: String) -> Bool {
        if let kilohertz = Int(line), (10_000...20_000_000).contains(kilohertz) {
            alone.append(Double(kilohertz) / 1e6)
            return true
        }
        let folder = "/sys/devices/system/cpu/"
        guard line.hasPrefix(folder), let colon = line.lastIndex(of: ":") else { return false }
        let file = line[..<colon].dropFirst(folder.count)
        guard file.hasSuffix("cpuinfo_max_freq"), let kilohertz = Double(line[line.index(after: colon)...].trimmed) else { return true }
        func number(after prefix: String) -> Int? {
            file.hasPrefix(prefix) ? Int(file.dropFirst(prefix.count).prefix(while: \.isNumber)) : nil
        }
        if let first = number(after: "cpufreq/policy") {
            policies[first] = kilohertz / 1e6
        } else if let cpu = number(after: "cpu") {
            clocks[cpu] = kilohertz / 1e6
        }
        return true
    }

    private func part(of cpu: Int) -> String? { processors.first { $0.index == cpu }?.fields["cpu part"] }

    /// GHz; nil where none is listed.
    func clock(of cpu: Int) -> Double? {
        if let own = clocks[cpu] { return own }
        // A policy holds for cores of one kind: the one of others may be missing, as where it was not readable.
        if let first = policies.keys.filter({ $0 <= cpu }).max(), part(of: first) == nil || part(of: first) == part(of: cpu) {
            return policies[first]
        }
        // In the order of the processors only while their numbers have one digit.
        return alone.count == processors.count && alone.count <= 10 && alone.indices.contains(cpu) ? alone[cpu] : nil
    }
}

extension StringProtocol {
    /// Without white space, and a byte order mark, at both ends.
    fileprivate var trimmed: String {
        func isSpace(_ character: Character) -> Bool { character.isWhitespace || character == "\u{feff}" }
        var text = Substring(self)
        while let first = text.first, isSpace(first) { text.removeFirst() }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
