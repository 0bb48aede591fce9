import Architectures
import Testing

/// The expected values come from a separate program in another language.
@Suite("SplitMix64")
struct SplitMix64Tests {
    @Test("its words are those of the published generator")
    func words() {
        var random = SplitMix64(seed: 1_234_567)
        #expect((0..<3).map { _ in random.next() } == [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ])
    }

    @Test("whole numbers below a bound are those of multiply-shift, words of an uneven rest rejected")
    func below() {
        var random = SplitMix64(seed: 7)
        #expect((0..<12).map { _ in random.below(10) } == [3, 0, 9, 5, 4, 2, 4, 3, 1, 4, 1, 9])
        // A quarter of all words is rejected; here the second one.
        random = SplitMix64(seed: 7)
        #expect((0..<6).map { _ in random.below(6 << 60) } == [
            2_696_658_600_334_640_432, 116_133_514_723_108_426, 6_231_038_155_055_853_504, 3_129_779_942_062_771_377,
            1_725_449_795_799_580_614, 3_237_078_490_283_576_924,
        ])
        var words = SplitMix64(seed: 7)
        for _ in 0..<7 { _ = words.next() }
        #expect(random.next() == words.next(), "seven words for six numbers")
        #expect((0..<5).map { _ in random.below(1) } == [0, 0, 0, 0, 0])
    }

    @Test("an element is the one at a place that is drawn")
    func element() {
        var random = SplitMix64(seed: 7)
        #expect((0..<4).map { _ in random.element(of: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) } == [
            "d", "a", "j", "f",
        ])
    }

    @Test("orders are those of Fisher and Yates, from the front")
    func shuffled() {
        var random = SplitMix64(seed: 7)
        #expect(random.shuffled(Array(0..<12)) == [4, 1, 11, 8, 7, 6, 3, 5, 0, 10, 9, 2])
        #expect(random.next() == 0xF5BA_4EB7_28DD_632C, "eleven numbers were drawn")
        #expect(random.shuffled([Int]()) == [] && random.shuffled([3]) == [3])
        #expect(random.next() != 0xF5BA_4EB7_28DD_632C)
    }

    @Test("every order of four is equally likely")
    func orders() {
        var random = SplitMix64(seed: 8)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[random.shuffled([0, 1, 2, 3]), default: 0] += 1 }
        let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
        // Five standard deviations of χ² with 23 degrees of freedom around its mean.
        #expect(counts.count == 24 && abs(chiSquare - 23) < 34)
    }
}
