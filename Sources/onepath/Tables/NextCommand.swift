import Files

/// What one may do next with what a command has written: a line at the end of what it prints for people.
enum NextCommand {
    /// - Parameter words: of the command, after the program.
    static func line(_ words: String...) -> String { "Next: onepath " + CommandWords.text(of: words) }
}
