import Files

/// A JSON Schema (draft 2020-12) of the few keywords that the project's schemas use; any other keyword is an error.
public struct JSONSchema {
    private let root: JSON

    /// What does not fit, and where.
    public struct Violation: Hashable {
        public let pointer: String
        public let problem: String
    }

    /// A keyword that this reader does not know, or one with a value that it cannot have.
    public struct Unsupported: Error {
        public let keyword: String
    }

    public init(contentsOf path: String) throws { root = try JSON(contentsOf: path, what: "schema") }

    /// Everything in the document that the schema does not allow.
    public func violations(of document: JSON) throws -> [Violation] { try check(document, root, "") }

    private func check(_ value: JSON, _ schema: JSON, _ pointer: String) throws -> [Violation] {
        guard case .object(let keywords) = schema else { throw Unsupported(keyword: "schema \(schema)") }
        var found: [Violation] = []
        func violate(_ problem: String) { found.append(Violation(pointer: pointer, problem: problem)) }
        for (keyword, content) in keywords.map({ ($0.key, $0.value) }) {
            switch (keyword, content, value) {
            case ("$schema", _, _), ("$defs", _, _), ("title", _, _), ("description", _, _): break
            case ("$ref", .string(let reference), _):
                let prefix = "#/$defs/"
                guard reference.hasPrefix(prefix),
                    let target = root["$defs"]?[String(reference.dropFirst(prefix.count))]
                else { throw Unsupported(keyword: "$ref \(reference)") }
                found += try check(value, target, pointer)
            case ("type", .string(let name), _):
                if try !Self.isOf(name, value) { violate("is no \(name)") }
            case ("type", .array(let names), _):
                let fits = try names.contains { name in
                    guard case .string(let name) = name else { throw Unsupported(keyword: "type") }
                    return try Self.isOf(name, value)
                }
                if !fits { violate("is none of \(names)") }
            case ("const", let constant, _): if value != constant { violate("is not \(constant)") }
            case ("enum", .array(let values), _): if !values.contains(value) { violate("is none of \(values)") }
            case ("oneOf", .array(let schemas), _):
                let results = try schemas.map { try check(value, $0, pointer) }
                if results.count(where: \.isEmpty) != 1 {
                    violate("fits \(results.count(where: \.isEmpty)) of oneOf: \(results)")
                }
            case ("not", let schema, _):
                if try check(value, schema, pointer).isEmpty { violate("fits what it must not: \(schema)") }
            case ("required", .array(let names), .object(let members)):
                for case .string(let name) in names where !members.contains(where: { $0.key == name }) {
                    violate("has no \(name)")
                }
            case ("properties", .object(let schemas), .object(let members)):
                for member in members {
                    guard let schema = schemas.first(where: { $0.key == member.key })?.value else { continue }
                    found += try check(member.value, schema, "\(pointer)/\(member.key)")
                }
            case ("additionalProperties", .bool(false), .object(let members)):
                guard case .object(let known)? = schema["properties"] else { throw Unsupported(keyword: keyword) }
                for member in members where !known.contains(where: { $0.key == member.key }) {
                    found.append(Violation(pointer: "\(pointer)/\(member.key)", problem: "is not known"))
                }
            case ("additionalProperties", .object, .object(let members)) where schema["properties"] == nil:
                for member in members { found += try check(member.value, content, "\(pointer)/\(member.key)") }
            case ("items", let schema, .array(let elements)):
                for (index, element) in elements.enumerated() {
                    found += try check(element, schema, "\(pointer)/\(index)")
                }
            case ("minItems", .integer(let count), .array(let elements)):
                if elements.count < count { violate("is too short") }
            case ("maxItems", .integer(let count), .array(let elements)):
                if elements.count > count { violate("is too long") }
            case ("minLength", .integer(let count), .string(let text)):
                if text.count < count { violate("is too short") }
            case ("pattern", .string(let pattern), .string(let text)):
                let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
                if text.firstMatch(of: regex) == nil { violate("has no \(pattern)") }
            case ("minimum", _, _), ("maximum", _, _), ("exclusiveMinimum", _, _):
                guard let limit = Self.number(content) else { throw Unsupported(keyword: keyword) }
                guard let number = Self.number(value) else { break }
                let fits =
                    keyword == "minimum" ? number >= limit : keyword == "maximum" ? number <= limit : number > limit
                if !fits { violate("is not within \(keyword) \(limit)") }
            // Keywords for another type than the value has say nothing of it.
            case ("required", .array, _), ("properties", .object, _), ("additionalProperties", .bool(false), _),
                ("additionalProperties", .object, _), ("items", .object, _), ("minItems", .integer, _),
                ("maxItems", .integer, _), ("minLength", .integer, _), ("pattern", .string, _):
                break
            default: throw Unsupported(keyword: keyword)
            }
        }
        return found
    }

    private static func number(_ value: JSON) -> Double? {
        switch value {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    private static func isOf(_ type: String, _ value: JSON) throws -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("integer", .integer), ("number", .integer), ("number", .number):
            return true
        case ("object", _), ("array", _), ("string", _), ("boolean", _), ("null", _), ("integer", _), ("number", _):
            return false
        default: throw Unsupported(keyword: "type \(type)")
        }
    }
}
