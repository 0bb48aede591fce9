import Engine
import Testing
import TestSupport
import Quantization

@Suite("The range of a map")
struct RangeRuleTests {
    private func histogram(_ values: [Float]) -> ValueHistogram {
        values.withUnsafeBufferPointer { values in
            var histogram = ValueHistogram()
            histogram.extend(values)
            histogram.beginCounting()
            histogram.count(values)
            return histogram
        }
    }

    /// The mean squared error of values in an encoding.
    private func error(_ values: [Float], _ range: ClosedRange<Float>) -> Double {
        let encoding = Encoding(range)
        let sum = values.reduce(0.0) { sum, value in
            let stored = min(max((value / encoding.scale).rounded() + Float(encoding.zeroPoint), -128), 127)
            let difference = Double((stored - Float(encoding.zeroPoint)) * encoding.scale - value)
            return sum + difference * difference
        }
        return sum / Double(values.count)
    }

    /// Mostly small values, and a few large ones.
    private func values(isPositive: Bool) -> [Float] {
        var random = RandomSource(seed: 4)
        var values = random.normals(20_000) + random.normals(20, deviation: 12)
        if isPositive { values = values.map { max($0, 0) } }
        return values
    }

    @Test("loses less than from the least value to the greatest, and about as little as any", arguments: [true, false])
    func squaredError(isPositive: Bool) {
        let values = values(isPositive: isPositive), histogram = histogram(values)
        let extremes = RangeRule.extremes.range(for: histogram), found = RangeRule.squaredError.range(for: histogram)
        #expect(extremes == min(0, values.min()!)...values.max()!)
        #expect(found.lowerBound >= extremes.lowerBound && found.upperBound <= extremes.upperBound)
        #expect(error(values, found) < error(values, extremes))
        // All shares of both ends, from the values themselves and not from a histogram.
        var least = Double.infinity
        for low in stride(from: Float(0.2), through: 1, by: 0.04) {
            for high in stride(from: Float(0.2), through: 1, by: 0.04) {
                least = min(least, error(values, low * extremes.lowerBound...high * extremes.upperBound))
            }
        }
        #expect(error(values, found) < 1.03 * least)
    }

    @Test("of the least divergence cuts rare large values off")
    func entropy() {
        let values = values(isPositive: true), histogram = histogram(values)
        let found = RangeRule.entropy.range(for: histogram)
        #expect(found.lowerBound == 0 && found.upperBound < 0.9 * values.max()! && found.upperBound > 2)
    }

    @Test("holds 0 exactly, and every value of even ones", arguments: [
        -1...1, 0...6, -3...0.5, 2...5, -7 ... -3, 0...0,
    ] as [ClosedRange<Float>])
    func encoding(range: ClosedRange<Float>) {
        let encoding = Encoding(range)
        #expect(encoding.scale > 0 && encoding.scale.isFinite)
        for rule in RangeRule.allCases {
            let even = (0...1000).map { range.lowerBound + (range.upperBound - range.lowerBound) * Float($0) / 1000 }
            let found = rule.range(for: histogram(even))
            #expect(found.contains(0))
            #expect(error(even, found) <= Double(encoding.scale * encoding.scale), "\(rule)")
        }
    }
}
