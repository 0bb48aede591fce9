import Files

extension JSONNode {
    /// An odd kernel size here.
    func kernel() throws(FileError) -> Int {
        if case .integer(let value) = value, Limits.kernel.contains(value), value % 2 == 1 { return value }
        try refuse(expected: "an odd integer from \(Limits.kernel.lowerBound) to \(Limits.kernel.upperBound)")
        return Limits.kernel.lowerBound
    }

    /// A string here that is not empty, and that stands on one line.
    func name() throws(FileError) -> String {
        if value == "" { try refuse(expected: "a name") }
        if case .string(let name) = value, name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            try refuse(expected: "a name without control characters")
        }
        return try string()
    }

    /// The expansion of a block here; a whole number must be written as an integer, so that every value has one text.
    func expansion() throws(FileError) -> Double {
        let expansion = try number(in: Limits.blockExpansion)
        if case .number(expansion) = value, let whole = Int(exactly: expansion) { try refuse(expected: "\(whole)") }
        return expansion
    }

    /// A number of channels here, which must be `width`.
    func width(_ width: Int) throws(FileError) -> Int {
        if value != .integer(width) { try refuse(expected: "\(width), the width of the layer before", isDerived: true) }
        return width
    }

    /// A list here of at least one value, in ascending order; `element` reads each.
    func ascending(_ element: (JSONNode) throws -> Int) throws -> [Int] {
        var last: Int?
        let values = try array { node in
            let value = try element(node)
            if let last, value <= last {
                try node.refuse(expected: "a value above \(last), the one before", isDerived: true)
            }
            last = value
            return value
        }
        if values.isEmpty { throw problem("expected at least one value, found an empty array") }
        return values
    }
}

extension FeatureShape {
    init(_ fields: inout JSONFields) throws {
        self.init(
            height: try fields.integer("height", in: Limits.imageSide),
            width: try fields.integer("width", in: Limits.imageSide),
            channels: try fields.integer("channels", in: Limits.channels))
    }

    var json: JSON {
        ["height": .integer(height), "width": .integer(width), "channels": .integer(channels)]
    }
}

extension JSONFields {
    /// The name of a `what` ("layer") in the field "name"; it must not be in `names` yet, and is inserted.
    mutating func uniqueName(of what: String, among names: inout Set<String>) throws(FileError) -> String {
        let field = try node("name")
        let name = try field.name()
        if !names.insert(name).inserted {
            try field.refuse(expected: "a name that no other \(what) has", isDerived: true)
        }
        return name
    }

    /// The activation in the field `key`, which must be among `allowed`; `usual` where there is no such field.
    mutating func activation(
        _ key: String, among allowed: [Activation], default usual: Activation
    ) throws(FileError) -> Activation {
        guard let field = optionalNode(key) else { return usual }
        if case .string(let name) = field.value, let activation = allowed.first(where: { $0.rawValue == name }) {
            return activation
        }
        try field.refuse(expected: "one of " + allowed.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        return usual
    }
}
