import Files

/// Valid files that are changed where their structure is: extreme values, chains, parts left out, repeated and moved.
public enum Mutation {
    /// The numbers at which limits lie and products overflow.
    private static let integers = [
        0, 1, -1, 2, 3, 31, 32, 33, 255, 256, 1024, 1025, 8191, 8192, 8193, 65_535, 65_536, 65_537, 1 << 20, 1 << 31 - 1,
        1 << 31, 1 << 32, 1 << 40, 1 << 62, .max, .min,
    ]
    private static let numbers = [
        0, -0.0, Double.leastNonzeroMagnitude, 1e-300, 1e-12, 1e-6, 0.125, 0.5, 1, 8, 32, 33, 1e6, 1e7, 1e15, 1e19, 1e300,
        Double.greatestFiniteMagnitude, -1, -1e300,
    ]

    fileprivate static func integer(_ random: inout SeededRandom) -> Int { integers.randomElement(using: &random) ?? 0 }

    fileprivate static func number(_ random: inout SeededRandom) -> Double { numbers.randomElement(using: &random) ?? 0 }

    /// The text with one to three changes: a number in it becomes an extreme one, or a line or a word is repeated, left
    /// out, or moved.
    public static func of(_ text: String, _ random: inout SeededRandom) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !lines.isEmpty {
            let at = lines.indices.randomElement(using: &random) ?? 0
            let other = lines.indices.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<12, using: &random) {
            case 0: lines.insert(contentsOf: Array(repeating: lines[at], count: chain(&random)), at: at)
            case 1: lines.remove(at: at)
            case 2: lines.swapAt(at, other)
            case 3: lines[at] += lines[other]
            case 4: lines[at] = words(of: lines[at], &random)
            default: lines[at] = withExtremeNumber(lines[at], &random)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Mostly short, now and then long.
    fileprivate static func chain(_ random: inout SeededRandom) -> Int {
        Int.random(in: 0..<50, using: &random) == 0 ? 1000 : Int.random(in: 1...8, using: &random)
    }

    private static func words(of line: String, _ random: inout SeededRandom) -> String {
        let marks: [Character] = [" ", ",", ":", "-", "x", "\t"]
        let mark = marks.randomElement(using: &random) ?? " "
        var words = line.split(separator: mark, omittingEmptySubsequences: false)
        let at = words.indices.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: words.insert(contentsOf: Array(repeating: words[at], count: chain(&random)), at: at)
        case 1: words.remove(at: at)
        case 2: words.swapAt(at, words.indices.randomElement(using: &random) ?? 0)
        default: words[at] = ["[", "{", "]", "}", "\"", "'", "*", "&a", "- ", "? ", "nan", "inf", ""].randomElement(using: &random) ?? ""
        }
        return words.joined(separator: String(mark))
    }

    private static func withExtremeNumber(_ line: String, _ random: inout SeededRandom) -> String {
        var starts: [String.Index] = []
        var wasDigit = false
        for index in line.indices {
            let isDigit = line[index].isASCII && line[index].isNumber
            if isDigit, !wasDigit { starts.append(index) }
            wasDigit = isDigit
        }
        guard let start = starts.randomElement(using: &random) else { return line }
        let end = line[start...].firstIndex { !($0.isASCII && $0.isNumber) } ?? line.endIndex
        let new = Bool.random(using: &random) ? "\(integer(&random))" : "\(number(&random))"
        return line[..<start] + new + line[end...]
    }
}

extension JSON {
    /// A copy with one to three changes: extreme numbers, parts that are left out, repeated, moved or of another type.
    public func mutated(_ random: inout SeededRandom) -> JSON {
        var document = self
        for _ in 0..<Int.random(in: 1...3, using: &random) { document = document.changedSomewhere(&random) }
        return document
    }

    private func changedSomewhere(_ random: inout SeededRandom) -> JSON {
        // One part in six is changed itself, the others somewhere inside.
        let isHere = Int.random(in: 0..<6, using: &random) == 0
        switch self {
        case .object(var members):
            guard let at = members.indices.randomElement(using: &random) else { return .array([]) }
            guard isHere else {
                members[at].value = members[at].value.changedSomewhere(&random)
                return .object(members)
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: members.remove(at: at)
            case 1: members[at].key += "x"
            case 2: members[at].value = members.randomElement(using: &random)?.value ?? nil
            default: return .array([self])
            }
            return .object(members)
        case .array(var elements):
            guard let at = elements.indices.randomElement(using: &random) else { return .array([.object([])]) }
            guard isHere else {
                elements[at] = elements[at].changedSomewhere(&random)
                return .array(elements)
            }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: elements.insert(contentsOf: Array(repeating: elements[at], count: Mutation.chain(&random)), at: at)
            case 1: elements.remove(at: at)
            case 2: elements.reverse()
            case 3: elements = []
            default: return elements[at]
            }
            return .array(elements)
        case .integer:
            return Int.random(in: 0..<5, using: &random) == 0
                ? .number(Mutation.number(&random)) : .integer(Mutation.integer(&random))
        case .number: return .number(Mutation.number(&random))
        case .string(let text):
            return Bool.random(using: &random) ? .string(Mutation.of(text, &random)) : Mutation.integer(&random) > 9 ? nil : ""
        case .bool(let value): return isHere ? nil : .bool(!value)
        case .null: return .integer(Mutation.integer(&random))
        }
    }
}
