import Architectures
import Datasets
import Engine
import Quantization
import Testing
import TestSupport
import Training

// example: Quantization
func accuracyInInt8(
    _ weights: TrainedWeights, calibration: ImageDataset, test: ImageDataset, statistics: ChannelStatistics
) throws -> Double {
    let context = ExecutionContext()
    var quantization = PostTrainingQuantization(context: context)
    quantization.images = 100
    let network = try quantization.quantize(FoldedNetwork(weights), images: calibration, statistics: statistics)
    return try NetworkEvaluation(network, context: context).classify(test, statistics: statistics).evaluation.accuracy
}
// end of example

@Suite("The example of Quantization")
struct QuantizationExample {
    @Test("tells how a trained network classifies with integers")
    func accuracy() throws {
        let training = SmallRuns.images(167, seed: 1)
        let accuracy = try accuracyInInt8(
            SmallRuns.trained().averagedWeights, calibration: training, test: SmallRuns.images(200, seed: 2),
            statistics: training.channelStatistics)
        #expect(accuracy > 0.8)
    }
}
