import Architectures
import Datasets
import Engine
import Testing
import TestSupport
import Training
import Quantization

@Suite("Post-training quantisation")
struct PostTrainingQuantizationTests {
    private let context = ExecutionContext(threads: 2)

    @Test("keeps the accuracy of a trained network")
    func accuracy() throws {
        let training = SmallRuns.images(167, seed: 1), test = SmallRuns.images(400, seed: 31)
        let statistics = try training.channelStatistics
        let network = try FoldedNetwork(SmallRuns.trained().averagedWeights)
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 100
        let quantized = try quantization.quantize(network, images: training, statistics: statistics)
        let float = try NetworkEvaluation(network, context: context).classify(test, statistics: statistics).evaluation
        let int8 = try NetworkEvaluation(quantized, context: context).classify(test, statistics: statistics).evaluation
        #expect(float.accuracy > 0.8)
        #expect(abs(float.correct - int8.correct) <= 8)
        for step in quantized.steps {
            #expect(step.weights.allSatisfy { $0 >= -127 })
            if step.hasWeights {
                let channels = step.output.channels
                for channel in 0..<channels {
                    let own = stride(from: channel, to: step.weights.count, by: channels).map { abs(Int(step.weights[$0])) }
                    #expect(own.max() == 127, "\(step.name) channel \(channel)")
                }
            }
        }
    }

    @Test("moves biases so that rounded weights give the same mean")
    func biasCorrection() throws {
        let images = SmallRuns.images(100, seed: 4), statistics = try images.channelStatistics
        let network = try FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: 12))
        /// The distance of the mean logits from those of the network.
        func bias(_ quantized: QuantizedNetwork) throws -> Double {
            var means = [Double](repeating: 0, count: 4)
            try NetworkEvaluation(network, context: context).forEachLogits(of: images, statistics: statistics) { logits, _ in
                for (index, logit) in logits.enumerated() { means[index] += Double(logit) }
            }
            try NetworkEvaluation(quantized, context: context).forEachLogits(of: images, statistics: statistics) {
                logits, _ in
                for (index, logit) in logits.enumerated() { means[index] -= Double(logit) }
            }
            return norm(means)
        }
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 100
        quantization.rule = .extremes
        quantization.correctsBias = false
        let without = try quantization.quantize(network, images: images, statistics: statistics)
        quantization.correctsBias = true
        let with = try quantization.quantize(network, images: images, statistics: statistics)
        #expect(try bias(with) < bias(without))
        #expect(zip(with.steps, without.steps).allSatisfy { $0.weights == $1.weights })
    }

    @Test("does not depend on the number of threads")
    func threads() throws {
        let images = SmallRuns.images(70, seed: 4), statistics = try images.channelStatistics
        let network = try FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: 13))
        let found = try [1, 3].map { threads in
            var quantization = PostTrainingQuantization(context: ExecutionContext(threads: threads))
            quantization.images = 64
            return try quantization.quantize(network, images: images, statistics: statistics)
        }
        #expect(found[0].encodings == found[1].encodings)
        #expect(zip(found[0].steps, found[1].steps).allSatisfy { $0.weights == $1.weights && $0.bias == $1.bias })
    }

    @Test("refuses images that tell nothing")
    func refusals() throws {
        let network = try FoldedNetwork(TrainedWeights(random: SmallRuns.space().largest, seed: 1))
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 20
        let shape = ImageShape(height: 8, width: 8, channels: 1)
        func images(_ count: Int, label: (Int) -> UInt8, pixel: (Int) -> UInt8) -> ImageDataset {
            ImageDataset(
                name: "made", shape: shape, classes: 4, pixels: (0..<count * 64).map(pixel), labels: (0..<count).map(label))
        }
        let statistics = ChannelStatistics(mean: [0.5], standardDeviation: [0.2])
        func error(_ images: ImageDataset) throws -> QuantizationError {
            try #require(throws: QuantizationError.self) {
                try quantization.quantize(network, images: images, statistics: statistics)
            }
        }
        let random: (Int) -> UInt8 = { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        #expect(
            try error(images(19, label: { UInt8($0 % 4) }, pixel: random))
                == .tooFewImages(dataset: "made", asked: 20, found: 19))
        #expect(try error(images(30, label: { _ in 2 }, pixel: random)) == .oneClass(dataset: "made", images: 20))
        #expect(
            try error(images(30, label: { UInt8($0 % 4) }, pixel: { _ in 9 })) == .constantImages(dataset: "made", images: 20))
    }

    @Test("refuses images of one colour, whose channels differ from each other")
    func oneColour() throws {
        let network = try FoldedNetwork(TrainedWeights(random: SmallArchitectures.plain(), seed: 1))
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 5
        let shape = ImageShape(height: 9, width: 7, channels: 2), colour: [UInt8] = [200, 10]
        func quantize(_ pixel: (Int) -> UInt8) throws {
            let images = ImageDataset(
                name: "red", shape: shape, classes: 5, pixels: (0..<5 * shape.count).map(pixel), labels: [0, 1, 2, 3, 4])
            let statistics = ChannelStatistics(mean: [0.5, 0.4], standardDeviation: [0.2, 0.3])
            _ = try quantization.quantize(network, images: images, statistics: statistics)
        }
        #expect(throws: QuantizationError.constantImages(dataset: "red", images: 5)) { try quantize { colour[$0 % 2] } }
        // One other pixel is enough.
        #expect(throws: Never.self) { try quantize { $0 == 0 ? 7 : colour[$0 % 2] } }
    }

    @Test("refuses a network that answers with values that are not finite")
    func infinite() throws {
        let weights = try TrainedWeights(random: SmallRuns.space().largest, seed: 1)
        let broken = try TrainedWeights(for: weights.architecture) { tensor in
            (tensor.shape, weights[tensor.name].map { tensor.role == .normalizationWeight ? 1e30 * $0 : $0 })
        }
        let images = SmallRuns.images(30, seed: 4)
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 20
        #expect(throws: QuantizationError.self) {
            try quantization.quantize(FoldedNetwork(broken), images: images, statistics: images.channelStatistics)
        }
    }

    @Test("gives the branch of a sum that hardly says anything a scale that XNNPACK can add")
    func addableScales() throws {
        let images = SmallRuns.images(100, seed: 4), statistics = try images.channelStatistics
        let weights = try TrainedWeights(random: SmallRuns.space().largest, seed: 12)
        let quiet = try TrainedWeights(for: weights.architecture) { tensor in
            let isBranch = tensor.operatorName == "stage1.2.project" && tensor.role == .normalizationWeight
                || tensor.operatorName == "stage1.2.project" && tensor.role == .normalizationBias
            return (tensor.shape, weights[tensor.name].map { isBranch ? 1e-4 * $0 : $0 })
        }
        var quantization = PostTrainingQuantization(context: context)
        quantization.images = 100
        let quantized = try quantization.quantize(FoldedNetwork(quiet), images: images, statistics: statistics)
        var sums = 0, least = Float.infinity
        for (index, step) in quantized.steps.enumerated() where step.kind == .add {
            for input in step.inputs {
                least = min(least, quantized.encodings[input].scale / quantized.encodings[index + 1].scale)
                sums += 1
            }
        }
        #expect(sums > 0 && least >= 0x1p-10 && least < 0x1p-9, "\(least) of \(sums)")
    }
}
