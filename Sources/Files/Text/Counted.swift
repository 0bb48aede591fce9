package extension Int {
    /// With the noun that is counted: "1 row", "3 rows".
    ///
    /// - Parameter noun: in the singular; its plural ends in s.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
