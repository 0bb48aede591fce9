/// One kernel launch of an inference runtime on one image, including its fused activation.
///
/// The operators of a search space pad by half a kernel on every side, so an output side is the input side divided by
/// the stride, rounded up. The operators of an imported network may pad in any way.
public struct Operator: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case convolution
        case depthwiseConvolution = "depthwise_convolution"
        case globalAveragePool = "global_average_pool"
        case fullyConnected = "fully_connected"
        case add
        case multiply
        /// A grouped convolution.
        case groupedConvolution = "grouped_convolution"
        case maxPool = "max_pool"
        case averagePool = "average_pool"
        case concatenate
        /// Batch normalisation that cannot be folded into the operator before it.
        case normalize
        /// An activation that cannot be fused with the operator before it.
        case activate
        /// Two maps, or a map and constants, value by value.
        case elementwise
        /// Values that are copied, perhaps in another order: a transposition, a slice, a padding, and every other
        /// operator that is assumed to cost memory traffic alone.
        case memoryMove = "memory_move"
        /// A convolution that spreads every input value over a window of the output.
        case transposedConvolution = "transposed_convolution"
        /// Products of matrices neither of which is a weight: the scores of attention, and their sums of values.
        case batchedProduct = "batched_product"
        /// The exponentials of a row divided by their sum.
        case softmax
        /// Mean and deviation of every row or group set to 0 and 1 (Ba et al., 2016, arXiv:1607.06450).
        case layerNormalization = "layer_normalization"
        /// A sum, a mean or an extreme over some sides of a map.
        case reduce
        /// A map that is interpolated to other sides.
        case resize
        /// A function of every value that no kernel fuses: GELU, an exponential, a logarithm.
        case function
        /// Values that are quantised, dequantised or rounded to another type.
        case convert
    }

    /// Whether it computes value by value from one map, so that a runtime can write over what it reads.
    public var runsInPlace: Bool { [.activate, .normalize, .function].contains(kind) }

    /// Where the weights of an operator come from.
    public enum WeightSource: Hashable, Sendable {
        /// They are stored for it alone, and count.
        case own
        /// An operator before it, or another of its groups, has the same, which are stored once and count once; or they are
        /// computed from fewer. `trainedCount` has what counts.
        case shared
        /// They follow from the image: none are stored.
        case computed
    }

    public let kind: Kind
    /// The window of a convolution or a pooling; one pixel for every other kind.
    public let window: Window
    /// The height of the window.
    public var kernel: Int { window.height }
    /// The vertical stride of the window.
    public var stride: Int { window.verticalStride }
    /// The number of groups of a grouped convolution; 1 for every other kind.
    public private(set) var groups = 1
    /// The input map; the larger one where there are two, and the result where maps are concatenated.
    public let input: FeatureShape
    /// The number of values that an elementwise operator or a batched product reads besides `input`.
    public private(set) var otherCount = 0
    public let output: FeatureShape
    public let epilogue: Epilogue
    /// The activation of the epilogue.
    public var activation: Activation { epilogue.activation }
    /// The data type that the operator has in the model that it comes from; nil where the device's profile decides it.
    public var valueType: ValueType?
    /// The bits in which the model stores a weight; nil where a weight has the type of the maps.
    public var weightBits: Int?
    /// In how many steps a recurrent layer computes its rows, one after another, because each reads what the one before wrote;
    /// 1 for every other operator. All weights are read in each.
    public var timeSteps = 1
    /// Where its weights come from.
    public var weightSource = WeightSource.own
    /// Trained values besides weights and those of the epilogue: factors and offsets of groups that are not as many as the
    /// values of a row, slopes, and what an operator whose weights are not its own has of its own.
    public var trainedCount = 0

    private init(
        _ kind: Kind, window: Window = Window(side: 1), input: FeatureShape, output: FeatureShape,
        epilogue: Epilogue = Epilogue()
    ) {
        self.kind = kind
        self.window = window
        self.input = input
        self.output = output
        self.epilogue = epilogue
    }

    /// A square window of a search space.
    private static func window(_ kernel: Int, _ stride: Int) -> Window {
        precondition(kernel > 0 && kernel % 2 == 1, "a kernel must be odd, got \(kernel)")
        return Window(side: kernel, stride: stride)
    }

    /// A dense convolution, without bias, followed by batch normalisation.
    public static func convolution(
        kernel: Int, stride: Int, input: FeatureShape, outputChannels: Int, activation: Activation
    ) -> Operator {
        Operator(
            .convolution, window: window(kernel, stride), input: input,
            output: input.strided(by: stride, channels: outputChannels),
            epilogue: Epilogue(hasNormalization: true, activation: activation))
    }

    /// A depthwise convolution, without bias, followed by batch normalisation.
    public static func depthwiseConvolution(
        kernel: Int, stride: Int, input: FeatureShape, activation: Activation
    ) -> Operator {
        Operator(
            .depthwiseConvolution, window: window(kernel, stride), input: input,
            output: input.strided(by: stride, channels: input.channels),
            epilogue: Epilogue(hasNormalization: true, activation: activation))
    }

    /// The mean of every channel.
    public static func globalAveragePool(input: FeatureShape) -> Operator {
        Operator(.globalAveragePool, input: input, output: input.pooled)
    }

    /// A matrix product with a bias; `inputChannels` values in, `outputChannels` values out.
    public static func fullyConnected(inputChannels: Int, outputChannels: Int, activation: Activation) -> Operator {
        .fullyConnected(
            inputChannels: inputChannels, outputChannels: outputChannels,
            epilogue: Epilogue(hasBias: true, activation: activation))
    }

    /// A matrix product, whatever follows it; `inputChannels` values in, `outputChannels` values out.
    public static func fullyConnected(inputChannels: Int, outputChannels: Int, epilogue: Epilogue) -> Operator {
        Operator(
            .fullyConnected, input: FeatureShape(height: 1, width: 1, channels: inputChannels),
            output: FeatureShape(height: 1, width: 1, channels: outputChannels), epilogue: epilogue)
    }

    /// The sum of two maps of one shape.
    public static func add(_ shape: FeatureShape, activation: Activation = .none) -> Operator {
        Operator(.add, input: shape, output: shape, epilogue: Epilogue(activation: activation))
    }

    /// A map times one factor a channel.
    public static func multiply(_ shape: FeatureShape, activation: Activation = .none) -> Operator {
        Operator(.multiply, input: shape, output: shape, epilogue: Epilogue(activation: activation))
    }

    /// A convolution in `groups` groups, whose padding follows from the shapes: dense with one group, depthwise with
    /// as many groups as both maps have channels.
    public static func convolution(
        window: Window, groups: Int, input: FeatureShape, output: FeatureShape, epilogue: Epilogue
    ) -> Operator {
        precondition(
            groups > 0 && input.channels % groups == 0 && output.channels % groups == 0,
            "\(groups) groups do not divide the channels of \(input) and \(output)")
        let isDepthwise = groups > 1 && groups == input.channels && groups == output.channels
        var step = Operator(
            groups == 1 ? .convolution : isDepthwise ? .depthwiseConvolution : .groupedConvolution, window: window,
            input: input, output: output, epilogue: epilogue)
        if !isDepthwise { step.groups = groups }
        return step
    }

    /// The largest value of every window.
    public static func maxPool(window: Window, input: FeatureShape, output: FeatureShape) -> Operator {
        Operator(.maxPool, window: window, input: input, output: output)
    }

    /// The mean of every window.
    public static func averagePool(window: Window, input: FeatureShape, output: FeatureShape) -> Operator {
        Operator(.averagePool, window: window, input: input, output: output)
    }

    /// The concatenation of several maps.
    public static func concatenate(output: FeatureShape) -> Operator {
        Operator(.concatenate, input: output, output: output)
    }

    /// Batch normalisation alone.
    public static func normalize(_ shape: FeatureShape, activation: Activation = .none) -> Operator {
        Operator(
            .normalize, input: shape, output: shape,
            epilogue: Epilogue(hasNormalization: true, activation: activation))
    }

    /// An activation alone; `none` stands for a function that has no name here.
    public static func activate(_ shape: FeatureShape, _ activation: Activation) -> Operator {
        Operator(.activate, input: shape, output: shape, epilogue: Epilogue(activation: activation))
    }

    /// A function of two values at every place of a map; the second value is one of `otherCount`.
    public static func elementwise(
        _ shape: FeatureShape, otherCount: Int, activation: Activation = .none
    ) -> Operator {
        var step = Operator(.elementwise, input: shape, output: shape, epilogue: Epilogue(activation: activation))
        step.otherCount = otherCount
        return step
    }

    /// A copy of values.
    public static func memoryMove(input: FeatureShape, output: FeatureShape) -> Operator {
        Operator(.memoryMove, input: input, output: output)
    }

    /// A convolution in `groups` groups that spreads every input value over a window of the output.
    public static func transposedConvolution(
        window: Window, groups: Int, input: FeatureShape, output: FeatureShape, epilogue: Epilogue
    ) -> Operator {
        precondition(
            groups > 0 && input.channels % groups == 0 && output.channels % groups == 0,
            "\(groups) groups do not divide the channels of \(input) and \(output)")
        var step = Operator(.transposedConvolution, window: window, input: input, output: output, epilogue: epilogue)
        step.groups = groups
        return step
    }

    /// Products of `batches` pairs of matrices, [rows, depth] by [depth, columns], neither of which is a weight.
    ///
    /// - Parameter otherCount: the number of values of all right matrices; less than `batches · depth · columns` where
    ///   several products share one.
    public static func batchedProduct(
        batches: Int, rows: Int, depth: Int, columns: Int, otherCount: Int
    ) -> Operator {
        var step = Operator(
            .batchedProduct, input: FeatureShape(height: rows, width: batches, channels: depth),
            output: FeatureShape(height: rows, width: batches, channels: columns))
        step.otherCount = otherCount
        return step
    }

    /// The softmax of every row of a map, along its channels.
    public static func softmax(_ shape: FeatureShape) -> Operator { Operator(.softmax, input: shape, output: shape) }

    /// Every row of a map, along its channels, set to mean 0 and deviation 1.
    ///
    /// - Parameter epilogue: a normalisation where there are trained factors and offsets, a bias where only factors.
    public static func layerNormalization(_ shape: FeatureShape, epilogue: Epilogue) -> Operator {
        Operator(.layerNormalization, input: shape, output: shape, epilogue: epilogue)
    }

    /// Sums, means or extremes over some sides of a map.
    public static func reduce(input: FeatureShape, output: FeatureShape) -> Operator {
        Operator(.reduce, input: input, output: output)
    }

    /// A map interpolated to other sides.
    public static func resize(input: FeatureShape, output: FeatureShape) -> Operator {
        Operator(.resize, input: input, output: output)
    }

    /// A function of every value, such as GELU.
    public static func function(_ shape: FeatureShape) -> Operator { Operator(.function, input: shape, output: shape) }

    /// Values that are quantised, dequantised or rounded to another type.
    public static func convert(_ shape: FeatureShape) -> Operator { Operator(.convert, input: shape, output: shape) }

    /// One of its time steps alone.
    package var oneTimeStep: Operator {
        func part(_ map: FeatureShape) -> FeatureShape {
            FeatureShape(height: max(1, map.height / timeSteps), width: map.width, channels: map.channels)
        }
        var step = Operator(kind, window: window, input: part(input), output: part(output), epilogue: epilogue)
        (step.groups, step.valueType, step.weightBits, step.weightSource) = (groups, valueType, weightBits, weightSource)
        return step
    }

    /// Multiply-accumulates of the products; 0 for every kind without products.
    public var macs: Int {
        switch kind {
        case .batchedProduct: output.height * output.width * input.channels * output.channels
        case .transposedConvolution: input.height * input.width * weights
        default: output.height * output.width * weights
        }
    }

    /// Weights, bias, the two trained vectors of batch normalisation, and what else is trained.
    public var parameters: Int {
        let own = weights + (epilogue.hasBias ? output.channels : 0) + (epilogue.hasNormalization ? 2 * output.channels : 0)
        return (weightSource == .own ? own : 0) + trainedCount
    }

    /// Bytes of float32 weights, with batch normalisation folded into them and a bias per output channel; of batch
    /// normalisation alone, a factor and a bias per channel.
    public var weightBytes: Int { weightBytes(of: .float32) }

    /// Bytes of weights, of that type where the operator does not say another. Biases beside weights of eight bits or
    /// fewer have four bytes.
    public func weightBytes(of type: ValueType) -> Int {
        let bits = weightBits ?? 8 * type.bytes
        if weightSource != .own { return (bits * trainedCount + 7) / 8 }
        let isNormalization = kind == .normalize || kind == .layerNormalization && epilogue.hasNormalization
        let hasOffset = epilogue.hasBias || epilogue.hasNormalization
        return (bits * (weights + (isNormalization ? output.channels : 0) + trainedCount) + 7) / 8
            + (bits > 8 ? bits / 8 : 4) * (hasOffset ? output.channels : 0)
    }

    /// Bytes of float32 values read besides the weights: `add` reads two maps, `multiply` a map and its factors.
    public var inputBytes: Int {
        switch kind {
        case .add: 4 * 2 * input.count
        case .multiply: 4 * (input.count + input.channels)
        case .elementwise, .batchedProduct: 4 * (input.count + otherCount)
        case .convolution, .depthwiseConvolution, .groupedConvolution, .globalAveragePool, .fullyConnected, .maxPool,
            .averagePool, .concatenate, .normalize, .activate, .memoryMove, .transposedConvolution, .softmax,
            .layerNormalization, .reduce, .resize, .function, .convert:
            4 * input.count
        }
    }

    /// Bytes of float32 values written.
    public var outputBytes: Int { 4 * output.count }

    /// The key of the operator's cost; equal keys cost the same: "convolution k3 s2 224x224x3->112x112x32 relu".
    ///
    /// It does not distinguish batch normalisation from a bias, because a runtime runs both as a bias.
    public var key: String {
        "\(kind.rawValue) \(window.key) \(input)->\(output)" + (groups == 1 ? "" : " groups\(groups)")
            + (otherCount == 0 ? "" : " with\(otherCount)") + (activation == .none ? "" : " \(activation.costName)")
            + (valueType.map { " \($0.rawValue)" } ?? "") + (timeSteps == 1 ? "" : " in \(timeSteps) time steps")
    }

    /// The operator without its shapes, for people: "convolution 3x3/2", "pool", "fully connected".
    public var summary: String {
        if timeSteps > 1 { return "product in \(timeSteps) time steps" }
        return switch kind {
        case .convolution: "convolution \(window.summary)"
        case .depthwiseConvolution: "depthwise convolution \(window.summary)"
        case .groupedConvolution: "convolution \(window.summary) in \(groups) groups"
        case .maxPool: "max pool \(window.summary)"
        case .averagePool: "average pool \(window.summary)"
        case .concatenate: "concatenate"
        case .normalize: "normalize"
        case .activate: activation == .none ? "activation" : activation.rawValue.replacing("_", with: " ")
        case .elementwise: "elementwise"
        case .memoryMove: "move"
        case .transposedConvolution: "transposed convolution \(window.summary)"
        case .batchedProduct: "batched product"
        case .softmax: "softmax"
        case .layerNormalization: "layer norm"
        case .reduce: "reduce"
        case .resize: "resize"
        case .function: "function"
        case .convert: "convert"
        case .globalAveragePool: "pool"
        case .fullyConnected: "fully connected"
        case .add: "add"
        case .multiply: "multiply"
        }
    }

    private var weights: Int {
        switch kind {
        case .convolution, .groupedConvolution, .transposedConvolution:
            window.count * (input.channels / groups) * output.channels
        case .depthwiseConvolution: window.count * output.channels
        case .fullyConnected: input.channels * output.channels
        case .globalAveragePool, .add, .multiply, .maxPool, .averagePool, .concatenate, .normalize, .activate,
            .elementwise, .memoryMove, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize, .function,
            .convert:
            0
        }
    }
}
