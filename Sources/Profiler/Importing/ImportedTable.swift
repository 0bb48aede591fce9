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
