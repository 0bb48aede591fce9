/// Searches among the bytes of a text, which take a fraction of the time of those among its characters. Reports of phones
/// have a hundred thousand lines.
extension UnsafeBufferPointer<UInt8> {
    /// Whether an ASCII text is among the bytes.
    func holds(_ text: StaticString) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard count >= text.count else { return false }
        return (0...count - text.count).contains(where: { self[$0] == text[0] && self[$0...].starts(with: text) })
    }

    /// The places of the lines, also of empty ones, whatever ends them: a line feed, a carriage return, or both. A second
    /// carriage return before a line feed, as older adb programs write it on Windows, ends no line of its own.
    var lines: [Range<Int>] {
        let feed = UInt8(ascii: "\n"), returning = UInt8(ascii: "\r")
        var lines: [Range<Int>] = []
        var start = 0, next = 0
        while next < count {
            let end = next
            next += 1
            guard self[end] == feed || self[end] == returning else { continue }
            if self[end] == returning {
                if next + 1 < count, self[next] == returning, self[next + 1] == feed { next += 1 }
                if next < count, self[next] == feed { next += 1 }
            }
            lines.append(start..<end)
            start = next
        }
        lines.append(start..<count)
        return lines
    }
}

extension Substring {
    /// Whether the line contains an ASCII text.
    func holds(_ text: StaticString) -> Bool {
        var line = self
        return line.withUTF8 { $0.holds(text) }
    }
}
