/// What stands before every line of a list, as its title shows, where it is no prefix that `LogLine` knows: "bench-1  | ",
/// "2024-01-31 12:30:01,123 - INFO - ".
struct LinePrefix {
    private let bytes: [UInt8]

    /// - Parameter title: a line whose own text begins with an equal sign: "app  | ===== Run Order =====".
    init(of title: Substring) {
        let before = title.utf8.prefix { $0 != UInt8(ascii: "=") }
        bytes = before.allSatisfy(Self.isBlank) ? [] : Array(before)
    }

    /// The line without the prefix; the line as it is where it begins otherwise. Times and numbers of lines differ from line
    /// to line, so a digit or a space stands for any other. An empty line may lack the spaces at the prefix's end.
    func dropped(from line: Substring) -> Substring {
        let start = line.utf8.prefix(bytes.count)
        guard zip(start, bytes).allSatisfy({ Self.areAlike($0, $1) }), bytes.dropFirst(start.count).allSatisfy(Self.isBlank) else {
            return line
        }
        return Substring(line.utf8[start.endIndex...])
    }

    private static func areAlike(_ found: UInt8, _ expected: UInt8) -> Bool {
        found == expected || isDigitOrBlank(found) && isDigitOrBlank(expected)
    }

    private static func isDigitOrBlank(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || isBlank(byte)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
