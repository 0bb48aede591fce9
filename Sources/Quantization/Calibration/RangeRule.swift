import Glibc

/// What decides the range of real numbers that the 256 integers of a map stand for.
public enum RangeRule: String, Sendable, CaseIterable {
    /// From the least value to the greatest.
    case extremes
    /// The range with the least mean squared error, of rounding within it and of cutting off beyond it.
    case squaredError = "squared_error"
    /// The range whose 256 steps keep most of what the distribution tells: the least Kullback-Leibler divergence
    /// (Migacz, 2017, "8-bit Inference with TensorRT").
    case entropy

    /// The range for the values of a histogram; 0 is in it.
    package func range(for histogram: ValueHistogram) -> ClosedRange<Float> {
        let low = min(histogram.low, 0), high = max(histogram.high, 0)
        guard self != .extremes, high > low, histogram.high > histogram.low else { return low...high }
        var best = low...high, least = loss(histogram, best)
        // One end after the other, twice: the error of cutting one end off hardly depends on the other.
        for _ in 0..<2 {
            for isHigh in [true, false] {
                let fixed = best
                for share in Self.shares {
                    let candidate =
                        isHigh ? fixed.lowerBound...max(0, high * share) : min(0, low * share)...fixed.upperBound
                    guard candidate.upperBound > candidate.lowerBound else { continue }
                    let found = loss(histogram, candidate)
                    if found < least { (best, least) = (candidate, found) }
                }
            }
        }
        return best
    }

    /// The shares of an end that are tried, from the whole down.
    private static let shares = stride(from: Float(0.99), through: 0.2, by: -0.01).map { $0 }

    private func loss(_ histogram: ValueHistogram, _ range: ClosedRange<Float>) -> Double {
        switch self {
        case .extremes: 0
        case .squaredError: Self.squaredError(histogram, range)
        case .entropy: Self.divergence(histogram, range)
        }
    }

    private static func squaredError(_ histogram: ValueHistogram, _ range: ClosedRange<Float>) -> Double {
        let encoding = Encoding(range), limits = encoding.limits, scale = encoding.scale
        var sum = 0.0
        for (bin, count) in histogram.counts.enumerated() where count > 0 {
            let value = histogram.middle(bin)
            let stored = (value / scale).rounded(.toNearestOrEven)
            let error = Double(min(max(stored, limits.lowerBound), limits.upperBound) * scale - value)
            sum += Double(count) * error * error
        }
        return sum
    }

    private static func divergence(_ histogram: ValueHistogram, _ range: ClosedRange<Float>) -> Double {
        let encoding = Encoding(range), limits = encoding.limits
        // The values of each step, and how many bins of them are there.
        var sums = [Double](repeating: 0, count: 256), filled = [Int](repeating: 0, count: 256)
        var levels = [Int](repeating: 0, count: histogram.counts.count)
        for (bin, count) in histogram.counts.enumerated() {
            let stored = (histogram.middle(bin) / encoding.scale).rounded(.toNearestOrEven)
            let isWithin = limits.contains(stored)
            let level = Int(min(max(stored, limits.lowerBound), limits.upperBound) - limits.lowerBound)
            levels[bin] = isWithin ? level : -1 - level
            // What is cut off is part of the distribution, but not of what the steps can tell.
            if isWithin, count > 0 {
                sums[level] += Double(count)
                filled[level] += 1
            }
        }
        let total = Double(histogram.counts.reduce(0, +)), kept = sums.reduce(0, +)
        guard kept > 0 else { return .infinity }
        // Cut-off values are counted at the last bin within the range at that end.
        var reference = histogram.counts.map(Double.init)
        let first = levels.firstIndex { $0 >= 0 } ?? 0, last = levels.lastIndex { $0 >= 0 } ?? 0
        for bin in levels.indices where levels[bin] < 0 {
            reference[bin < first ? first : last] += reference[bin]
            reference[bin] = 0
        }
        var divergence = 0.0
        for bin in levels.indices where reference[bin] > 0 {
            let level = levels[bin]
            let told = filled[level] > 0 ? sums[level] / Double(filled[level]) / kept : 1e-12
            divergence += reference[bin] / total * log(reference[bin] / total / told)
        }
        return divergence
    }
}
