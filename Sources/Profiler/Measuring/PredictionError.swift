/// The errors of predictions against measurements.
public struct PredictionError: Hashable, Sendable {
    /// The mean of |predicted − measured| / measured.
    public let meanAbsolute: Double
    /// The mean of (predicted − measured) / measured.
    public let meanSigned: Double
    /// The largest |predicted − measured| / measured.
    public let largest: Double
    /// Spearman's rank correlation; equal values share their rank.
    public let rankCorrelation: Double

    /// - Parameters:
    ///   - predicted: one for each of `measured`.
    ///   - measured: at least two.
    public init(predicted: [Double], measured: [Double]) {
        precondition(predicted.count == measured.count && measured.count > 1, "one prediction for each of two or more")
        let errors = zip(predicted, measured).map { ($0 - $1) / $1 }
        let count = Double(errors.count)
        meanAbsolute = errors.reduce(0) { $0 + abs($1) } / count
        meanSigned = errors.reduce(0, +) / count
        largest = errors.map(abs).max() ?? 0
        rankCorrelation = Self.correlation(Self.ranks(predicted), Self.ranks(measured))
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
            start = end
        }
        return ranks
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let meanA = a.reduce(0, +) / Double(a.count), meanB = b.reduce(0, +) / Double(b.count)
        var product = 0.0, squaresA = 0.0, squaresB = 0.0
        for (x, y) in zip(a, b) {
            product += (x - meanA) * (y - meanB)
            squaresA += (x - meanA) * (x - meanA)
            squaresB += (y - meanB) * (y - meanB)
        }
        return product / (squaresA * squaresB).squareRoot()
    }
}
