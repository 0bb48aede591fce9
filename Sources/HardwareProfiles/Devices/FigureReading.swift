import Files

extension JSONFields {
    /// A number with its source, in the object `key`.
    ///
    /// - Parameter isDerived: whether the range follows from other fields.
    mutating func figure(
        _ key: String, in range: ClosedRange<Double>, isDerived: Bool = false
    ) throws -> Figure<Double> {
        try object(key) {
            Figure(
                value: try $0.number("value", in: range, isDerived: isDerived), source: try $0.node("source").text())
        }
    }

    /// An integer with its source, in the object `key`.
    ///
    /// - Parameter isDerived: whether the range follows from other fields.
    mutating func figure(_ key: String, in range: ClosedRange<Int>, isDerived: Bool = false) throws -> Figure<Int> {
        try object(key) {
            Figure(
                value: try $0.integer("value", in: range, isDerived: isDerived), source: try $0.node("source").text())
        }
    }

    /// A number with its source, in the object `key`, or nil for null.
    mutating func optionalFigure(_ key: String, in range: ClosedRange<Double>) throws -> Figure<Double>? {
        try node(key).isNull ? nil : try figure(key, in: range)
    }

    /// An integer with its source, in the object `key`, or nil for null.
    mutating func optionalFigure(
        _ key: String, in range: ClosedRange<Int>, isDerived: Bool = false
    ) throws -> Figure<Int>? {
        try node(key).isNull ? nil : try figure(key, in: range, isDerived: isDerived)
    }
}

extension JSONNode {
    /// An object whose fields, of any names, are numbers with their sources.
    func figures(in range: ClosedRange<Double>) throws -> [String: Figure<Double>] {
        try object { fields in
            var figures: [String: Figure<Double>] = [:]
            for key in fields.names { figures[key] = try fields.figure(key, in: range) }
            return figures
        }
    }

    /// Checks that an object is here, of any content.
    func checkObject() throws(FileError) {
        if case .object = value { return }
        try refuse(expected: "an object")
    }

    /// A string here that is not empty.
    func text() throws(FileError) -> String {
        if value == "" { try refuse(expected: "a text that is not empty") }
        return try string()
    }

    /// A string here that is not empty, or nil for null.
    func optionalText() throws(FileError) -> String? { isNull ? nil : try text() }
}
