import Architectures
import Datasets
import Engine
import Files
import Testing
import TestSupport
import Training
import Quantization

@Suite("A folded network")
struct FoldedNetworkTests {
    private func logits(_ network: FoldedNetwork, _ images: [Float]) -> [Float] {
        NetworkEvaluation(network, context: ExecutionContext(threads: 2)).logits(of: images)
    }

    @Test("computes what the network with its batch normalisation computes")
    func folding() throws {
        let weights = try TrainedWeights(random: SmallRuns.space().largest, seed: 3), images = SmallRuns.images(37, seed: 8)
        let statistics = try images.channelStatistics
        var random = RandomSource(seed: 0)
        let trained = ConvNet(
            weights.architecture, batch: 10, random: &random, context: ExecutionContext(threads: 2))
        trained.load(weights)
        var expected: [Float] = [], found: [Float] = []
        try trained.forEachLogits(of: images, statistics: statistics) { logits, _ in expected += logits }
        try NetworkEvaluation(FoldedNetwork(weights), context: ExecutionContext(threads: 2))
            .forEachLogits(of: images, statistics: statistics) { logits, _ in found += logits }
        #expect(expected.count == 37 * 4)
        #expect(relativeDistance(found.map(Double.init), expected.map(Double.init)) < 1e-5)
    }

    @Test("computes the same after its channels are scaled, and their ranges are closer to each other")
    func equalization() throws {
        let network = try FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: 5)), images = SmallRuns.images(80, seed: 1)
        let statistics = try images.channelStatistics
        let quantization = PostTrainingQuantization(context: ExecutionContext(threads: 2))
        let before = try quantization.largest(of: network, images, statistics)
        var scaled = network
        scaled.equalize(before)
        let after = try quantization.largest(of: scaled, images, statistics)

        var random = RandomSource(seed: 6)
        let values = random.normals(20 * network.input.count)
        let expected = logits(network, values).map(Double.init)
        #expect(relativeDistance(logits(scaled, values).map(Double.init), expected) < 1e-5)

        // What a depthwise convolution reads. A channel that is hardly used is not blown up without end.
        func equal(_ largest: [Float]) -> Int {
            let used = largest.filter { $0 > 0 }.sorted(), usual = used[used.count / 2]
            return used.count { abs($0 / usual - 1) < 1e-3 }
        }
        let expansions = network.steps.indices.filter { network.steps[$0].name.hasSuffix(".expand") }
        #expect(expansions.count == 4)
        for step in expansions {
            let used = before[step].count { $0 > 0 }
            #expect(used > 10 && equal(before[step]) <= 2 && equal(after[step]) >= used - 2, "\(after[step])")
        }
        #expect(zip(scaled.steps, network.steps).contains { $0.weights != $1.weights })
    }

    @Test("is refused with activations that int8 operators do not apply", arguments: [
        (#""output_channels": 4}"#, #""output_channels": 4, "activation": "swish"}"#, "swish after 1 operator:"),
        (
            #""expand_convolution": true"#, #""expand_convolution": true, "activation": "hard_swish""#,
            "hard_swish after 2 operators:"
        ),
        (#""se_ratio": 0.0"#, #""se_ratio": 0.5"#, "found 1 with one"),
    ])
    func refusal(old: String, new: String, expected: String) throws {
        let space = try Spaces.space(
            "small", side: 8, stem: 4, stages: [Spaces.stage("a", channels: 5, stride: 2)], head: 6, classes: 2)
        let text = space.largest.json().text(pretty: false).replacing(old, with: new, maxReplacements: 1)
        let architecture = try Architecture(json: JSONNode(JSON(parsing: text, path: "x"), path: "x"))
        let weights = try TrainedWeights(for: architecture) {
            ($0.shape, [Float](repeating: 1, count: $0.count))
        }
        let error = try #require(throws: QuantizationError.self) { try FoldedNetwork(weights) }
        #expect("\(error)".contains(expected), "\(error)")
    }
}
