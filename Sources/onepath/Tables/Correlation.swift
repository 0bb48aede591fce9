import Files

/// Correlations of networks that are all alike are no numbers.
extension JSON {
    /// A number; null for what is none.
    static func known(_ value: Double) -> JSON { value.isFinite ? .number(value) : .null }
}

extension Double {
    /// With two digits; a word for what is no number.
    var knownText: String { isFinite ? fixed(2) : "unknown" }
}
