extension String {
    /// The words of a sentence on lines of at most so many columns; a longer word has a line of its own.
    func wrapped(columns: Int) -> String {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.terminalWidth + 1 + word.terminalWidth <= columns {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}
