import Files

/// Valid files that are changed where their structure is: extreme values, chains, parts left out, repeated and moved.
public enum Mutation {
    /// The numbers at which limits lie and products overflow.
    private static let integers = [
        0, 1, -1, 2, 3, 31, 32, 33, 255, 256, 1024, 1025, 8191, 8192, 8193, 65_535, 65_536, 65_537, 1 << 20, 1 << 31 - 1,
        1 << 31, 1 << 32, 1 << 40, 1 << 62, .max, .min,
    ]
    private static let numbers: [Double] = [
        0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude / 4096, 1e-12, 1e-6, 0.125, 0.5, 1, 8, 32, 33, 1e6, 1e7, 1e15,
        1e19, 1e300, Double.greatestFiniteMagnitude, -1, -1e300,
    ]

    fileprivate static func integer(_ random: inout SeededRandom) -> Int { random.elementIfAny(of: integers) ?? 0 }

    fileprivate static func number(_ random: inout SeededRandom) -> Double { random.elementIfAny(of: numbers) ?? 0 }

    /// The text with one to three changes: a number in it becomes an extreme one, or a line or a word is repeated, left
    /// out, or moved.
    public static func of(_ text: String, _ random: inout SeededRandom) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<random.integer(in: 1...3) where !lines.isEmpty {
            let at = random.elementIfAny(of: lines.indices) ?? 0
            let other = random.elementIfAny(of: lines.indices) ?? 0
            switch random.below(12) {
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
        random.below(50) == 0 ? 1000 : random.integer(in: 1...8)
    }

    private static func words(of line: String, _ random: inout SeededRandom) -> String {
        let marks: [Character] = [" ", ",", ":", "-", "x", "\t"]
        let mark = random.elementIfAny(of: marks) ?? " "
        var words = line.split(separator: mark, omittingEmptySubsequences: false)
        let at = random.elementIfAny(of: words.indices) ?? 0
        switch random.below(4) {
        case 0: words.insert(contentsOf: Array(repeating: words[at], count: chain(&random)), at: at)
        case 1: words.remove(at: at)
        case 2: words.swapAt(at, random.elementIfAny(of: words.indices) ?? 0)
        default: words[at] = random.elementIfAny(of: ["[", "{", "]", "}", "\"", "'", "*", "&a", "- ", "? ", "nan", "inf", ""]) ?? ""
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
        guard let start = random.elementIfAny(of: starts) else { return line }
        let end = line[start...].firstIndex { !($0.isASCII && $0.isNumber) } ?? line.endIndex
        let new = random.bool() ? "\(integer(&random))" : "\(number(&random))"
        return line[..<start] + new + line[end...]
    }
}
