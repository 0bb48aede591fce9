/// A list of whole numbers that follows from the shapes of blobs, which ncnn's layers have in the place of numbers.
///
/// Operators stand before what they work on: "*(0w,2),1h" is twice the width of the first blob and the height of the second.
/// The format is that of ncnn's documentation (docs/developer-guide/expression.md).
enum NCNNExpression {
    private enum Value {
        case whole(Int)
        /// In single precision, as ncnn works it out.
        case fraction(Float)

        var float: Float {
            switch self {
            case .whole(let value): Float(value)
            case .fraction(let value): value
            }
        }

        /// Without the part after the point; nil for what is no number of 32 bits.
        var integer: Int? {
            switch self {
            case .whole(let value): Int32(exactly: value).map { Int($0) }
            case .fraction(let value): Int32(exactly: value.rounded(.towardZero)).map { Int($0) }
            }
        }
    }

    /// - Parameters:
    ///   - text: of the expression, without quotes.
    ///   - blobs: what the layer reads.
    /// - Returns: nil for another form, for a function that is not known, and for numbers of more than 32 bits.
    static func values(of text: String, reading blobs: [NCNNShape]) -> [Int]? {
        var stack: [Value] = []
        for word in text.split(whereSeparator: { "(),".contains($0) }).reversed() {
            var found = side(word, of: blobs) ?? number(word)
            if found == nil { found = applied(String(word), to: &stack) }
            guard let value = found else { return nil }
            if case .whole = value, value.integer == nil { return nil }
            stack.append(value)
        }
        let values = stack.reversed().compactMap(\.integer)
        return values.isEmpty || values.count < stack.count ? nil : values
    }

    /// A side of a blob: "0w" is the width of the first; nil for another word.
    private static func side(_ word: Substring, of blobs: [NCNNShape]) -> Value? {
        guard word.count == 2, let index = word.first?.wholeNumberValue, blobs.indices.contains(index) else { return nil }
        switch word.last {
        case "w": return .whole(blobs[index].width)
        case "h": return .whole(blobs[index].height)
        case "d": return .whole(blobs[index].depth)
        case "c": return .whole(blobs[index].channels)
        // One image at a time.
        case "n": return .whole(1)
        default: return nil
        }
    }

    private static func number(_ word: Substring) -> Value? {
        if let whole = Int(word) { return .whole(whole) }
        // No words such as "inf".
        guard word.contains(where: \.isWholeNumber), let value = Float(word) else { return nil }
        return whole(value)
    }

    /// A number as a whole one, if it is one of 32 bits.
    private static func whole(_ value: Float) -> Value {
        if let whole = Int32(exactly: value) { return .whole(Int(whole)) }
        return .fraction(value)
    }

    /// The value of an operator; what it works on is taken from the end of the stack.
    private static func applied(_ name: String, to stack: inout [Value]) -> Value? {
        guard let first = stack.popLast() else { return nil }
        if let value = ofOne(name, first) { return value }
        return stack.popLast().flatMap { ofTwo(name, first, $0) }
    }

    private static func ofOne(_ name: String, _ value: Value) -> Value? {
        switch (name, value) {
        case ("abs", .whole(let value)): .whole(abs(value))
        case ("abs", .fraction(let value)): .fraction(abs(value))
        case ("neg", .whole(let value)): .whole(-value)
        case ("neg", .fraction(let value)): .fraction(-value)
        case ("sign", .whole(let value)): .whole(value.signum())
        case ("sign", .fraction(let value)): .whole(value > 0 ? 1 : value < 0 ? -1 : 0)
        case ("square", .whole(let value)): .whole(value * value)
        case ("square", .fraction(let value)): .fraction(value * value)
        case ("trunc", .fraction(let value)): whole(value.rounded(.towardZero))
        case ("floor", .fraction(let value)): whole(value.rounded(.down))
        case ("ceil", .fraction(let value)): whole(value.rounded(.up))
        case ("round", .fraction(let value)): whole(value.rounded())
        case ("trunc", .whole), ("floor", .whole), ("ceil", .whole), ("round", .whole): value
        case ("sqrt", _): .fraction(value.float.squareRoot())
        case ("rsqrt", _): .fraction(1 / value.float.squareRoot())
        case ("reciprocal", _): .fraction(1 / value.float)
        default: nil
        }
    }

    private static func ofTwo(_ name: String, _ first: Value, _ second: Value) -> Value? {
        if case .whole(let first) = first, case .whole(let second) = second, let value = ofWhole(name, first, second) {
            return .whole(value)
        }
        let (left, right) = (first.float, second.float)
        switch name {
        case "+": return .fraction(left + right)
        case "-": return .fraction(left - right)
        case "*": return .fraction(left * right)
        case "/": return .fraction(left / right)
        case "//": return .fraction((left / right).rounded(.down))
        case "max": return .fraction(max(left, right))
        case "min": return .fraction(min(left, right))
        default: return nil
        }
    }

    /// nil for an operator whose result is no whole number.
    private static func ofWhole(_ name: String, _ first: Int, _ second: Int) -> Int? {
        switch name {
        case "+": first + second
        case "-": first - second
        case "*": first * second
        case "//": second == 0 ? nil : first / second
        case "max": max(first, second)
        case "min": min(first, second)
        default: nil
        }
    }
}
