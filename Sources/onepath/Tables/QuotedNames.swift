extension [String] {
    /// Names that differ in what is hard to see: "cat", "Cat ".
    var quoted: String { map { "\"\($0)\"" }.joined(separator: ", ") }
}
