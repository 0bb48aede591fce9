import Engine
import TestSupport
import Testing

@Suite("Random source")
struct RandomSourceTests {
    /// The expected values come from a separate program in another language.
    @Test("its first values are those of xoshiro256** seeded through SplitMix64")
    func firstValues() {
        var random = RandomSource(seed: 0)
        #expect((0..<4).map { _ in random.next() } == [
            0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0, 0x6AA5_94F1_262D_2D2C,
        ])
        random = RandomSource(seed: 7, stream: 2)
        #expect((0..<4).map { _ in random.next() } == [
            0x67BE_D408_FCF4_52E9, 0x5BEB_14B0_7DA7_E8D1, 0x2BDC_9412_D3E4_61F7, 0x3460_4D11_11E3_881E,
        ])
        random = RandomSource(seed: 0)
        #expect(random.uniform() == 0x99EC5Fp-24)
    }

    /// The expected values come from a separate program in another language.
    @Test("what is drawn with it is the same with every toolchain")
    func draws() {
        var random = RandomSource(seed: 7, stream: 2)
        _ = random.next()
        #expect((0..<12).map { _ in random.below(10) } == [3, 1, 2, 5, 1, 7, 8, 1, 7, 6, 7, 6])
        random = RandomSource(seed: 7, stream: 2)
        var order = Array(0..<12)
        random.shuffle(&order)
        #expect(order == [10, 8, 2, 6, 5, 7, 0, 11, 9, 1, 3, 4])
        #expect(random.next() == 0xC76B_0ACA_F115_6EC2, "eleven numbers were drawn")
        var nothing: [Int] = []
        random.shuffle(&nothing)
        #expect(nothing == [])
    }

    @Test("seeds and streams differ, copies do not")
    func streams() {
        var firsts: Set<UInt64> = []
        for seed: UInt64 in 0..<50 {
            for stream: UInt64 in 0..<50 {
                var random = RandomSource(seed: seed, stream: stream)
                firsts.insert(random.next())
            }
        }
        #expect(firsts.count == 2500)
        var random = RandomSource(seed: 1), copy = random
        #expect((0..<10).map { _ in random.next() } == (0..<10).map { _ in copy.next() })
    }

    @Test("uniform numbers fill [0, 1) evenly")
    func uniform() {
        var random = RandomSource(seed: 36)
        var bins = [Int](repeating: 0, count: 100)
        for _ in 0..<1_000_000 {
            let value = random.uniform()
            guard (0..<1).contains(value) else {
                Issue.record("\(value) is outside")
                return
            }
            bins[Int(value * 100)] += 1
        }
        // χ² with 99 degrees of freedom is below 149 in 999 of 1,000 cases, above 62 likewise.
        let chiSquare = bins.reduce(0.0) { $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000 }
        #expect((62..<149).contains(chiSquare))
    }

    @Test("whole numbers below a bound are equally likely", arguments: [1, 2, 3, 10, 60_000])
    func below(bound: Int) {
        var random = RandomSource(seed: 37)
        var counts = [Int](repeating: 0, count: bound)
        let each = 1_000_000 / Double(bound)
        for _ in 0..<1_000_000 { counts[random.below(bound)] += 1 }
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - each) * (Double($1) - each) / each }
        // Five standard deviations of χ² around its mean.
        #expect(abs(chiSquare - Double(bound - 1)) <= 5 * (2 * Double(bound - 1)).squareRoot())
    }

    @Test("normal numbers have the moments of the standard normal distribution and are not correlated")
    func normal() {
        var random = RandomSource(seed: 38)
        let count = 1_000_000.0
        var powers = [0.0, 0.0, 0.0, 0.0], successive = 0.0, previous = 0.0, beyond = 0
        for _ in 0..<1_000_000 {
            let value = Double(random.normal())
            for power in 0..<4 { powers[power] += pow(value, power + 1) / count }
            successive += value * previous / count
            previous = value
            if abs(value) > 1.959964 { beyond += 1 }
        }
        // Standard errors of the moments are √(1, 2, 15, 96) / 1,000; five of each.
        #expect(abs(powers[0]) < 0.005)
        #expect(abs(powers[1] - 1) < 0.0071)
        #expect(abs(powers[2]) < 0.0194)
        #expect(abs(powers[3] - 3) < 0.049)
        #expect(abs(successive) < 0.005)
        #expect(abs(Double(beyond) / count - 0.05) < 0.0011)
    }

    private func pow(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * base } }

    @Test("He's initialisation has deviation √(2 / fan-in)")
    func heInitialization() {
        var random = RandomSource(seed: 39)
        let parameter = Parameter(name: "weights", shape: [100, 1000])
        parameter.initializeHe(fan: 50, random: &random)
        let values = parameter.value.doubles
        let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(variance - 0.04) < 5 * 0.04 * (2 / 100_000).squareRoot())
        #expect(abs(values.reduce(0, +) / Double(values.count)) < 5 * 0.2 / 100_000.squareRoot())
    }

    @Test("goes on from its words as if it had never stopped")
    func words() {
        var random = RandomSource(seed: 41, stream: 3)
        for _ in 0..<17 { _ = random.next() }
        var other = RandomSource(words: random.words)
        #expect((0..<50).map { _ in other.next() } == (0..<50).map { _ in random.next() })
    }
}
