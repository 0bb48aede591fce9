/// The shapes that can be computed with.
enum ONNXShape {
    /// More dimensions than any operator knows: what copies a shape takes a time that does not depend on the file.
    static let rankLimit = 32
    /// More values than a runtime can index.
    static let countLimit = Int(Int32.max)

    /// What is wrong with a shape, as the rest of a sentence; nil where it can be computed with: where the sides, those
    /// of 0 left out, multiply to at most `countLimit`.
    ///
    /// - Parameter least: the least side there may be, 0 or 1.
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
    /// The elements as a message shows them: all of a few, else the first and how many there are.
    var listed: String {
        let shown = prefix(8).map { "\($0)" }.joined(separator: ", ")
        return count <= 8 ? "[\(shown)]" : "[\(shown), …] (\(count) in all)"
    }
}

extension String {
    /// The text as a message shows it: nobody reads more than a line of a name.
    var named: String { utf8.count <= 80 ? self : String(prefix(60)) + "…" }
}
