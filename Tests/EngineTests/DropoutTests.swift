import Engine
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
    private func map(batch: Int, channels: Int) -> FeatureMap {
        FeatureMap(
            shape: .init(batch: batch, height: 1, width: 1, channels: channels), context: ExecutionContext(threads: 1))
    }

    @Test("drops values at its rate and scales the others to keep the mean", arguments: [0.1, 0.2, 0.5, 0.9] as [Float])
    func rate(rate: Float) {
        let map = map(batch: 100, channels: 1000)
        map.values.fill(3)
        Dropout(map: map, rate: rate, random: RandomSource(seed: 19)).forward(training: true)
        let dropped = map.values.values.count { $0 == 0 }, kept = map.values.values.count { abs($0 - 3 / (1 - rate)) < 1e-4 }
        #expect(dropped + kept == 100_000)
        // Five standard deviations of the binomial distribution.
        let deviation = (100_000 * Double(rate) * Double(1 - rate)).squareRoot()
        #expect(abs(Double(dropped) - 100_000 * Double(rate)) < 5 * deviation)
    }

    @Test("its gradient is that of the values it kept")
    func gradient() {
        var random = RandomSource(seed: 20)
        // The same stream on ones shows the factors.
        let ones = map(batch: 5, channels: 8), map = map(batch: 5, channels: 8)
        ones.values.fill(1)
        Dropout(map: ones, rate: 0.4, random: RandomSource(seed: 21)).forward(training: true)
        let factors = ones.values.doubles

        let dropout = Dropout(map: map, rate: 0.4, random: RandomSource(seed: 21))
        map.values.draw(&random)
        map.gradient.draw(&random)
        let values = map.values.doubles, projection = map.gradient.doubles
        func plain(_ values: [Double]) -> PlainImages { PlainImages(map, zip(values, factors).map { $0 * $1 }) }
        dropout.forward(training: true)
        dropout.backward()
        #expect(isClose(map.values, plain(values)))
        #expect(deviationsFromCentralDifferences(
            of: { plain($0[0]).projected(on: projection) }, by: [Variable("values", values, gradient: map.gradient.doubles)]) == [])
    }

    @Test("draws anew each step, the same for the same stream")
    func streams() {
        func masks(seed: UInt64) -> [[Float]] {
            let map = map(batch: 10, channels: 10)
            let dropout = Dropout(map: map, rate: 0.5, random: RandomSource(seed: seed))
            return (0..<3).map { _ in
                map.values.fill(1)
                dropout.forward(training: true)
                return map.values.values
            }
        }
        #expect(Set(masks(seed: 22)).count == 3)
        #expect(masks(seed: 22) == masks(seed: 22))
        #expect(masks(seed: 22) != masks(seed: 23))
    }

    @Test("changes nothing in evaluation, nor at rate 0")
    func inactive() {
        var random = RandomSource(seed: 24)
        for (rate, training) in [(0.5, false), (0, true)] as [(Float, Bool)] {
            let map = map(batch: 5, channels: 8)
            map.values.draw(&random)
            map.gradient.draw(&random)
            let values = map.values.values, gradient = map.gradient.values
            let dropout = Dropout(map: map, rate: rate, random: RandomSource(seed: 25))
            dropout.forward(training: training)
            dropout.backward()
            #expect(map.values.values == values)
            #expect(map.gradient.values == gradient)
        }
    }
}
