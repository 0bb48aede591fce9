import Files
import Yams

/// The JSON values of a text that others wrote, in which a member that is missing or of another type is no error.
enum JSONValues {
    /// The values in a text, without a byte order mark: of an array its elements, of a text with one value that value,
    /// else those of its lines, each with a name for messages. A line that is no JSON, such as one that breaks off, has the
    /// error in the place of a value.
    ///
    /// - Throws: `FileError.invalid`.
    static func all(in text: String, path: String) throws(FileError) -> [(key: String, value: Result<JSON, FileError>)] {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .filter { !$0.element.allSatisfy(\.isWhitespace) }
        // A line of its own for each value; the first line of a longer value is none.
        if lines.count > 1, (try? JSON(parsing: String(lines[0].element), path: path)) != nil {
            var values: [(key: String, value: Result<JSON, FileError>)] = []
            for (index, line) in lines {
                do throws(FileError) {
                    values.append(("line \(index + 1)", .success(try JSON(parsing: String(line), path: path))))
                } catch {
                    values.append(("line \(index + 1)", .failure(error)))
                }
            }
            return values
        }
        let whole = try JSON(parsing: String(text), path: path)
        guard case .array(let elements) = whole else { return [("the whole file", .success(whole))] }
        return elements.enumerated().map { ("/\($0.offset)", .success($0.element)) }
    }
}

extension JSON {
    /// A finite number, also one that is written as text; nil for every other value.
    var numberValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// The finite number of a member, also one that is written as text; nil where there is no such member, or it is empty or
    /// null, which some programs write as a text too.
    ///
    /// - Throws: `Mismatch` with what is there, where that is no number.
    func numberMember(_ name: String) throws(Mismatch) -> Double? {
        guard let value = self[name], value != .null, value != "null", value != "" else { return nil }
        guard let number = value.numberValue else { throw Mismatch("\"\(name)\" is no number: \(value.shown)") }
        return number
    }

    /// The value as JSON, cut short for a message.
    var shown: String { String(text(pretty: false).prefix(60)) }

    /// A whole number, also one that is written as 14.0; nil for every other value.
    var integerValue: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// A text; nil for every other value.
    var textValue: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The members of an object, none of every other value.
    var members: [JSON.Member] {
        if case .object(let members) = self { return members }
        return []
    }

    /// The elements of an array, none of every other value.
    var elements: [JSON] {
        if case .array(let elements) = self { return elements }
        return []
    }
}

extension JSON {
    /// The value of YAML, with numbers where a text is one.
    init(yaml node: Node?) {
        switch node {
        case .mapping(let mapping)?:
            var names: Set<String> = []
            self = .object(
                mapping.compactMap { key, value in
                    let name = key.string ?? "?"
                    return names.insert(name).inserted ? JSON.Member(key: name, value: JSON(yaml: value)) : nil
                })
        case .sequence(let sequence)?: self = .array(sequence.map { JSON(yaml: $0) })
        case .scalar?, .alias?:
            if let value = node?.plainInteger { self = .integer(value) }
            else if let value = node?.plainNumber, value.isFinite { self = .number(value) }
            else { self = node?.string.map(JSON.string) ?? .null }
        case nil: self = .null
        }
    }
}
