/// The symbolic sides of a model, and the values that they have for the images that are priced.
struct ONNXSymbols {
    private var values: [String: Int] = [:]
    /// Names that several sides have which differ: some exporters call every free side "None".
    private var ambiguous: Set<String> = []

    /// Settles a symbol; one that has two values stands for neither.
    mutating func settle(_ name: String, _ value: Int) {
        if let known = values[name], known != value {
            values[name] = nil
            ambiguous.insert(name)
        } else if !ambiguous.contains(name) {
            values[name] = value
        }
    }

    /// The value of an expression such as "4*batch" or "(height - 1)//2 + 1"; nil where a symbol in it is not settled,
    /// where it is none, and where it is no whole number: the text does not say to which side that is rounded.
    func value(of text: String) -> Int? {
        guard text.utf8.count <= 512 else { return nil }
        if let known = values[text] { return known }
        var parser = Parser(bytes: Array(text.utf8), values: values)
        guard let value = parser.sum(), parser.isAtEnd else { return nil }
        // Quotients of quotients may miss a whole number by their last digits.
        let whole = value.rounded()
        return abs(value - whole) < 1e-6 ? Int(exactly: whole) : nil
    }

    /// Reads sums, products, quotients, brackets and the functions floor, ceiling, Min, Max, Mod.
    private struct Parser {
        let bytes: [UInt8]
        let values: [String: Int]
        var place = 0
        private var depth = 0

        init(bytes: [UInt8], values: [String: Int]) {
            self.bytes = bytes
            self.values = values
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return place == bytes.count
            }
        }

        private mutating func skipSpace() {
            while place < bytes.count, bytes[place] == UInt8(ascii: " ") { place += 1 }
        }

        private mutating func take(_ text: String) -> Bool {
            skipSpace()
            guard bytes[place...].starts(with: text.utf8) else { return false }
            place += text.utf8.count
            return true
        }

        mutating func sum() -> Double? {
            depth += 1
            defer { depth -= 1 }
            guard depth < 32, var total = product() else { return nil }
            while true {
                if take("+") {
                    guard let next = product() else { return nil }
                    total += next
                } else if take("-") {
                    guard let next = product() else { return nil }
                    total -= next
                } else {
                    return total
                }
            }
        }

        private mutating func product() -> Double? {
            guard var total = power() else { return nil }
            while true {
                if take("*") {
                    guard let next = power() else { return nil }
                    total *= next
                } else if take("//") {
                    guard let next = power(), next != 0 else { return nil }
                    total = (total / next).rounded(.down)
                } else if take("/") {
                    guard let next = power(), next != 0 else { return nil }
                    total /= next
                } else if take("%") {
                    guard let next = power(), next != 0 else { return nil }
                    total -= next * (total / next).rounded(.down)
                } else {
                    return total
                }
            }
        }

        /// A power, which binds more than a product and than a sign.
        private mutating func power() -> Double? {
            if take("-") { return power().map { -$0 } }
            guard let base = factor() else { return nil }
            guard take("**") else { return base }
            guard let exponent = factor(), (0...8).contains(exponent), exponent == exponent.rounded() else { return nil }
            return (0..<Int(exponent)).reduce(1) { product, _ in product * base }
        }

        private mutating func factor() -> Double? {
            if take("(") {
                guard let inner = sum(), take(")") else { return nil }
                return inner
            }
            skipSpace()
            let start = place
            while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
            guard place > start else { return nil }
            let word = String(decoding: bytes[start..<place], as: UTF8.self)
            if let number = Int(word) { return Double(number) }
            if take("(") { return call(word) }
            return values[word].map(Double.init)
        }

        private mutating func call(_ name: String) -> Double? {
            var arguments: [Double] = []
            repeat {
                guard let argument = sum() else { return nil }
                arguments.append(argument)
            } while take(",")
            guard take(")") else { return nil }
            switch (name.lowercased(), arguments.count) {
            case ("floor", 1): return arguments[0].rounded(.down)
            case ("ceiling", 1), ("ceil", 1): return arguments[0].rounded(.up)
            case ("min", _): return arguments.min()
            case ("max", _): return arguments.max()
            case ("mod", 2) where arguments[1] != 0:
                return arguments[0] - arguments[1] * (arguments[0] / arguments[1]).rounded(.down)
            default: return nil
            }
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
