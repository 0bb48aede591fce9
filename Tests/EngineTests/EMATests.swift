import Engine
import TestSupport
import Testing

@Suite("EMA")
struct EMATests {
    @Test("is its formula, with the bound of the first steps", arguments: [0.3, 0.9999] as [Float])
    func formula(decay: Float) {
        var random = RandomSource(seed: 34)
        let values = [Storage(count: 1), Storage(count: 37)]
        for value in values { value.draw(&random) }
        let average = EMA(of: values, decay: decay)
        var expected = values.map(\.doubles)
        for step in 1...20 {
            let kept = min(Double(decay), Double(1 + step) / Double(10 + step))
            for (index, value) in values.enumerated() {
                value.draw(&random)
                expected[index] = zip(expected[index], value.doubles).map { $0 + (1 - kept) * ($1 - $0) }
            }
            average.update()
        }
        average.swap()
        for (value, expected) in zip(values, expected) { #expect(relativeDistance(value.doubles, expected) < 1e-5) }
    }

    @Test("the bound reaches the decay after many steps")
    func unbounded() {
        let value = Storage([0])
        let average = EMA(of: [value], decay: 0.5)
        // (1 + step) / (10 + step) reaches a half at step 8.
        for _ in 0..<100 { average.update() }
        value[0] = 1
        average.update()
        average.swap()
        #expect(abs(value[0] - 0.5) < 1e-6)
    }

    @Test("swapping twice changes no bit")
    func swapTwice() {
        var random = RandomSource(seed: 35)
        let values = [Storage(count: 5), Storage(count: 100)]
        let average = EMA(of: values, decay: 0.99)
        for value in values { value.draw(&random) }
        average.update()
        let before = values.map(\.bits)
        average.swap()
        let averaged = values.map(\.bits)
        #expect(averaged != before)
        average.swap()
        #expect(values.map(\.bits) == before)
        average.swap()
        #expect(values.map(\.bits) == averaged)
    }

    @Test("of constant values is the values")
    func constant() {
        let value = Storage([0.1, -3, 1e-20, 1e20])
        let average = EMA(of: [value], decay: 0.9999)
        for _ in 0..<50 { average.update() }
        let before = value.doubles
        average.swap()
        #expect(zip(value.doubles, before).allSatisfy { abs($0 - $1) <= 1e-5 * abs($1) })
    }
}
