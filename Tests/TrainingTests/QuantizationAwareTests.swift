import Engine
import Testing
import TestSupport
import Training

@Suite("Training with the rounding of int8")
struct QuantizationAwareTests {
    private func configuration(epochs: Int) -> TrainingConfiguration {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.quantizationAwareEpochs = epochs
        return configuration
    }

    @Test("begins with the last epochs, and leaves weights that are not rounded")
    func lastEpochs() throws {
        let plain = try SmallRuns.training(), rounded = try SmallRuns.training(configuration(epochs: 1))
        try plain.run(upTo: 20)
        try rounded.run(upTo: 20)
        #expect(try plain.network.weights == rounded.network.weights)
        var losses: [Double] = []
        try rounded.run { losses.append($0.crossEntropy) }
        try plain.run()
        #expect(losses.count == 10 && losses.allSatisfy(\.isFinite))
        let weights = try rounded.averagedWeights
        #expect(try weights != plain.averagedWeights)
        // Rounded ones would have few values in a channel.
        #expect(Set(weights["head.convolution"]).count == weights["head.convolution"].count)
    }

    @Test("computes another loss than without, and the gradient of the very weights that it rounds")
    func pass() throws {
        let trainer = try SmallRuns.training(), network = trainer.network
        try trainer.run(upTo: 3)
        let before = try network.weights
        func loss() -> Double {
            network.dropout.random = RandomSource(seed: 1)
            network.forward(training: true)
            return Double(network.loss.evaluate(labels: (0..<16).map { Int32($0 % 4) }))
        }
        let plain = loss()
        network.roundsToEightBits = true
        let rounded = loss()
        #expect(rounded != plain && abs(rounded - plain) < 0.1 * plain)
        network.backward()
        #expect(network.parameters.allSatisfy { $0.gradient.values.allSatisfy(\.isFinite) })
        let after = try network.weights
        for tensor in before.architecture.weightTensors where tensor.role == .weight {
            #expect(before[tensor.name] == after[tensor.name], "\(tensor.name)")
        }
    }

    @Test("comes to the same bits, wherever it stops")
    func resumed() throws {
        #expect(try differencesWithStops(after: [9, 10, 11, 20, 29]) {
            try SmallRuns.training(configuration(epochs: 2))
        } == [])
    }

    @Test("lasts no longer than the training")
    func tooMany() throws {
        #expect(throws: ConfigurationError.self) { try configuration(epochs: 4).check() }
        try configuration(epochs: 3).check()
    }
}
