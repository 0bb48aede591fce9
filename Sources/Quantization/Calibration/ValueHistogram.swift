/// How often the values of a map lie where, over the calibration images.
package struct ValueHistogram: Sendable {
    package static let bins = 2048

    /// The least and the greatest value; they are of `counts` where `counts` was filled.
    package private(set) var low = Float.infinity
    package private(set) var high = -Float.infinity
    /// Of equal widths from low to high; empty before `beginCounting`.
    package private(set) var counts: [Int] = []

    package var width: Float { (high - low) / Float(Self.bins) }

    package init() {}

    /// The middle of a bin.
    package func middle(_ bin: Int) -> Float { low + (Float(bin) + 0.5) * width }

    /// Widens the range to some values; to infinity where one is not finite.
    package mutating func extend(_ values: UnsafeBufferPointer<Float>) {
        // Eight running extremes, so that the loop has no chain through one of them.
        var lows = SIMD8<Float>(repeating: low), highs = SIMD8<Float>(repeating: high)
        // Stays 0 while all values are finite: extremes alone would not show a value that is no number.
        var rest = SIMD8<Float>.zero
        let even = values.count / 8 * 8
        for start in stride(from: 0, to: even, by: 8) {
            let part = UnsafeRawPointer(values.baseAddress! + start).loadUnaligned(as: SIMD8<Float>.self)
            lows = pointwiseMin(lows, part)
            highs = pointwiseMax(highs, part)
            rest += part - part
        }
        low = lows.min()
        high = highs.max()
        var last = rest.sum()
        for index in even..<values.count {
            low = min(low, values[index])
            high = max(high, values[index])
            last += values[index] - values[index]
        }
        if last != 0 { (low, high) = (-.infinity, .infinity) }
    }

    /// Widens the range to that of another.
    package mutating func extend(_ other: ValueHistogram) {
        low = min(low, other.low)
        high = max(high, other.high)
    }

    package mutating func beginCounting() { counts = [Int](repeating: 0, count: Self.bins) }

    /// Counts values, all within the range.
    package mutating func count(_ values: UnsafeBufferPointer<Float>) {
        guard high > low else {
            counts[0] += values.count
            return
        }
        let factor = Float(Self.bins) / (high - low), low = low
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values { counts[max(0, min(Self.bins - 1, Int((value - low) * factor)))] += 1 }
        }
    }

    /// Adds the counts of another of the same range.
    package mutating func add(_ other: ValueHistogram) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
    }
}
