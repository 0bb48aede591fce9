import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing

@Suite("The credit for activations")
struct ActivationCreditTests {
    /// Two layers, from 8 channels of 28x28 to 12 of 14x14; the second may be skipped.
    private static func counted() throws -> [SearchSpace.Layer] {
        try Spaces.space(
            "counted", side: 28, stem: 8,
            stages: [Spaces.stage("s", layers: 2, channels: 12, stride: 2, kernels: [3, 5], expansions: [3, 6], skip: true)],
            head: 2, classes: 2
        ).searchableLayers
    }

    @Test("counts what convolutions give, part by part")
    func parts() throws {
        let layers = try Self.counted()
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

    @Test("divides what a layer grows by among its parts, by their costs")
    func growth() throws {
        let layer = try Self.counted()[1]
        #expect(layer.parts.map(\.name) == ["kernel_5", "expansion_3", "expansion_6"])
        let kept = 36 * 196 + 36 * 196 + 12 * 196, grown = 36 * 196 + 36 * 196
        func credited(kernel: Double, expansion: Double) -> [Double] {
            layer.creditedActivations { choice in
                guard let size = layer.size(of: choice) else { return 0 }
                return 9 + (size.kernel == 5 ? kernel : 0) + (size.expansion == 6 ? expansion : 0)
            }
        }
        #expect(credited(kernel: 1, expansion: 3) == [Double(grown) / 4, Double(kept), Double(grown) * 3 / 4])
        // A kernel with which a runtime is faster.
        #expect(credited(kernel: -1, expansion: 3) == [0, Double(kept), Double(grown)])
        // Nothing to divide by.
        #expect(credited(kernel: 0, expansion: 0) == layer.activationsOfParts.map(Double.init))

        // Kernel and expansion are one part.
        let coupled = try SearchSpace(contentsOf: ShippedFiles.space("nas-bench-macro")).searchableLayers
        for layer in coupled {
            #expect(
                layer.creditedActivations { Double(layer.layer(with: $0).activations) } == layer.activationsOfParts.map(Double.init))
        }
    }

    @Test("does not prefer channels to a larger kernel of the same cost")
    func kernels() throws {
        let space = try Spaces.space(
            "counted", side: 8, stem: 4,
            stages: [
                Spaces.stage("early", layers: 2, channels: 4, stride: 1, kernels: [3, 5], expansions: [3, 6], skip: false),
                Spaces.stage("late", layers: 2, channels: 8, stride: 2, kernels: [3, 5], expansions: [3, 6], skip: false),
            ], head: 2, classes: 2)
        let layers = space.searchableLayers
        let table = CostTable(
            quantity: .latency, fixed: .zero,
            layers: layers.map { layer in
                // The kernel runs fastest: 3x3 e3, 5x5 e3, 3x3 e6, 5x5 e6.
                CostTable.Layer(
                    counts: layer.axes.map(\.optionCount), entries: [1, 2, 2, 3].map { CostTable.Part(sum: $0, peak: 0) })
            })
        let constraints = [Constraint(target: CostTarget(.latency, atMost: 8), costs: table)]
        // The larger kernel takes a little more off the loss.
        let means = layers.flatMap { $0.parts.map { $0.name == "kernel_5" ? -0.020 : -0.019 } }
        var random = RandomSource(seed: 5, stream: 0)
        let drawn = Proposals(layers: layers, partMeans: means, constraints: constraints).drawn(64, &random)
        let credit = ActivationCredit(weight: 1, of: drawn, limits: constraints, in: layers)
        #expect(credit.parts(price: credit.price(believing: means)).allSatisfy { $0 > 0 })
        let found = Proposals(layers: layers, partMeans: means, constraints: constraints, credit: credit).first
        let sizes = zip(layers, found).compactMap { $0.size(of: $1) }
        #expect(table.value(of: found) == 8)
        #expect(!sizes.contains { $0.kernel == 3 && $0.expansion == 6 })
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
            let credit = ActivationCredit(weight: weight, of: proposals.drawn(64, &random), limits: [], in: layers.layers)
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
        let credit = ActivationCredit(weight: 1, of: networks, limits: [], in: layers)
        #expect(credit.parts(price: 1) == [0, 0, 0, 0])
    }
}
