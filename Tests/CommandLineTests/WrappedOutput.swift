extension String {
    /// Whether no line is wider than a terminal, but for those with one of these texts: a path is not broken, nor is a
    /// command to copy.
    func isWrapped(but whole: [String]) -> Bool {
        split(separator: "\n").allSatisfy { line in line.count <= 80 || whole.contains { line.contains($0) } }
    }
}
