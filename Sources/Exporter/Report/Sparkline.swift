/// Values over time as one line of text, each as high as it is large: "▇▅▃▂▁▁".
package struct Sparkline {
    private static let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    package let text: String

    /// The least value has the lowest block and the largest the highest; where all are equal, all are in the middle.
    ///
    /// - Parameters:
    ///   - values: in order of time; those that are not finite are left out.
    ///   - columns: the longest that the text may be; where there are more values, a block is the mean of some.
    package init(_ values: [Double], columns: Int) {
        precondition(columns > 0, "a line needs a column")
        let values = values.filter(\.isFinite)
        let count = min(columns, values.count)
        let means = (0..<count).map { column in
            let part = values[column * values.count / count..<(column + 1) * values.count / count]
            return part.reduce(0) { $0 + $1 / Double(part.count) }
        }
        guard let least = means.min(), let largest = means.max() else {
            text = ""
            return
        }
        text = String(means.map { mean in
            guard largest > least else { return Self.heights[3] }
            let range = largest - least
            // Halves, whose difference is finite, where the whole one is not; else none, which may be the least there is.
            let share = range.isFinite ? (mean - least) / range : (mean / 2 - least / 2) / (largest / 2 - least / 2)
            let height = share * Double(Self.heights.count)
            return Self.heights[min(Self.heights.count - 1, Int(height))]
        })
    }
}
