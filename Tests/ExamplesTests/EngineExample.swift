import Engine
import Testing

// example: Engine
func losses(steps: Int) -> [Float] {
    let context = ExecutionContext(threads: 1)
    var random = RandomSource(seed: 1)
    let input = FeatureMap(shape: .init(batch: 16, height: 1, width: 1, channels: 8), context: context)
    let logits = FeatureMap(shape: .init(batch: 16, height: 1, width: 1, channels: 3), context: context)
    let classifier = FullyConnected(name: "classifier", input: input, output: logits, context: context)
    classifier.weights.initializeHe(fan: 8, random: &random)
    let loss = SoftmaxCrossEntropy(logits: logits, smoothing: 0.1)
    let optimiser = RMSProp(parameters: classifier.parameters, context: context)
    for index in 0..<input.values.count { input.values[index] = random.normal() }
    let labels = (0..<16).map { _ in Int32(random.below(3)) }
    return (0..<steps).map { _ in
        classifier.forward(training: true)
        let value = loss.evaluate(labels: labels)
        classifier.backward()
        optimiser.update(learningRate: 0.02)
        return value
    }
}
// end of example

@Suite("The example of Engine")
struct EngineExample {
    @Test("learns")
    func learns() throws {
        let losses = losses(steps: 50)
        #expect(losses.allSatisfy { $0.isFinite })
        #expect(try #require(losses.last) < 0.8 * losses[0])
    }
}
