import Files
import Yams

/// YAML and JSON of others. Refuses YAML that a table never needs and that costs a parser far more time and memory than
/// the file is long: aliases, each of which may repeat everything before it, and deeply nested values.
enum YAMLText {
    /// The deepest allowed nesting.
    private static let depth = 32

    /// The value of a text; nil for an empty one. A byte order mark is dropped.
    ///
    /// - Throws: `FileError.invalid`.
    static func root(of text: String, path: String) throws(FileError) -> Node? {
        var text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        if text.utf8.contains(UInt8(ascii: "\r")) { text = text.textLines.joined(separator: "\n") }
        try check(text, path: path)
        // YAML allows no tabs between values; JSON does.
        if text.contains("\t"), text.first(where: { !$0.isWhitespace }) == "{" {
            text = try JSON(parsing: text, path: path).text(pretty: false)
        }
        do {
            return try Yams.compose(yaml: text)
        } catch {
            let sentence = "\(error)".prefix(300).split(whereSeparator: \.isNewline).joined(separator: " ")
            throw .invalid(path: path, place: "", problem: "not YAML: \(sentence)")
        }
    }

    /// - Throws: `FileError.invalid` with the line.
    private static func check(_ text: String, path: String) throws(FileError) {
        var line = 1
        // Brackets that are open, and values that "- " or "? " have opened on this line.
        var open = 0, opened = 0
        // Whether a token may begin here, and whether it has begun with "-" or "?".
        var isAtStart = true, isIndicator = false
        var quote: UInt8?
        for byte in text.utf8 {
            func problem(_ problem: String) -> FileError {
                .invalid(path: path, place: "line \(line)", problem: problem)
            }
            if byte == UInt8(ascii: "\n") {
                line += 1
                (opened, isAtStart, isIndicator) = (0, true, false)
                continue
            }
            if let mark = quote {
                if byte == mark { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","):
                if isIndicator { opened += 1 }
                (isAtStart, isIndicator) = (true, false)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                isAtStart = true
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                open = max(0, open - 1)
                isAtStart = false
            case UInt8(ascii: "*"), UInt8(ascii: "&"):
                if isAtStart { throw problem("expected a table without anchors and aliases") }
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if isAtStart { quote = byte }
                isAtStart = false
            default:
                isIndicator = isAtStart && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?"))
                isAtStart = false
            }
            if open + opened > depth { throw problem("expected at most \(depth) nested values") }
        }
    }
}

extension Node {
    /// The number that is written here; nil for every other value. YAML 1.1 takes "1:30" for 90, of which nobody thinks
    /// who writes a latency.
    var plainNumber: Double? { isSexagesimal ? nil : float }

    /// The whole number that is written here, as `plainNumber`.
    var plainInteger: Int? { isSexagesimal ? nil : int }

    private var isSexagesimal: Bool { string?.contains(":") ?? false }
}
