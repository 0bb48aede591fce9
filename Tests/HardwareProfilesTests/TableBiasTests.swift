import HardwareProfiles
import Testing
import TestSupport

@Suite("How far a table is off whole networks")
struct TableBiasTests {
    private func near(_ found: Double, _ expected: Double) -> Bool { abs(found - expected) < 1e-3 * expected }

    @Test("one network has an interval, two have a narrower one, and one more network is less sure than the mean")
    func intervals() throws {
        // By hand, with Student's quantiles from a printed table: 2.919986 for two degrees of freedom, 2.353363 for three.
        let one = try #require(TableBias([(90, 80)]))
        #expect(near(one.factor, 1.125) && near(one.interval.lowerBound, 0.9442) && near(one.interval.upperBound, 1.34042))
        #expect(near(one.spread.lowerBound, 0.87811) && near(one.spread.upperBound, 1.44131) && one.trend == nil)
        let two = try #require(TableBias([(90, 80), (60, 50)]))
        #expect(near(two.factor, 1.161895) && near(two.interval.lowerBound, 1.059171) && near(two.interval.upperBound, 1.274581))
        #expect(near(two.spread.lowerBound, 0.989777) && near(two.spread.upperBound, 1.363944))
        let four = try #require(TableBias([(11, 10), (22, 20), (33.5, 30), (43, 40)]))
        #expect(near(four.interval.lowerBound, 1.054615) && near(four.interval.upperBound, 1.142786) && four.trend == nil)
        #expect(TableBias([]) == nil)
    }

    @Test("a factor that grows with the network is told")
    func trend() throws {
        let bias = try #require(TableBias([(50, 50), (76, 70), (117, 100), (178, 140)]))
        let trend = try #require(bias.trend)
        #expect(near(trend.fastestMs, 50) && near(trend.slowestMs, 140))
        #expect(near(trend.fastestFactor, 1.001078) && near(trend.slowestFactor, 1.269488))
    }

    @Test("intervals of 90 % hold the truth about as often, from one, two and five networks", arguments: [1, 2, 5])
    func honest(count: Int) throws {
        var random = SeededRandom(seed: 7)
        var held = 0, heldNext = 0
        let draws = 2000
        for _ in 0..<draws {
            // The sum of twelve is nearly normal with variance 1; ratios stray by 6 %, and the table is 10 % off.
            func ratio() -> Double { 1.1 * (1 + 0.06 * ((0..<12).reduce(0.0) { sum, _ in sum + random.unit() } - 6)) }
            let bias = try #require(TableBias((0..<count).map { (measuredMs: ratio() * Double($0 + 10), tableMs: Double($0 + 10)) }))
            if bias.interval.contains(1.1) { held += 1 }
            if bias.spread.contains(ratio()) { heldNext += 1 }
        }
        let share = Double(held) / Double(draws), next = Double(heldNext) / Double(draws)
        // numpy counts 99.7, 96.9 and 92.1 % of 20,000 draws: a few networks are on the safe side.
        #expect(((count == 1 ? 0.98 : 0.89)...(count == 1 ? 1 : 0.985)).contains(share), "\(share)")
        #expect(next > 0.87, "\(next)")
    }

    @Test("networks are spread over what the table says, and more of them are the same and those between")
    func choice() {
        #expect(TableBias.choice(3, of: [5, 1, 4, 2, 3]) == [1, 4, 0])
        #expect(TableBias.choice(1, of: [5, 1, 4, 2, 3]) == [4])
        #expect(TableBias.choice(9, of: [5, 1, 4, 2, 3]) == [1, 3, 4, 2, 0])
        let latencies = (0..<200).map { Double(($0 * 37) % 200) }
        let five = Set(TableBias.choice(5, of: latencies)), nine = Set(TableBias.choice(9, of: latencies))
        #expect(five.count == 5 && nine.count == 9 && five.isSubset(of: nine))
    }

    @Test("how many networks narrow the interval so far")
    func count() throws {
        let bias = try #require(TableBias([(90, 80)]))
        // With a deviation of 0.06 and degrees of freedom one more than networks: 1.761 · 0.06 / √13 < 0.03 < 1.771 · 0.06 / √12.
        #expect(bias.count(forHalfWidth: 0.03) == 13)
        #expect(bias.count(forHalfWidth: 0.5) == 1 && bias.count(forHalfWidth: 1e-6) == nil)
    }
}
