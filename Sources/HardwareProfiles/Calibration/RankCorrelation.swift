import Glibc

/// How far two lists agree in their order.
public enum RankCorrelation {
    /// Spearman's rank correlation, from -1 to 1; 0 where one of the lists has one value alone. Equal values share their
    /// mean rank.
    public static func spearman(_ one: [Double], _ other: [Double]) -> Double {
        precondition(one.count == other.count, "\(one.count) values and \(other.count)")
        let left = ranks(one), right = ranks(other)
        let mean = Double(one.count - 1) / 2
        func product(_ one: [Double], _ other: [Double]) -> Double {
            zip(one, other).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        }
        let scale = (product(left, left) * product(right, right)).squareRoot()
        return scale > 0 ? product(left, right) / scale : 0
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
}
