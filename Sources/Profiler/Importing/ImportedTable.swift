import Architectures

/// A latency table that others measured, as far as it could be read.
public struct ImportedTable: Hashable, Sendable {
    /// An entry of the table that is not in `measurements`, and why.
    public struct Unmatched: Hashable, Sendable, CustomStringConvertible {
        /// The table's own name for it.
        public let key: String
        public let reason: String

        public init(key: String, reason: String) {
            self.key = key
            self.reason = reason
        }

        public var description: String { "\(key): \(reason)" }
    }

    public var measurements: [Measurement] = []
    public var unmatched: [Unmatched] = []
    /// How many rows of the table went into `measurements`. A report has a row for each operator, and a measurement for
    /// all rows of the same sizes and for their block.
    public internal(set) var storedRows = 0
    /// What was converted, for people.
    public internal(set) var notes: [String] = []
    /// How many blocks, operators and sequences the measurements are of. One that has several rows counts once.
    public var subjects: Int { Set(measurements.map(\.subject.key)).count }

    /// A sentence on rows of the same sizes with different latencies, of which a profile has the mean; nil where there are
    /// none.
    public var repeats: String? {
        var ranges: [String: ClosedRange<Double>] = [:]
        for measurement in measurements {
            let latency = measurement.latencyMs
            let range = ranges[measurement.subject.key] ?? latency...latency
            ranges[measurement.subject.key] = min(range.lowerBound, latency)...max(range.upperBound, latency)
        }
        let several = ranges.filter { $0.value.lowerBound < $0.value.upperBound }
        func ratio(_ range: ClosedRange<Double>) -> Double { range.upperBound / range.lowerBound }
        let farthest = several.max { ratio($0.value) != ratio($1.value) ? ratio($0.value) < ratio($1.value) : $0.key > $1.key }
        return farthest.map { key, range in
            "\(several.count) of the blocks and operators \(several.count == 1 ? "has" : "have") several rows, and the mean of "
                + "them counts; farthest apart: \(key), \(range.lowerBound) to \(range.upperBound) ms"
        }
    }

    /// All rows of the table.
    public var rows: Int { storedRows + unmatched.count }

    public init() {}

    /// Adds a measurement, or lists it as unmatched where its shapes or its latency cannot be right.
    mutating func add(_ measurement: Measurement, key: String) {
        if let step = measurement.subject.operators.oversized {
            unmatched.append(
                Unmatched(key: key, reason: "a feature map of \(step.output), which no network has"))
        } else if let reason = Refusal.Reason(
            ms: measurement.latencyMs, macs: measurement.subject.macs, limit: .anyDevice)
        {
            unmatched.append(Unmatched(key: key, reason: reason.description))
        } else {
            measurements.append(measurement)
            storedRows += 1
        }
    }
}
