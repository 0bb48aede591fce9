/// The heading of a column as people write it: "Latency [ms]", "latency (ms)" and "latency_us" are all the column
/// `latency_ms`, the last one with cells in microseconds.
struct SheetHeading {
    /// The name of the column here, in small letters.
    let name: String
    /// The same, as the file has it where the column has another name there.
    let written: String
    /// The unit of the cells, where they are converted to milliseconds: "microseconds".
    let converted: String?
    /// How many of the cells' units are a millisecond.
    private let unitsPerMs: Double

    /// Units of time by the ends of names.
    private static let units: [(end: String, name: String, perMs: Double)] = [
        ("_us", "microseconds", 1000), ("_µs", "microseconds", 1000), ("_μs", "microseconds", 1000),
        ("_ns", "nanoseconds", 1e6), ("_s", "seconds", 0.001),
    ]

    /// - Parameters:
    ///   - text: as it stands in the file.
    ///   - times: the names of columns that are times, which end in "_ms".
    ///   - synonyms: the names here of columns that may be called otherwise.
    init(_ text: String, times: [String], synonyms: [String: String] = [:]) {
        var plain = ""
        for character in text.lowercased() {
            if character.isLetter || character.isNumber {
                plain.append(character)
            } else if !plain.isEmpty, plain.last != "_" {
                plain.append("_")
            }
        }
        if plain.last == "_" { plain.removeLast() }
        let written = plain
        func nameInMs(_ unit: (end: String, name: String, perMs: Double)) -> String {
            String(written.dropLast(unit.end.count)) + "_ms"
        }
        let unit = Self.units.first { written.hasSuffix($0.end) && times.contains(nameInMs($0)) }
        let own = unit.map(nameInMs) ?? written
        name = synonyms[own] ?? own
        self.written = own
        converted = unit?.name
        unitsPerMs = unit?.perMs ?? 1
    }

    /// A number of the column in its unit here.
    func value(_ number: Double) -> Double { unitsPerMs < 1 ? number * (1 / unitsPerMs) : number / unitsPerMs }
}
