import Architectures
import Files

/// A single block or operator as an ONNX model, opset 17, for measurements where this program does not run.
///
/// Input "input" [1, channels, height, width], output "output", both float32. A single sum has a second input "other"
/// of the same shape, a single product a second input "factors" [1, channels, 1, 1]. Batch normalisation is folded into
/// the weights and a bias, and every activation follows directly after the operator that a runtime fuses it with.
/// Weights are not trained, and always the same.
///
///     try ONNXPart(layer).write(to: "plan/models/block.onnx")
public struct ONNXPart: Sendable {
    private let layer: Network.Layer

    /// - Parameter layer: not a skip, and only with operators of `Operator.Kind.inTables`.
    public init(_ layer: Network.Layer) {
        precondition(
            !layer.operators.isEmpty && layer.operators.allSatisfy { Operator.Kind.inTables.contains($0.kind) },
            "a part has operators of a search space's networks, got \(layer.key)")
        self.layer = layer
    }

    /// Replaces the file at `path` atomically.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func write(to path: String) throws {
        let model = ONNXModelProto(
            graph,
            metadata: [("schema", "onepath.onnx-part/1"), ("part", layer.key), ("weights", "untrained")])
        try AtomicFile.write(model.fileBytes(), to: path)
    }

    private var graph: ONNXGraphProto {
        var builder = ONNXGraphBuilder(name: layer.key)
        var values = UntrainedValues()
        builder.addInput("input", Self.sides(of: layer.input))
        // A squeeze-excite pools the same map that its factors multiply.
        var value = "input", pooled = value
        var isFlat = false
        for (index, step) in layer.operators.enumerated() {
            let name = "\(index).\(step.kind.rawValue)"
            switch step.kind {
            case .convolution, .depthwiseConvolution:
                let groups = step.kind == .convolution ? 1 : step.input.channels
                let weights = Self.addWeights(
                    of: step, shape: [step.output.channels, step.input.channels / groups, step.kernel, step.kernel],
                    name, &values, &builder)
                value = builder.convolution(
                    name, [value] + weights, kernel: step.kernel, stride: step.stride, groups: groups)
            case .fullyConnected where isBlock:
                let weights = Self.addWeights(
                    of: step, shape: [step.output.channels, step.input.channels, 1, 1], name, &values, &builder)
                value = builder.convolution(name, [value] + weights, kernel: 1, stride: 1, groups: 1)
            case .fullyConnected:
                if !isFlat { value = builder.node("Flatten", "\(name).flatten", [value]) }
                isFlat = true
                let weights = Self.addWeights(
                    of: step, shape: [step.input.channels, step.output.channels], name, &values, &builder)
                value = builder.node("Gemm", name, [value] + weights)
            case .globalAveragePool:
                pooled = value
                value = builder.node("GlobalAveragePool", name, [value])
            case .add:
                if !isBlock { builder.addInput("other", Self.sides(of: step.input)) }
                value = builder.node("Add", name, [value, isBlock ? "input" : "other"])
            case .multiply:
                if !isBlock { builder.addInput("factors", Self.sides(of: step.input.pooled)) }
                value = builder.node("Mul", name, isBlock ? [pooled, value] : [value, "factors"])
            case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise,
                .memoryMove, .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize,
                .function, .convert:
                preconditionFailure("ONNXPart: no part has a \(step.kind)")
            }
            value = builder.activate(value, step.activation, "\(name).activation")
        }
        builder.nameLastOutput("output")
        builder.addOutput(
            "output", isFlat ? [.fixed(1), .fixed(layer.output.channels)] : Self.sides(of: layer.output))
        return builder.graph
    }

    private var isBlock: Bool { if case .block = layer.content { true } else { false } }

    /// Adds weights and a bias, and returns their names.
    private static func addWeights(
        of step: Operator, shape: [Int], _ name: String, _ values: inout UntrainedValues,
        _ builder: inout ONNXGraphBuilder
    ) -> [String] {
        let count = shape.reduce(1, *)
        builder.addInitializer(
            "\(name).weights", shape: shape, values.kernel(inputs: count / step.output.channels, count: count))
        builder.addInitializer(
            "\(name).bias", shape: [step.output.channels], [Float](repeating: 0.01, count: step.output.channels))
        return ["\(name).weights", "\(name).bias"]
    }

    private static func sides(of shape: FeatureShape) -> [ONNXGraphBuilder.Side] {
        [.fixed(1), .fixed(shape.channels), .fixed(shape.height), .fixed(shape.width)]
    }
}
