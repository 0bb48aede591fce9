/// The limits on shapes.
enum ONNXShape {
    /// More dimensions than any operator has; it bounds the time to copy a shape.
    static let rankLimit = 32
    /// The largest number of values, which no runtime exceeds.
    static let countLimit = Int(Int32.max)

    /// The problem of a shape, as the rest of a sentence; nil where the product of the sides, without those of 0, is at
    /// most `countLimit`.
    ///
    /// - Parameter least: the smallest allowed side, 0 or 1.
    static func problem(of shape: [Int], least: Int) -> String? {
        guard shape.count <= rankLimit else {
            return "expected at most \(rankLimit) dimensions, found \(shape.count)"
        }
        var count = 1
        for side in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: max(1, side))
            guard side >= least, !overflow, product <= countLimit else {
                return "expected sides of at least \(least) and at most \(countLimit) values, found \(shape.listed)"
            }
            count = product
        }
        return nil
    }
}

extension Collection {
    /// The elements for a message: all if they are few, else the first ones and their number.
    var listed: String {
        let shown = prefix(8).map { "\($0)" }.joined(separator: ", ")
        return count <= 8 ? "[\(shown)]" : "[\(shown), …] (\(count) in all)"
    }
}

extension String {
    /// The text for a message, shortened to about a line.
    var named: String { utf8.count <= 80 ? self : String(prefix(60)) + "…" }
}
