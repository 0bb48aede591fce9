import Profiler
import TestSupport
import Testing

@Suite("The median of a sample")
struct SampleMedianTests {
    @Test("and its deviation are those of the sorted values")
    func values() {
        let odd = SampleMedian([5, 1, 4, 2, 10])
        #expect(odd.median == 4 && odd.deviation == 2 && odd.count == 5)
        let even = SampleMedian([1, 2, 4, 9])
        #expect(even.median == 3 && even.deviation == 1.5)
        #expect(SampleMedian([7]).median == 7 && SampleMedian([7]).deviation == 0)
    }

    /// Ranks of the 95 % interval from printed tables of the sign test (two-sided critical values at 5 %, plus one).
    @Test("lies with 95 % confidence between the ranks that tables print", arguments: [
        (6, 1), (8, 1), (9, 2), (12, 3), (15, 4), (20, 6), (25, 8), (50, 18), (100, 40),
    ])
    func ranks(count: Int, rank: Int) throws {
        let sample = SampleMedian((1...count).map(Double.init))
        #expect(sample.interval == Double(rank)...Double(count + 1 - rank))
    }

    @Test("has no interval below six values")
    func tooFew() {
        #expect(SampleMedian([1, 2, 3, 4, 5]).interval == nil)
        #expect(SampleMedian([1, 1, 1, 1, 1]).relativeWidth == .infinity)
    }

    @Test("is in the interval in at least 95 of 100 samples, of a skewed distribution too")
    func coverage() throws {
        var random = SeededRandom(seed: 4)
        for count in [6, 11, 40] {
            let hits = (0..<4000).count { _ in
                // Squares of even numbers in 0...1: their median is 1/4.
                let sample = SampleMedian((0..<count).map { _ in
                    let value = (random.value() + 1) / 2
                    return value * value
                })
                return sample.interval!.contains(0.25)
            }
            // Three standard deviations of 4000 draws below 95 %.
            #expect(Double(hits) / 4000 > 0.95 - 3 * (0.95 * 0.05 / 4000).squareRoot())
        }
    }
}
