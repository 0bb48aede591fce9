extension String {
    /// The words of a sentence on lines of at most so many columns; a longer word has a line of its own. "%" stays with
    /// its number.
    func wrapped(columns: Int) -> String {
        var words: [String] = []
        for word in split(separator: " ") {
            if word.hasPrefix("%"), let number = words.last {
                words[words.count - 1] = "\(number) \(word)"
            } else {
                words.append(String(word))
            }
        }
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.terminalWidth + 1 + word.terminalWidth <= columns {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// An entry of a list, two columns from the left: a name, and what is said of it. Where they have no room on one line,
    /// the name, which may be a path, has one of its own.
    static func entry(_ name: String, _ text: String) -> String {
        let line = "  \(name) \(text)"
        if line.terminalWidth <= TextTable.columns { return line }
        return "  \(name)\n    " + text.wrapped(columns: TextTable.columns - 4).replacing("\n", with: "\n    ")
    }
}
