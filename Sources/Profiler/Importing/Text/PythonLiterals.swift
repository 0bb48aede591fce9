import Files

/// The dictionaries of a text, each as Python prints it or as JSON: with strings in either quotes, tuples, lists,
/// numbers (also "np.float64(3.1)", as NumPy prints its own), None, True and False. Brackets and commas between the
/// dictionaries, and comments after "#", mean nothing.
struct PythonLiterals {
    /// A dictionary, or what stands in its place.
    enum Item {
        case dictionary(JSON)
        /// A dictionary that cannot be read, with the reason.
        case damaged(String)
        /// Something else, up to the end of its line.
        case other
    }

    /// What is in the text, each with its line, from 1.
    private(set) var items: [(line: Int, item: Item)] = []

    private struct Problem: Error {
        let text: String
    }

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1
    /// The place where the line starts.
    private var lineStart = 0
    /// The deepest nesting that is read.
    private static let depth = 32

    init(_ text: String) {
        let plain = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        bytes = Array(plain.textLines.joined(separator: "\n").utf8)
        while true {
            skipSpaces()
            guard let byte = next else { break }
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): place += 1
            case UInt8(ascii: "{"): readDictionary()
            default:
                items.append((line, .other))
                skipLine()
            }
        }
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func readDictionary() {
        let start = (place, line, lineStart)
        do throws(Problem) {
            let value = try value(depth: 0)
            items.append((start.1, .dictionary(value)))
        } catch {
            // What follows may be whole: on the same line where the dictionary's end can be told, else on the other lines.
            (place, line, lineStart) = start
            let lost = skipBraces() ? "" : "; what follows on its line is left out with it"
            items.append((start.1, .damaged(error.text + lost)))
        }
    }

    /// Moves behind the brace that closes the one here, on the same line, or to the end of the line where none does.
    ///
    /// - Returns: whether no other dictionary is passed over.
    private mutating func skipBraces() -> Bool {
        var depth = 0, quote: UInt8?, isClosed = false, isAlone = true
        while let byte = next, byte != UInt8(ascii: "\n") {
            place += 1
            // Another one begins behind the end of one: also within what seems a text, whose end may be what is damaged.
            if byte == UInt8(ascii: "}") { isClosed = true }
            if byte == UInt8(ascii: "{"), isClosed, quote != nil || depth == 0 { isAlone = false }
            if byte == UInt8(ascii: "\\") {
                place += next == nil || next == UInt8(ascii: "\n") ? 0 : 1
            } else if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return isAlone }
            }
        }
        return isAlone
    }

    /// Moves to the end of the line.
    private mutating func skipLine() {
        while let byte = next, byte != UInt8(ascii: "\n") { place += 1 }
    }

    /// Moves to what is neither white space nor a comment.
    private mutating func skipSpaces() {
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\n"):
                place += 1
                line += 1
                lineStart = place
            case UInt8(ascii: " "), UInt8(ascii: "\t"): place += 1
            case UInt8(ascii: "#"): skipLine()
            default: return
            }
        }
    }

    /// The error that something else was expected here.
    private func problem(expected: String) -> Problem {
        let found = next.map { byte in
            byte == UInt8(ascii: "\n") ? "the end of the line" : "'\(Character(Unicode.Scalar(byte)))'"
        }
        return Problem(
            text: "no Python dictionary and no JSON: expected \(expected), found \(found ?? "the end of the file") on line \(line), "
                + "column \(place - lineStart + 1)")
    }

    private mutating func value(depth: Int) throws(Problem) -> JSON {
        guard depth < Self.depth else { throw Problem(text: "expected at most \(Self.depth) nested values") }
        skipSpaces()
        switch next ?? 0 {
        case UInt8(ascii: "{"): return try dictionary(depth: depth)
        case UInt8(ascii: "["): return .array(try list(to: UInt8(ascii: "]"), depth: depth))
        case UInt8(ascii: "("): return .array(try list(to: UInt8(ascii: ")"), depth: depth))
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
        default: return try word(depth: depth)
        }
    }

    private mutating func dictionary(depth: Int) throws(Problem) -> JSON {
        place += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        while true {
            skipSpaces()
            if next == UInt8(ascii: "}") { break }
            guard next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") else { throw problem(expected: "a name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else { throw Problem(text: "a second \"\(name.prefix(60))\"") }
            skipSpaces()
            guard next == UInt8(ascii: ":") else { throw problem(expected: "a colon") }
            place += 1
            members.append(JSON.Member(key: name, value: try value(depth: depth + 1)))
            skipSpaces()
            if next == UInt8(ascii: ",") { place += 1 } else if next != UInt8(ascii: "}") { throw problem(expected: "a comma or '}'") }
        }
        place += 1
        return .object(members)
    }

    /// The values between two brackets or parentheses.
    private mutating func list(to end: UInt8, depth: Int) throws(Problem) -> [JSON] {
        place += 1
        var values: [JSON] = []
        while true {
            skipSpaces()
            if next == end { break }
            values.append(try value(depth: depth + 1))
            skipSpaces()
            if next == UInt8(ascii: ",") { place += 1 } else if next != end { throw problem(expected: "a comma or the end of a list") }
        }
        place += 1
        return values
    }

    private mutating func string() throws(Problem) -> String {
        let quote = next
        var text: [UInt8] = []
        place += 1
        while let byte = next, byte != quote {
            if byte == UInt8(ascii: "\n") { throw problem(expected: "the end of a text in quotes") }
            // Names have no other escapes than quotes and backslashes.
            if byte == UInt8(ascii: "\\"), place + 1 < bytes.count, bytes[place + 1] == quote || bytes[place + 1] == byte { place += 1 }
            text.append(bytes[place])
            place += 1
        }
        guard next != nil else { throw problem(expected: "the end of a text in quotes") }
        place += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// A number, None, True, False, or a value in the parentheses of a call.
    private mutating func word(depth: Int) throws(Problem) -> JSON {
        let start = place
        while let byte = next, Self.isPartOfWord(byte) { place += 1 }
        let word = String(decoding: bytes[start..<place], as: UTF8.self)
        if next == UInt8(ascii: "("), word.first?.isLetter ?? false {
            let values = try list(to: UInt8(ascii: ")"), depth: depth)
            if let first = values.first { return first }
            throw Problem(text: "expected a value in the parentheses of \(word.prefix(60)), found none")
        }
        switch word {
        case "None", "null": return .null
        case "True", "true": return true
        case "False", "false": return false
        default:
            if let value = Int(word) { return .integer(value) }
            if let value = Double(word) { return .number(value) }
            place = start
            throw problem(expected: "a value")
        }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
