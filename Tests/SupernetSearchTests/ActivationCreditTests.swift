import Architectures
import Engine
import SupernetSearch
import TestSupport
import Testing

@Suite("The credit for activations")
struct ActivationCreditTests {
    @Test("counts what convolutions give, part by part")
    func parts() throws {
        let space = try Spaces.space(
            "counted", side: 28, stem: 8,
            stages: [Spaces.stage("s", layers: 2, channels: 12, stride: 2, kernels: [3, 5], expansions: [3, 6], skip: true)],
            head: 2, classes: 2)
        let layers = space.searchableLayers
        // 24 channels of 28x28 that are expanded, 24 of 14x14, 12 that are projected; the second half of the expansion.
        let first = 24 * 784 + 24 * 196, second = 36 * 196 + 36 * 196
        #expect(layers[0].parts.map(\.name) == ["kernel_5", "expansion_6"])
        #expect(layers[0].activationsOfParts == [0, first])
        #expect(layers[0].layer(with: layers[0].smallest).activations == first + 12 * 196)
        #expect(layers[1].parts.map(\.name) == ["kernel_5", "expansion_3", "expansion_6"])
        #expect(layers[1].activationsOfParts == [0, second + 12 * 196, second])
        for choice in layers[1].choices {
            let sum = zip([layers[1]].partsUsed(by: [choice]), layers[1].activationsOfParts).reduce(0) { $0 + $1.0 * Double($1.1) }
            #expect(Int(sum) == layers[1].layer(with: choice).activations)
        }
    }

    @Test("counts coupled kernels and expansions")
    func blocks() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("nas-bench-macro"))
        // The second layer: 64 channels of 16x16, three or six times expanded.
        let layer = space.searchableLayers[1]
        let counts = Dictionary(uniqueKeysWithValues: zip(layer.parts.map(\.name), layer.activationsOfParts))
        #expect(counts == ["block_3x3_e3": 2 * 192 * 256 + 64 * 256, "block_5x5_e6": 2 * 192 * 256])
    }

    @Test("spreads as far as what is believed of the losses, times the weight")
    func spread() throws {
        let layers = try RandomLayers(Array(repeating: 4, count: 8))
        var random = RandomSource(seed: 5, stream: 0)
        let means = layers.layers.flatMap { $0.parts.map { _ in -0.02 * Double(random.uniform()) } }
        let proposals = layers.proposals()
        func deviation(_ value: (Candidate.Network) -> Double) -> Double {
            var random = RandomSource(seed: 6, stream: 0)
            let values = (0..<4000).map { _ in
                value(layers.network(layers.counts.map { random.below($0) }))
            }
            let mean = values.reduce(0, +) / 4000
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000).squareRoot()
        }
        let believed = deviation { zip(layers.layers.partsUsed(by: $0), means).reduce(0) { $0 + $1.0 * $1.1 } }
        for weight in [0, 0.5, 1] {
            let credit = ActivationCredit(weight: weight, of: proposals.drawn(64, &random), in: layers.layers)
            let parts = credit.parts(price: credit.price(believing: means))
            let credits = deviation { zip(layers.layers.partsUsed(by: $0), parts).reduce(0) { $0 + $1.0 * $1.1 } }
            // Sixty-four draws tell a standard deviation to about a tenth, and a ratio of two to less than a fourth.
            #expect(abs(credits - weight * believed) <= 0.25 * weight * believed)
        }
    }

    @Test("is zero where activations do not differ")
    func alike() throws {
        let space = try Spaces.space(
            "kernels", side: 8, stem: 4,
            stages: [Spaces.stage("s", layers: 2, channels: 4, stride: 1, kernels: [3, 5, 7], expansions: [3], skip: false)], head: 2, classes: 2)
        let layers = space.searchableLayers
        let networks = [layers.map(\.smallest), layers.map(\.largest)]
        let credit = ActivationCredit(weight: 1, of: networks, in: layers)
        #expect(credit.parts(price: 1) == [0, 0, 0, 0])
    }
}
