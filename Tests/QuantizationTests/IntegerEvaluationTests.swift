import Architectures
import Datasets
import Engine
import Testing
import TestSupport
import Quantization

@Suite("The evaluation of integers")
struct IntegerEvaluationTests {
    /// The integers of a normalised image.
    private func integers(_ image: [Float], _ encoding: Encoding) -> [Int] {
        image.map { value in
            let stored = (value * (1 / encoding.scale)).rounded(.toNearestOrEven)
            return min(max(Int(stored) + Int(encoding.zeroPoint), -128), 127)
        }
    }

    @Test("gives what loops over integers give, bit by bit, with any number of threads", arguments: [1, 2, 3])
    func plainLoops(threads: Int) throws {
        let network = try quantized(seed: 7)
        var random = RandomSource(seed: 2)
        let images = random.normals(41 * network.input.count, deviation: 1.2)
        let found = NetworkEvaluation(network, context: ExecutionContext(threads: threads)).logits(of: images)
        let last = network.encodings[network.encodings.count - 1]
        var distinct: Set<Float> = []
        for image in 0..<41 {
            let values = Array(images[image * network.input.count..<(image + 1) * network.input.count])
            let expected = network.plainAnswer(to: integers(values, network.encodings[0]))
                .map { Float($0 - Int(last.zeroPoint)) * last.scale }
            let answer = Array(found[image * network.classes..<(image + 1) * network.classes])
            #expect(answer.map(\.bitPattern) == expected.map(\.bitPattern), "image \(image)")
            distinct.formUnion(answer)
        }
        // Answers that are all alike would agree with anything.
        #expect(distinct.count > 20)
    }

    @Test("is exact for sums that float32 does not hold")
    func wideSums() throws {
        let inputs = 1500, outputs = 3
        // The largest products, all of one sign, with a last bit that rounding to 24 bits would lose.
        var weights = [Int8](repeating: 127, count: inputs * outputs)
        for input in 0..<inputs { weights[input * outputs + 2] = input % 7 == 0 ? -127 : 126 }
        let scale = Float(0x1p-20)
        let step = QuantizedNetwork.Step(
            "classifier", .fullyConnected, inputs: [0],
            shapes: (
                FeatureShape(height: 1, width: 1, channels: inputs), FeatureShape(height: 1, width: 1, channels: outputs)
            ),
            weights: (weights, [scale, scale * 1.1, scale * 0.7], [1, -36_000_001, 77_777]), activation: .none)
        let network = QuantizedNetwork(
            name: "wide", input: step.input, steps: [step],
            encodings: [Encoding(scale: 1, zeroPoint: -128), Encoding(scale: 0.4, zeroPoint: -3)])
        var random = SeededRandom(seed: 3)
        let image = (0..<inputs).map { _ in Float(random.integer(in: 200...255)) }
        let found = NetworkEvaluation(network, context: ExecutionContext(threads: 1)).logits(of: image)
        let expected = network.plainAnswer(to: integers(image, network.encodings[0])).map { Float($0 + 3) * 0.4 }
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(Set(found).count == 3)
    }

    @Test("classifies images of a data set as it answers them")
    func classification() throws {
        let network = try quantized(seed: 9), images = SmallRuns.images(90, seed: 5)
        let evaluation = NetworkEvaluation(network, context: ExecutionContext(threads: 2))
        let statistics = try images.channelStatistics
        var count = 0, right = 0
        try evaluation.forEachLogits(of: images, statistics: statistics) { logits, label in
            #expect(label == images.label(of: count))
            count += 1
            if logits.firstIndex(of: logits.max()!) == label { right += 1 }
        }
        let found = try evaluation.classify(images, statistics: statistics).evaluation
        #expect(count == 90 && found.count == 90 && found.correct == right)
    }

    private func quantized(seed: UInt64) throws -> QuantizedNetwork {
        let images = SmallRuns.images(60, seed: 4)
        var quantization = PostTrainingQuantization(context: ExecutionContext(threads: 2))
        quantization.images = 50
        return try quantization.quantize(
            FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: seed)), images: images,
            statistics: images.channelStatistics)
    }
}
