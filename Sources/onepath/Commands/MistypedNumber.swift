import ArgumentParser

/// What was expected where the parser only says that the value of an option is invalid, which it does for numbers.
///
/// The parser tells no types, so it is asked: a number stands where it takes one in the place of the value.
struct MistypedNumber {
    private let arguments: [String]
    private let root: any ParsableCommand.Type
    /// "The value '20ms' is invalid for '--target-latency <ms>'".
    private let complaint: String
    private let option: String
    private let value: String
    /// What the help calls the value: "ms".
    private let valueName: String

    /// nil for other errors.
    ///
    /// - Parameters:
    ///   - error: of the parser.
    ///   - arguments: without the program.
    init?(_ error: any Error, in arguments: [String], of root: any ParsableCommand.Type) {
        complaint = root.message(for: error)
        guard let match = complaint.wholeMatch(of: #/(?s)The value '(.*)' is invalid for '(--[a-z0-9-]+) <([^>]*)>'/#) else {
            return nil
        }
        (self.arguments, self.root) = (arguments, root)
        (value, option, valueName) = (String(match.output.1), String(match.output.2), String(match.output.3))
        if !takes("1") { return nil }
    }

    /// What the parser says of its error, with help for the option and the command, and with this sentence.
    ///
    /// - Parameter error: of the parser.
    func message(for error: any Error) -> String {
        root.fullMessage(for: error, columns: nil).replacing(complaint, with: sentence)
    }

    private var sentence: String {
        let isWhole = !takes("0.5")
        let named = valueName == "N" || option == "--\(valueName)" ? "" : " (\(valueName))"
        let expected = isWhole && value.contains(#/^[0-9]{19,}$/#)
            ? "a whole number\(named) up to \(Int.max)"
            : isWhole ? "a whole number\(named) such as \(wholeExample)" : "a number\(named) such as \(example)"
        return "\(option): expected \(expected), found \(value.isEmpty ? "nothing" : value)"
    }

    /// The number that was meant, or another one.
    private var wholeExample: String {
        if let number = Double(value), abs(number) < 1e9 { return "\(Int(number))" }
        // Thousands between separators: "60,000".
        if value.contains(#/^[0-9]{1,3}([,._' ][0-9]{3})+$/#) { return value.filter(\.isNumber) }
        let digits = value.prefix { ("0"..."9").contains($0) }
        return digits.isEmpty ? "2" : String(digits)
    }

    private var example: String {
        guard let match = value.prefixMatch(of: #/([0-9]+)(?:[.,]([0-9]+))?\s*/#) else { return "0.5" }
        let number = String(match.output.1) + (match.output.2.map { ".\($0)" } ?? "")
        let unit = value[match.range.upperBound...]
        if unit == "%" { return "\((Double(number) ?? 0) / 100)" }
        // Of other units, such as seconds for milliseconds, the number would be another one.
        return unit.isEmpty || unit.lowercased() == valueName.lowercased() ? number : "2.5"
    }

    /// Whether the parser takes another value in the place of this one.
    private func takes(_ other: String) -> Bool {
        var tried = arguments
        for index in tried.indices {
            if tried[index] == "\(option)=\(value)" {
                tried[index] = "\(option)=\(other)"
            } else if index > 0, arguments[index - 1] == option, tried[index] == value {
                tried[index] = other
            }
        }
        do {
            _ = try root.parseAsRoot(tried)
            return true
        } catch {
            // It goes from left to right, so a complaint of something else comes later.
            return !root.message(for: error).hasPrefix("The value '\(other)' is invalid for '\(option) ")
        }
    }
}
