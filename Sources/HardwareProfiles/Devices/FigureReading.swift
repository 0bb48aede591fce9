import Files

extension JSONFields {
    /// A number with its source, in the object `key`.
    mutating func figure(_ key: String, in range: ClosedRange<Double>) throws -> Figure<Double> {
        try object(key) { Figure(value: try $0.number("value", in: range), source: try $0.node("source").text()) }
    }

    /// An integer with its source, in the object `key`.
    mutating func figure(_ key: String, in range: ClosedRange<Int>) throws -> Figure<Int> {
        try object(key) { Figure(value: try $0.integer("value", in: range), source: try $0.node("source").text()) }
    }

    /// A number with its source, in the object `key`, or nil for null.
    mutating func optionalFigure(_ key: String, in range: ClosedRange<Double>) throws -> Figure<Double>? {
        try node(key).isNull ? nil : try figure(key, in: range)
    }

    /// An integer with its source, in the object `key`, or nil for null.
    mutating func optionalFigure(_ key: String, in range: ClosedRange<Int>) throws -> Figure<Int>? {
        try node(key).isNull ? nil : try figure(key, in: range)
    }
}

extension JSONNode {
    /// An object whose fields, of any names, are numbers with their sources.
    func figures(in range: ClosedRange<Double>) throws -> [String: Figure<Double>] {
        guard case .object(let members) = value else { throw mismatch(expected: "an object") }
        return try object { fields in
            var figures: [String: Figure<Double>] = [:]
            for member in members { figures[member.key] = try fields.figure(member.key, in: range) }
            return figures
        }
    }

    /// Checks that an object is here, of any content.
    func checkObject() throws(FileError) {
        guard case .object = value else { throw mismatch(expected: "an object") }
    }

    /// A string here that is not empty.
    func text() throws(FileError) -> String {
        let text = try string()
        if text.isEmpty { throw mismatch(expected: "a text that is not empty") }
        return text
    }

    /// A string here that is not empty, or nil for null.
    func optionalText() throws(FileError) -> String? { isNull ? nil : try text() }

    /// The path of a file that is named here, from the folder of the file that this stands in.
    func referredPath() throws(FileError) -> String {
        let name = try text()
        if name.hasPrefix("/") { return name }
        guard let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }
}
