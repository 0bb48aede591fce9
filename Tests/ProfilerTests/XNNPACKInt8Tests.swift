import Architectures
import Datasets
import Engine
import HardwareProfiles
import Testing
import TestSupport
import Profiler
import Quantization

@Suite("XNNPACK in int8")
struct XNNPACKInt8Tests {
    /// A small network with an encoding for every map. XNNPACK has no fully connected operator with a scale for every
    /// channel here, so the classifier has one scale.
    private func quantized() throws -> (QuantizedNetwork, Network) {
        let architecture = try SmallRuns.space().largest, images = SmallRuns.images(60, seed: 4)
        var quantization = PostTrainingQuantization(context: ExecutionContext(threads: 1))
        quantization.images = 50
        let network = try quantization.quantize(
            FoldedNetwork(TrainedWeights(random: architecture, seed: 17)), images: images,
            statistics: images.channelStatistics)
        let steps = network.steps.map { step in
            guard step.kind == .fullyConnected else { return step }
            let scales = [Float](repeating: step.weightScales[0], count: step.weightScales.count)
            return QuantizedNetwork.Step(
                step.name, step.kind, inputs: step.inputs, shapes: (step.input, step.output),
                weights: (step.weights, scales, step.bias), activation: step.activation)
        }
        return (
            QuantizedNetwork(name: network.name, input: network.input, steps: steps, encodings: network.encodings),
            architecture.network
        )
    }

    private func encoding(_ encoding: Encoding) -> Int8OperatorWeights.Encoding {
        Int8OperatorWeights.Encoding(scale: encoding.scale, zeroPoint: encoding.zeroPoint)
    }

    @Test("answers with the very integers that our evaluation of integers gives", arguments: [1, 2])
    func evaluation(threads: Int) throws {
        let (quantized, network) = try quantized()
        let weights = quantized.steps.enumerated().map { index, step in
            Int8OperatorWeights(
                kernel: step.weights, scales: step.weightScales, bias: step.bias,
                input: encoding(quantized.encodings[step.inputs[0]]),
                second: step.inputs.count > 1 ? encoding(quantized.encodings[step.inputs[1]]) : nil,
                output: encoding(quantized.encodings[index + 1]))
        }
        let prepared = try XNNPACKRuntime(threads: threads, dataType: .int8).prepare(network, weights: weights)
        let evaluation = NetworkEvaluation(quantized, context: ExecutionContext(threads: 2))
        let from = quantized.encodings[0], to = quantized.encodings[quantized.encodings.count - 1]
        var random = SeededRandom(seed: 5)
        var answers: Set<Int8> = []
        for _ in 0..<50 {
            let image = (0..<network.input.count).map { _ in Int8(random.integer(in: -128...127)) }
            let answer = try prepared.output(for: image)
            let real = image.map { Float(Int($0) - Int(from.zeroPoint)) * from.scale }
            let expected = evaluation.logits(of: real)
            #expect(answer.map { (Float(Int($0) - Int(to.zeroPoint)) * to.scale).bitPattern } == expected.map(\.bitPattern))
            answers.formUnion(answer)
        }
        #expect(answers.count > 30)
    }

    @Test("runs every reference network whose activations it has, and says of the others which it has not")
    func references() throws {
        let runtime = try XNNPACKRuntime(threads: 1, dataType: .int8)
        #expect(runtime.facts.dataType == .int8)
        for name in ["mobilenet-v2", "single-path-nas"] {
            try runtime.prepare(Architecture(contentsOf: ShippedFiles.reference(name)).network).run {}
        }
        let error = try #require(throws: ProfilingError.self) {
            _ = try runtime.prepare(Architecture(contentsOf: ShippedFiles.reference("mobilenet-v3-large")).network)
        }
        #expect("\(error)".contains("it has no hard swish in int8"), "\(error)")
    }
}
