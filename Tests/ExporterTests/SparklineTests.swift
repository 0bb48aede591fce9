import Exporter
import Testing

@Suite("A sparkline")
struct SparklineTests {
    @Test("has a block a value, from the least to the largest")
    func heights() {
        #expect(Sparkline([0, 1, 2, 3, 4, 5, 6, 7], columns: 40).text == "▁▂▃▄▅▆▇█")
        #expect(Sparkline([2, -1, 2], columns: 3).text == "█▁█")
        #expect(Sparkline([5, 5], columns: 9).text == "▄▄")
    }

    @Test("of more values than columns has their means, and leaves out what is not finite")
    func means() {
        #expect(Sparkline([0, 2, 1, 1, 9, 7], columns: 3).text == "▁▁█")
        #expect(Sparkline((0..<1000).map(Double.init), columns: 40).text.count == 40)
        #expect(Sparkline([1, .nan, 2, .infinity], columns: 4).text == "▁█")
        #expect(Sparkline([], columns: 4).text == "")
    }

    @Test("has its heights at the ends of what a number can be")
    func extremes() {
        let least = Double.leastNonzeroMagnitude
        #expect(Sparkline([0, least], columns: 4).text == "▁█")
        #expect(Sparkline([-least, 0, least], columns: 4).text == "▁▅█")
        #expect(Sparkline([-1.7e308, 0, 1.7e308], columns: 4).text == "▁▅█")
    }
}
