/// The bytes of a JSON text, with the rules of RFC 8259 that json-c's strict mode does not enforce.
///
/// json-c keeps the last of several members of one name, cuts a name at an escaped NUL, saturates integers beyond 64
/// bits and numbers beyond the largest double, and accepts NaN, Infinity, leading zeros, a bare decimal point, names
/// in single quotes and raw control characters.
struct JSONText {
    let bytes: [UInt8]
    let path: String

    /// The error `problem` at the byte `offset`, given as line and column.
    func error(_ problem: String, at offset: Int) -> FileError {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
        return .invalid(path: path, place: "line \(line), column \(column)", problem: problem)
    }

    /// The error with json-c's own message, `reason`, and the byte found at `offset`.
    func syntaxError(_ reason: String, at offset: Int) -> FileError {
        guard offset < bytes.count else {
            return error(
                "not JSON: expected more, found the end of the \(bytes.isEmpty ? "empty " : "")file", at: offset)
        }
        let found = bytes[offset]
        let shown = found > 0x20 && found < 0x7f ? "'\(Character(Unicode.Scalar(found)))'" : "byte \(found)"
        return error("not JSON: \(reason), found \(shown)", at: offset)
    }

    /// Checks that the bytes are UTF-8.
    ///
    /// - Parameter problem: says what is wrong with a text whose first byte that is not UTF-8 is this one.
    func checkEncoding(_ problem: (UInt8) -> String = { _ in "not UTF-8" }) throws(FileError) {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let offset = error.byteOffsets.lowerBound
            throw self.error(problem(bytes[offset]), at: offset)
        }
    }

    /// Checks a text that json-c has accepted for the violations listed above.
    func checkWhatTheParserLetsPass() throws(FileError) {
        var names: [Set<String>] = []
        var offset = 0
        while offset < bytes.count {
            let start = offset
            offset += 1
            switch bytes[start] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                names.append([])
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                names.removeLast()
            case UInt8(ascii: "\""):
                offset = try endOfString(from: start)
                guard nextMark(from: offset) == UInt8(ascii: ":") else { break }
                let name = try name(start..<offset)
                if !names[names.count - 1].insert(name).inserted {
                    throw error("a second field \"\(name)\" in one object", at: start)
                }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let rest = bytes[start...]
                offset = rest.firstIndex { !Self.isPartOfNumber($0) } ?? bytes.count
                try checkNumber(start..<offset)
            case UInt8(ascii: "'"):
                throw error("a name in single quotes", at: start)
            case UInt8(ascii: "N"), UInt8(ascii: "I"):
                throw error("expected a finite number", at: start)
            default:
                break
            }
        }
    }

    /// The offset after the string that opens at `start`.
    private func endOfString(from start: Int) throws(FileError) -> Int {
        var offset = start + 1
        while bytes[offset] != UInt8(ascii: "\"") {
            if bytes[offset] < 0x20 { throw error("a control character in a string", at: offset) }
            offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        return offset + 1
    }

    /// The first byte from `offset` that is no white space.
    private func nextMark(from offset: Int) -> UInt8? {
        bytes[offset...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
    }

    /// The name of a field, written as the string in `range`.
    private func name(_ range: Range<Int>) throws(FileError) -> String {
        let inside = bytes[range].dropFirst().dropLast()
        guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
        guard case .string(let name) = try JSON(parsing: Array(bytes[range]), path: path), !name.utf8.contains(0)
        else {
            throw error("a NUL in the name of a field", at: range.lowerBound)
        }
        return name
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default:
            false
        }
    }

    private func checkNumber(_ range: Range<Int>) throws(FileError) {
        let text = String(decoding: bytes[range], as: UTF8.self)
        let whole = text.drop { $0 == "-" }.prefix { $0.isNumber }
        if whole.isEmpty { throw error("expected a finite number", at: range.lowerBound) }
        if whole.count > 1 && whole.first == "0" {
            throw error("\(text): a number with a leading zero", at: range.lowerBound)
        }
        if let point = text.firstIndex(of: "."), !(text[point...].dropFirst().first?.isNumber ?? false) {
            throw error("\(text): a decimal point without a digit after it", at: range.lowerBound)
        }
        if text.contains(where: { ".eE".contains($0) }) {
            if !(Double(text)?.isFinite ?? false) {
                throw error("\(text): expected a number that a double can hold", at: range.lowerBound)
            }
        } else if Int(text) == nil {
            throw error("\(text): expected an integer of at most 64 bits", at: range.lowerBound)
        }
    }
}
