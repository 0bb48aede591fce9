extension String {
    /// The lines, also empty ones, whatever ends them, as `UnsafeBufferPointer.lines` has them.
    var textLines: [Substring] {
        var text = self
        let lines = text.withUTF8 { $0.lines }
        let bytes = text.utf8
        return lines.map { line in
            let start = bytes.index(bytes.startIndex, offsetBy: line.lowerBound)
            return text[start..<bytes.index(start, offsetBy: line.count)]
        }
    }
}
