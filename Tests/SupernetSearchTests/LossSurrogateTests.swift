import Engine
import HardwareProfiles
import SupernetSearch
import Testing

@Suite("The surrogate of losses")
struct LossSurrogateTests {
    /// Networks of six parts with losses that their parts and pairs make, and noise.
    private func problem() -> (means: [Double], networks: [[Double]], losses: [Double]) {
        var random = RandomSource(seed: 4)
        let means = (0..<6).map { _ in 0.05 * Double(random.normal()) }
        let parts = means.map { $0 + 0.02 * Double(random.normal()) }
        let networks = (0..<30).map { _ in (0..<6).map { _ in Double(random.below(2)) } }
        let losses = networks.map { network in
            var loss = 0.8 + 0.005 * Double(random.normal()) + 0.02 * network[0] * network[1]
            for index in parts.indices { loss += parts[index] * network[index] }
            return loss
        }
        return (means, networks, losses)
    }

    /// The same belief from its weights instead of its covariances: Bayesian linear regression on a constant, the prior's
    /// sum, the parts and their pairs, each with a variance of its own (Rasmussen and Williams, 2006, section 2.1).
    private func regression(
        _ means: [Double], _ networks: [[Double]], _ losses: [Double], sizes: LossSurrogate.Sizes
    ) -> (weights: [Double], expected: [Double]) {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func dot(_ left: [Double], _ right: [Double]) -> Double { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
        let sums = networks.map { dot($0, means) }, prior = sums.map { $0 - mean(sums) }
        let rows = zip(networks, prior).map { network, prior in
            let pairs = network.indices.flatMap { first in (0..<first).map { network[first] * network[$0] } }
            return [1, prior] + network + pairs
        }
        let deviations = [sizes.constant, sizes.factor] + networks[0].map { _ in sizes.parts }
            + (0..<15).map { _ in sizes.pairs }
        let scaled = rows.map { zip($0, deviations).map(*) }, noise = sizes.noise * sizes.noise
        let left = zip(losses, prior).map { $0 - mean(losses) - $1 }
        let matrix = deviations.indices.flatMap { row in
            deviations.indices.map { column in
                scaled.reduce(0) { $0 + $1[row] * $1[column] } + (row == column ? noise : 0)
            }
        }
        let solution = SymmetricSystem(count: deviations.count, values: matrix).solved(deviations.indices.map { column in
            zip(scaled, left).reduce(0) { $0 + $1.0[column] * $1.1 }
        })
        let weights = zip(solution, deviations).map(*)
        return (weights, zip(rows, prior).map { mean(losses) + $1 + dot($0, weights) })
    }

    @Test("believes of networks what a regression on their parts and pairs does")
    func expected() {
        let (means, networks, losses) = problem()
        var surrogate = LossSurrogate(priorMeans: means)
        surrogate.fit(networks, losses: losses)
        let expected = regression(means, networks, losses, sizes: surrogate.sizes).expected
        for (one, other) in zip(surrogate.expected, expected) { #expect(abs(one - other) < 1e-6) }
        #expect(surrogate.sizes.noise > 0 && surrogate.sizes.parts > 0)
        // It does not follow the noise.
        #expect(zip(surrogate.expected, losses).contains { abs($0 - $1) > 1e-3 })
    }

    @Test("keeps the sizes that it has found where one more loss of many changes them little")
    func kept() {
        var random = RandomSource(seed: 7)
        let networks = (0..<50).map { _ in (0..<6).map { _ in Double(random.below(2)) } }
        // All noise but for one part.
        let losses = networks.map { 0.8 + 0.1 * $0[0] + 0.2 * Double(random.normal()) }
        var surrogate = LossSurrogate(priorMeans: [Double](repeating: 0, count: 6))
        surrogate.fit(Array(networks.prefix(48)), losses: Array(losses.prefix(48)))
        let sizes = surrogate.sizes
        surrogate.fit(networks, losses: losses)
        #expect(surrogate.sizes.parts == sizes.parts && surrogate.sizes.pairs == sizes.pairs && surrogate.sizes.noise == sizes.noise)
    }

    @Test("samples parts whose mean is what it believes of them")
    func samples() {
        let (means, networks, losses) = problem()
        var surrogate = LossSurrogate(priorMeans: means)
        surrogate.fit(networks, losses: losses)
        let weights = regression(means, networks, losses, sizes: surrogate.sizes).weights
        var random = RandomSource(seed: 5)
        let count = 4000, samples = (0..<count).map { _ in surrogate.sample(&random) }
        for part in means.indices {
            let mean = samples.reduce(0) { $0 + $1[part] } / Double(count)
            let variance = samples.reduce(0) { $0 + ($1[part] - mean) * ($1[part] - mean) } / Double(count)
            let expected = (1 + weights[1]) * means[part] + weights[2 + part]
            #expect(variance > 0)
            #expect(abs(mean - expected) < 5 * (variance / Double(count)).squareRoot() + 1e-9, "part \(part)")
        }
    }

    @Test("samples from the prior means before it knows a loss")
    func prior() {
        let surrogate = LossSurrogate(priorMeans: [0.1, -0.2])
        var random = RandomSource(seed: 6)
        let count = 4000, samples = (0..<count).map { _ in surrogate.sample(&random) }
        for (part, expected) in [0.1, -0.2].enumerated() {
            #expect(abs(samples.reduce(0) { $0 + $1[part] } / Double(count) - expected) < 0.02)
        }
    }
}
