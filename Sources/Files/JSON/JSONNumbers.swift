extension JSON {
    /// Every number in the value, in order, with the keys of the objects that lead to it; the contents of arrays are
    /// left out.
    public var numbers: [(path: [String], value: Double)] {
        switch self {
        case .integer(let value): [([], Double(value))]
        case .number(let value): [([], value)]
        case .object(let members):
            members.flatMap { member in member.value.numbers.map { ([member.key] + $0.path, $0.value) } }
        case .null, .bool, .string, .array: []
        }
    }
}
