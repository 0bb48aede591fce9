/// The functions and initialisers that a Swift source declares.
struct DeclaredFunctions {
    struct Declaration: Equatable {
        /// "func name" or "init".
        let name: String
        /// From 1.
        let line: Int
        /// The number of its parameters, with those that have defaults.
        let parameters: Int
    }

    let declarations: [Declaration]

    /// nil where brackets do not match, so that nothing can be said.
    init?(of source: String) {
        var code = SwiftCode(Array(source.utf8))
        code.blankLiteralsAndComments()
        guard let partners = code.bracketPartners else { return nil }
        let bytes = code.bytes
        var declarations: [Declaration] = []
        var at = 0, line = 1
        while at < bytes.count {
            guard bytes[at].isInWord else {
                if bytes[at] == UInt8(ascii: "\n") { line += 1 }
                at += 1
                continue
            }
            let end = bytes[at...].firstIndex { !$0.isInWord } ?? bytes.count
            let word = String(decoding: bytes[at..<end], as: UTF8.self)
            let isMember = bytes[..<at].last == UInt8(ascii: ".")
            at = end
            guard word == "func" || word == "init", !isMember else { continue }
            // Between the word and its parameters there are only a name or a mark, and generic parameters.
            guard let open = bytes[end...].firstIndex(where: { [UInt8(ascii: "("), UInt8(ascii: "{")].contains($0) }),
                bytes[open] == UInt8(ascii: "("), let close = partners[open]
            else { continue }
            let between = String(decoding: bytes[end..<open], as: UTF8.self)
            let name = between.prefix { $0 != "<" }.filter { !$0.isWhitespace }
            if word == "init", !["", "?", "!"].contains(name) { continue }
            declarations.append(
                Declaration(
                    name: word == "init" ? "init" : "func \(name)", line: line,
                    parameters: Self.parameterCount(bytes[(open + 1)..<close])))
        }
        self.declarations = declarations
    }

    /// Counts what begins with one or two names and a colon, of what commas outside of inner brackets separate. The
    /// second type of `Dictionary<String, Int>` does not begin so.
    private static func parameterCount(_ list: ArraySlice<UInt8>) -> Int {
        var depth = 0
        var outer: [UInt8] = []
        for byte in list {
            if byte.isOpening { depth += 1 }
            if depth == 0 { outer.append(byte) }
            if byte.isClosing { depth -= 1 }
        }
        return String(decoding: outer, as: UTF8.self).split(separator: ",").count {
            $0.prefixMatch(of: /\s*(?:@\w+\s+)*[\w`]+(?:\s+[\w`]+)?\s*:/) != nil
        }
    }
}

/// Swift as bytes.
private struct SwiftCode {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The closing bracket of each opening one; nil where they do not match.
    var bracketPartners: [Int: Int]? {
        var open: [Int] = []
        var partners: [Int: Int] = [:]
        for (at, byte) in bytes.enumerated() {
            if byte.isOpening { open.append(at) }
            if byte.isClosing {
                guard let last = open.popLast(), bytes[last].closing == byte else { return nil }
                partners[last] = at
            }
        }
        return open.isEmpty ? partners : nil
    }

    /// Replaces comments, strings and regular expressions by spaces; lines stay.
    mutating func blankLiteralsAndComments() {
        var at = 0
        while at < bytes.count {
            let end = endOfLiteralOrComment(at)
            for place in at..<end where bytes[place] != UInt8(ascii: "\n") { bytes[place] = UInt8(ascii: " ") }
            at = max(end, at + 1)
        }
    }

    private func has(_ text: StaticString, at place: Int) -> Bool {
        text.withUTF8Buffer { bytes[min(place, bytes.count)...].starts(with: $0) }
    }

    /// The end of the literal or comment that begins at `start`; `start` where none does.
    private func endOfLiteralOrComment(_ start: Int) -> Int {
        if has("//", at: start) { return bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count }
        if has("/*", at: start) { return endOfComment(start) }
        if has("\"", at: start) || has("#", at: start) { return endOfString(start) }
        return has("/", at: start) ? endOfRegex(start) : start
    }

    private func endOfComment(_ start: Int) -> Int {
        var depth = 0, at = start
        repeat {
            if has("/*", at: at) {
                (depth, at) = (depth + 1, at + 2)
            } else if has("*/", at: at) {
                (depth, at) = (depth - 1, at + 2)
            } else {
                at += 1
            }
        } while depth > 0 && at < bytes.count
        return min(at, bytes.count)
    }

    private func endOfString(_ start: Int) -> Int {
        var at = start
        while has("#", at: at) { at += 1 }
        let hashes = [UInt8](repeating: UInt8(ascii: "#"), count: at - start)
        guard has("\"", at: at) else { return start }
        let quotes = [UInt8](repeating: UInt8(ascii: "\""), count: has("\"\"\"", at: at) ? 3 : 1)
        let escape = [UInt8(ascii: "\\")] + hashes
        at += quotes.count
        while at < bytes.count {
            if bytes[at...].starts(with: quotes + hashes) { return at + quotes.count + hashes.count }
            guard bytes[at...].starts(with: escape) else {
                at += 1
                continue
            }
            at += escape.count
            at = has("(", at: at) ? endOfInterpolation(at) : at + 1
        }
        return bytes.count
    }

    /// After the bracket that closes the one at `start`.
    private func endOfInterpolation(_ start: Int) -> Int {
        var depth = 0, at = start
        while at < bytes.count {
            let end = endOfLiteralOrComment(at)
            if end > at {
                at = end
                continue
            }
            if bytes[at] == UInt8(ascii: "(") { depth += 1 }
            if bytes[at] == UInt8(ascii: ")") { depth -= 1 }
            at += 1
            if depth == 0 { return at }
        }
        return bytes.count
    }

    /// A division has spaces on both sides or on none.
    private func endOfRegex(_ start: Int) -> Int {
        let before = bytes[..<start].last ?? UInt8(ascii: "\n"), after = bytes[(start + 1)...].first
        guard before.isSpace || before.isOpening || before == UInt8(ascii: ","), let after, !after.isSpace else {
            return start
        }
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") {
            if bytes[at] == UInt8(ascii: "/") { return at + 1 }
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return start
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { [UInt8(ascii: " "), UInt8(ascii: "\n")].contains(self) }

    fileprivate var isInWord: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || self == UInt8(ascii: "_") || self > 127
    }

    /// The bracket that closes this one; nil where this is no opening bracket.
    fileprivate var closing: UInt8? {
        switch self {
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        default: nil
        }
    }

    fileprivate var isOpening: Bool { closing != nil }

    fileprivate var isClosing: Bool {
        [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(self)
    }
}
