import Architectures

/// A single block or operator, or a network, as a TensorFlow Lite model for measurements where this program does not run.
///
/// Input "input" [1, height, width, channels], output "output", both float32 or both int8. A single sum has a second input
/// "other" of the same shape, a single product a second input "factors" [1, 1, 1, channels]. Batch normalisation is folded
/// into the weights and a bias, and activations are fused where TensorFlow Lite can. Weights are not trained, and always the
/// same.
///
///     try TFLitePart(layer).model.write(to: "plan/models/block.tflite")
///     try TFLitePart(architecture.network, isInt8: true).model.write(to: "network.tflite")
public struct TFLitePart: Sendable {
    public let model: TFLiteModel

    /// - Parameters:
    ///   - layer: not a skip, and only with operators of `Operator.Kind.inTables`.
    ///   - isInt8: whether maps and weights are of integers of eight bits.
    public init(_ layer: Network.Layer, isInt8: Bool = false) { self.init([layer], name: layer.key, isInt8: isInt8) }

    /// - Parameters:
    ///   - network: not without operators, and only with those of `Operator.Kind.inTables`.
    ///   - isInt8: whether maps and weights are of integers of eight bits.
    public init(_ network: Network, isInt8: Bool = false) {
        self.init(network.layers, name: network.name, isInt8: isInt8)
    }

    private init(_ layers: [Network.Layer], name: String, isInt8: Bool) {
        let operators = layers.flatMap(\.operators)
        precondition(
            !operators.isEmpty && operators.allSatisfy { Operator.Kind.inTables.contains($0.kind) },
            "a part has operators of a search space's networks, got \(name)")
        var builder = TFLiteGraphBuilder(name: name), values = UntrainedValues()
        var value = builder.input(TFLiteTensor("input", type: .float32, shape: Self.sides(layers[0].input)))
        for (index, layer) in layers.enumerated() {
            let prefix = layers.count == 1 ? "" : "\(index)."
            value = Self.add(layer, named: prefix, to: value, &values, &builder)
        }
        builder.output(value, "output")
        model = isInt8 ? builder.model.inIntegers() : builder.model
    }

    private static func sides(_ shape: FeatureShape) -> [Int] { [1, shape.height, shape.width, shape.channels] }

    /// Adds the operators of a layer, and returns what the last one writes.
    private static func add(
        _ layer: Network.Layer, named prefix: String, to input: Int, _ values: inout UntrainedValues,
        _ builder: inout TFLiteGraphBuilder
    ) -> Int {
        let isBlock = if case .block = layer.content { true } else { false }
        // A squeeze-excite pools the same map that its factors multiply.
        var value = input, pooled = input
        for (index, step) in layer.operators.enumerated() {
            let name = "\(prefix)\(index).\(step.kind.rawValue)", inputs = step.input.channels, outputs = step.output.channels
            func kernel(_ shape: [Int], isDepthwise: Bool = false) -> TFLiteGraphBuilder.Kernel {
                let count = shape.reduce(1, *)
                return TFLiteGraphBuilder.Kernel(
                    weights: values.kernel(inputs: count / outputs, count: count), shape: shape,
                    bias: [Float](repeating: 0.01, count: outputs), isDepthwise: isDepthwise, stride: step.stride,
                    activation: step.activation)
            }
            switch step.kind {
            case .convolution:
                value = builder.convolution(value, name, kernel([outputs, step.kernel, step.kernel, inputs]))
            case .depthwiseConvolution:
                value = builder.convolution(value, name, kernel([1, step.kernel, step.kernel, outputs], isDepthwise: true))
            case .fullyConnected:
                let form = kernel([outputs, inputs])
                value =
                    isBlock
                    ? builder.pixel(value, name, weights: form.weights, bias: form.bias, step.activation)
                    : builder.fullyConnected(value, name, weights: form.weights, bias: form.bias, step.activation)
            case .globalAveragePool:
                pooled = value
                value = builder.mean(value, name)
            case .add:
                let other =
                    isBlock ? input : builder.input(TFLiteTensor("\(prefix)other", type: .float32, shape: sides(step.input)))
                value = builder.arithmetic(.add, value, other, name, step.activation)
            case .multiply:
                let factors =
                    isBlock ? value : builder.input(TFLiteTensor("\(prefix)factors", type: .float32, shape: sides(step.input.pooled)))
                value = builder.arithmetic(.multiply, isBlock ? pooled : value, factors, name, step.activation)
            case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise,
                .memoryMove, .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize,
                .function, .convert:
                preconditionFailure("TFLitePart: no part has a \(step.kind)")
            }
        }
        return value
    }
}
