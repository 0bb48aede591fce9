/// One kernel launch of an inference runtime on one image, its activation fused.
///
/// Windows are padded by half a kernel on every side, so an output side is the input side divided by the stride,
/// rounded up.
public struct Operator: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case convolution
        case depthwiseConvolution = "depthwise_convolution"
        case globalAveragePool = "global_average_pool"
        case fullyConnected = "fully_connected"
        case add
        case multiply
    }

    public let kind: Kind
    /// The side of the square window of a convolution; 1 for every other kind.
    public let kernel: Int
    public let stride: Int
    /// The map that is read; the larger one where `add` and `multiply` read two.
    public let input: FeatureShape
    public let output: FeatureShape
    public let activation: Activation
    /// Whether batch normalisation follows, which a runtime folds into the weights and a bias.
    public let hasNormalization: Bool
    /// Whether a trained bias is added to every output channel.
    public let hasBias: Bool

    private init(
        _ kind: Kind, kernel: Int = 1, stride: Int = 1, input: FeatureShape, output: FeatureShape,
        activation: Activation = .none, hasNormalization: Bool = false, hasBias: Bool = false
    ) {
        precondition(kernel > 0 && kernel % 2 == 1, "a kernel must be odd, got \(kernel)")
        precondition(stride > 0, "a stride must be at least 1, got \(stride)")
        self.kind = kind
        self.kernel = kernel
        self.stride = stride
        self.input = input
        self.output = output
        self.activation = activation
        self.hasNormalization = hasNormalization
        self.hasBias = hasBias
    }

    /// A dense convolution, without bias, followed by batch normalisation.
    public static func convolution(
        kernel: Int, stride: Int, input: FeatureShape, outputChannels: Int, activation: Activation
    ) -> Operator {
        Operator(
            .convolution, kernel: kernel, stride: stride, input: input,
            output: input.strided(by: stride, channels: outputChannels), activation: activation,
            hasNormalization: true)
    }

    /// A convolution of every channel with its own window, without bias, followed by batch normalisation.
    public static func depthwiseConvolution(
        kernel: Int, stride: Int, input: FeatureShape, activation: Activation
    ) -> Operator {
        Operator(
            .depthwiseConvolution, kernel: kernel, stride: stride, input: input,
            output: input.strided(by: stride, channels: input.channels), activation: activation,
            hasNormalization: true)
    }

    /// The mean of every channel.
    public static func globalAveragePool(input: FeatureShape) -> Operator {
        Operator(.globalAveragePool, input: input, output: input.pooled)
    }

    /// A matrix product with a bias; `inputChannels` values in, `outputChannels` values out.
    public static func fullyConnected(inputChannels: Int, outputChannels: Int, activation: Activation) -> Operator {
        Operator(
            .fullyConnected, input: FeatureShape(height: 1, width: 1, channels: inputChannels),
            output: FeatureShape(height: 1, width: 1, channels: outputChannels), activation: activation, hasBias: true
        )
    }

    /// The sum of two maps of one shape.
    public static func add(_ shape: FeatureShape) -> Operator {
        Operator(.add, input: shape, output: shape)
    }

    /// A map times one factor a channel.
    public static func multiply(_ shape: FeatureShape) -> Operator {
        Operator(.multiply, input: shape, output: shape)
    }

    /// Multiply-accumulates; 0 for pooling, `add` and `multiply`.
    public var macs: Int { output.height * output.width * weights }

    /// Weights, bias, and the two trained vectors of batch normalisation.
    public var parameters: Int {
        weights + (hasBias ? output.channels : 0) + (hasNormalization ? 2 * output.channels : 0)
    }

    /// Bytes of float32 weights, with batch normalisation folded into them and a bias per output channel.
    public var weightBytes: Int {
        4 * (weights + (hasBias || hasNormalization ? output.channels : 0))
    }

    /// Bytes of float32 values read besides the weights: `add` reads two maps, `multiply` a map and its factors.
    public var inputBytes: Int {
        switch kind {
        case .add: 4 * 2 * input.count
        case .multiply: 4 * (input.count + input.channels)
        case .convolution, .depthwiseConvolution, .globalAveragePool, .fullyConnected: 4 * input.count
        }
    }

    /// Bytes of float32 values written.
    public var outputBytes: Int { 4 * output.count }

    /// What the operator costs follows from this text alone: "convolution k3 s2 224x224x3->112x112x32 relu".
    ///
    /// Batch normalisation and bias are not told apart, because a runtime runs both as a bias.
    public var key: String {
        "\(kind.rawValue) k\(kernel) s\(stride) \(input)->\(output)"
            + (activation == .none ? "" : " \(activation.rawValue)")
    }

    /// The operator without its shapes, for people: "convolution 3x3/2", "pool", "fully connected".
    public var summary: String {
        switch kind {
        case .convolution: "convolution \(window)"
        case .depthwiseConvolution: "depthwise convolution \(window)"
        case .globalAveragePool: "pool"
        case .fullyConnected: "fully connected"
        case .add: "add"
        case .multiply: "multiply"
        }
    }

    private var window: String { "\(kernel)x\(kernel)" + (stride == 1 ? "" : "/\(stride)") }

    private var weights: Int {
        switch kind {
        case .convolution: kernel * kernel * input.channels * output.channels
        case .depthwiseConvolution: kernel * kernel * output.channels
        case .fullyConnected: input.channels * output.channels
        case .globalAveragePool, .add, .multiply: 0
        }
    }
}
