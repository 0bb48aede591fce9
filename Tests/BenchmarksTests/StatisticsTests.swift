import Benchmarks
import Testing

@Suite("Statistics of comparisons")
struct StatisticsTests {
    @Test("the confidence interval is Student's")
    func interval() throws {
        // By hand: mean 3, deviation √2.5, t(4) = 2.776.
        let sample = SampleMean([1, 2, 3, 4, 5])
        #expect(sample.mean == 3)
        #expect(abs(try #require(sample.halfWidth) - 2.776 * (2.5 / 5).squareRoot()) < 1e-3)
        #expect(SampleMean([7]).halfWidth == nil)
        // t(19) = 2.0930: the interval of twenty values of deviation 1.
        let twenty = SampleMean((0..<20).map { $0 % 2 == 0 ? 1 : -1 })
        #expect(abs(try #require(twenty.halfWidth) - 2.0930 * (20.0 / 19 / 20).squareRoot()) < 1e-3)
    }

    @Test("Kendall's tau counts pairs in the same and in the opposite order")
    func tau() {
        #expect(kendallTau([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
        #expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
        // Five of six pairs agree.
        #expect(abs(kendallTau([1, 2, 3, 4], [1, 2, 4, 3]) - 4.0 / 6) < 1e-12)
        // With a tie in the second: four agree, one does not, one is tied.
        #expect(abs(kendallTau([1, 2, 3, 4], [1, 3, 2, 3]) - 3 / (6.0 * 5).squareRoot()) < 1e-12)
        #expect(kendallTau([1, 2], [3, 3]).isNaN)
    }
}
