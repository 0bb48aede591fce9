extension String {
    /// The lines, also empty ones, whatever ends them: a line feed, a carriage return, or both. A second carriage
    /// return before a line feed, as older adb programs write it on Windows, ends no line of its own.
    var textLines: [Substring] {
        let text = utf8.firstRange(of: "\r\r\n".utf8) == nil ? self : replacing("\r\r\n", with: "\n")
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }
}
