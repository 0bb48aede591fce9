package extension [String] {
    /// All of them as a part of a sentence: "1", "1 and 2", "1, 2 and 4".
    var joinedByAnd: String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " and " + self[count - 1]
    }
}
