import Architectures

/// A network whose values are integers of eight bits, as plain values.
///
/// Weights are symmetric with a scale for every output channel, maps asymmetric with one scale, biases integers of 32
/// bits (Jacob et al., 2018, arXiv:1712.05877; the specification of TensorFlow Lite's 8-bit quantisation).
///
///     let evaluation = NetworkEvaluation(quantized, context: context)
public struct QuantizedNetwork: Sendable {
    /// An operator with its weights and its activation.
    public struct Step: Sendable {
        /// The operator's name in the architecture: "stage1.2.expand".
        public let name: String
        public let kind: FoldedNetwork.Step.Kind
        /// The values that it reads: 0 is the image, and step i writes value i + 1.
        public let inputs: [Int]
        public let input: FeatureShape
        public let output: FeatureShape
        /// From −127 to 127, in the layout of `FoldedNetwork.Step.weights`.
        public let weights: [Int8]
        /// The real value of 1 in the weights of every output channel.
        public let weightScales: [Float]
        /// Less the zero point of the input times the weights: of real value bias · input scale · weight scale.
        public let bias: [Int32]
        /// None, ReLU or ReLU6.
        public let activation: Activation

        package init(
            _ name: String, _ kind: FoldedNetwork.Step.Kind, inputs: [Int], shapes: (input: FeatureShape, output: FeatureShape),
            weights: (values: [Int8], scales: [Float], bias: [Int32]), activation: Activation
        ) {
            self.name = name
            self.kind = kind
            self.inputs = inputs
            (input, output) = shapes
            (self.weights, weightScales, bias) = weights
            self.activation = activation
        }

        public var hasWeights: Bool { !weightScales.isEmpty }

        /// The weights with the output channel as the first dimension: [output channels, k, k, input channels], or
        /// [output channels, input channels]; of a depthwise convolution, [channels, k, k].
        public var weightsByOutput: [Int8] {
            let columns = output.channels, rows = weights.count / columns
            return [Int8](unsafeUninitializedCapacity: weights.count) { result, written in
                for column in 0..<columns {
                    for row in 0..<rows {
                        result.initializeElement(at: column * rows + row, to: weights[row * columns + column])
                    }
                }
                written = weights.count
            }
        }
    }

    public let name: String
    public let input: FeatureShape
    public let steps: [Step]
    /// The scale and the zero point of every value: the image, then the output of every step.
    public let encodings: [Encoding]

    package init(name: String, input: FeatureShape, steps: [Step], encodings: [Encoding]) {
        self.name = name
        self.input = input
        self.steps = steps
        self.encodings = encodings
    }

    public var classes: Int { steps[steps.count - 1].output.channels }

    /// The shape of a value.
    public func shape(of value: Int) -> FeatureShape { value == 0 ? input : steps[value - 1].output }

    /// The bytes of all weights and biases.
    public var weightBytes: Int { steps.reduce(0) { $0 + $1.weights.count + 4 * $1.bias.count } }
}

/// How the integers of a map stand for real numbers: scale · (integer − zero point).
public struct Encoding: Hashable, Sendable {
    /// Positive.
    public let scale: Float
    public let zeroPoint: Int8

    public init(scale: Float, zeroPoint: Int8) {
        precondition(scale > 0 && scale.isFinite, "an encoding needs a positive scale, got \(scale)")
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// The encoding of a range that has 0 in it or is widened to it, whose ends are about −128 and 127; 0 is exact.
    public init(_ range: ClosedRange<Float>) {
        let low = min(range.lowerBound, 0), high = max(range.upperBound, 0)
        // A map that is always 0 has any scale.
        let scale = high - low > 1e-6 ? (high - low) / 255 : 1
        self.init(scale: scale, zeroPoint: Int8(clamping: Int((-128 - low / scale).rounded())))
    }

    /// The integers, less the zero point.
    var limits: ClosedRange<Float> { Float(-128 - Int(zeroPoint))...Float(127 - Int(zeroPoint)) }

    /// The integers that an activation leaves, less the zero point.
    func limits(_ activation: Activation) -> ClosedRange<Float> {
        let all = limits, wanted = activation.limits
        let low = max(all.lowerBound, (wanted.lowerBound / scale).rounded(.toNearestOrEven))
        return low...max(low, min(all.upperBound, (wanted.upperBound / scale).rounded(.toNearestOrEven)))
    }
}

extension QuantizedNetwork {
    /// The steps as XNNPACK's qs8 and qc8 operators compute them: sums of products plus the bias, as float32, times
    /// input scale · weight scale / output scale in float32, rounded to nearest even.
    var prepared: [PreparedStep] {
        steps.enumerated().map { index, step in
            let from = encodings[step.inputs[0]], to = encodings[index + 1]
            let finish: PreparedStep.Finish =
                switch step.kind {
                case .convolution, .depthwise, .fullyConnected:
                    .integer(
                        bias: step.bias.map(Double.init), factors: step.weightScales.map { from.scale * $0 / to.scale },
                        limits: to.limits(step.activation))
                case .add:
                    .sum(
                        IntegerSum(
                            first: from.scale / to.scale, second: encodings[step.inputs[1]].scale / to.scale,
                            limits: to.limits))
                case .mean:
                    .mean(
                        factor: from.scale / (to.scale * Float(step.input.height * step.input.width)), limits: to.limits)
                }
            return PreparedStep(
                name: step.name, kind: step.kind, inputs: step.inputs, input: step.input, output: step.output,
                weights: .init(step.weights.map(Float.init)), finish: finish)
        }
    }
}
