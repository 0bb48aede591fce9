/// A limit that a search was given, and what the network that it found takes of it.
public struct ReportTarget: Hashable, Sendable {
    /// What is limited: "latency".
    public let name: String
    /// What limit and value are counted in: "ms".
    public let unit: String
    public let limit: Double
    /// nil where it is not known.
    public let value: Double?

    /// - Parameters:
    ///   - name: what is limited.
    ///   - unit: of limit and value.
    ///   - limit: positive.
    ///   - value: nil where it is not known.
    public init(name: String, unit: String, limit: Double, value: Double?) {
        precondition(limit > 0, "ReportTarget: a limit of \(limit)")
        self.name = name
        self.unit = unit
        self.limit = limit
        self.value = value
    }

    public var isMet: Bool? { value.map { $0 <= limit } }

    /// "1.793 of at most 1.800 ms, 99.6 %".
    public var text: String {
        guard let value else { return "at most \(limit.significant(4)) \(unit)" }
        // With as many digits as tell the two apart.
        let digits = (4..<12).first { value == limit || value.significant($0) != limit.significant($0) } ?? 12
        return "\(value.significant(digits)) of at most \(limit.significant(digits)) \(unit), "
            + "\((100 * value / limit).fixed(digits - 3)) %"
    }
}
