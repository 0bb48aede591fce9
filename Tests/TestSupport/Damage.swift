import Files

/// A copy of a JSON document with one thing wrong, and where that is.
public struct Damage {
    public let what: String
    public let pointer: String
    public let document: JSON
}

extension JSON {
    /// Copies of this document, each damaged at one place: every field is removed, retyped, negated and made huge, and
    /// every object is given one field more. Below a pointer in `skipping` nothing is damaged.
    public func damages(skipping: Set<String> = []) -> [Damage] { damages(at: "", skipping) }

    private func damages(at pointer: String, _ skipping: Set<String>) -> [Damage] {
        if skipping.contains(pointer) { return [] }
        var found = replacements.map { Damage(what: $0.what, pointer: pointer, document: $0.value) }
        switch self {
        case .object(let members):
            let more = members + [Member(key: "extra", value: 1)]
            found.append(Damage(what: "extra field", pointer: pointer + "/extra", document: .object(more)))
            for (index, member) in members.enumerated() {
                let place = "\(pointer)/\(member.key)"
                var fewer = members
                fewer.remove(at: index)
                found.append(Damage(what: "removed", pointer: place, document: .object(fewer)))
                found += member.value.damages(at: place, skipping).map { damage in
                    var changed = members
                    changed[index].value = damage.document
                    return Damage(what: damage.what, pointer: damage.pointer, document: .object(changed))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                found += element.damages(at: "\(pointer)/\(index)", skipping).map { damage in
                    var changed = elements
                    changed[index] = damage.document
                    return Damage(what: damage.what, pointer: damage.pointer, document: .array(changed))
                }
            }
        case .null, .bool, .integer, .number, .string:
            break
        }
        return found
    }

    private var replacements: [(what: String, value: JSON)] {
        switch self {
        case .integer(let value):
            [
                ("negated", .integer(-value)), ("huge", .integer(.max)), ("zero", 0), ("text", .string("\(value)")),
                ("fraction", .number(Double(value))), ("null", nil), ("Boolean", true),
            ]
        case .number(let value):
            [
                ("negated", .number(-value - 1)), ("huge", 1e300), ("not a number", .number(.nan)),
                ("infinite", .number(.infinity)), ("text", .string("\(value)")), ("null", nil),
            ]
        case .string: [("number", 1), ("object", [:]), ("array", [self]), ("null", nil)]
        case .bool(let value): [("number", .integer(value ? 1 : 0)), ("text", .string("\(value)")), ("null", nil)]
        case .array: [("object", [:]), ("null", nil), ("number", 1)]
        case .object: [("array", [self]), ("null", nil), ("text", "")]
        case .null: [("number", 1), ("array", [])]
        }
    }
}

/// The place and the sentence of the `FileError.invalid` that `body` throws; nil for any other outcome.
public func invalidPlace<T>(_ body: () throws -> T) -> (place: String, sentence: String)? {
    do {
        _ = try body()
        return nil
    } catch let error as FileError {
        guard case .invalid(_, let place, _) = error else { return nil }
        return (place, error.description)
    } catch {
        return nil
    }
}
