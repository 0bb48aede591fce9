/// An operator of a TensorFlow Lite model.
public struct TFLiteOperator: Hashable, Sendable {
    public var operation: TFLiteOperation
    /// Indices of tensors; nil for one that is optional and not there, such as a bias.
    public var inputs: [Int?]
    public var outputs: [Int]
    /// Where the file has it, where that is not its place in the list: "graph 2 operator 5".
    var place: String?

    public init(_ operation: TFLiteOperation, inputs: [Int?], outputs: [Int]) {
        self.operation = operation
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// What an operator does. The order of its inputs is that of LiteRT's operator.
public enum TFLiteOperation: Hashable, Sendable {
    /// A map, weights [output channels, height, width, input channels], and perhaps a bias. Where the weights have fewer
    /// input channels than the map, it is in groups.
    case convolution(TFLiteWindow, TFLiteActivation)
    /// A map, weights [1, height, width, output channels], and perhaps a bias.
    case depthwiseConvolution(TFLiteWindow, TFLiteActivation)
    /// The shape of the output, weights, a map, and perhaps a bias.
    case transposedConvolution(TFLiteWindow, TFLiteActivation)
    /// Values, weights [output channels, input channels], and perhaps a bias. The output is [rows, output channels], or has
    /// the sides of the input where it keeps them.
    case fullyConnected(TFLiteActivation, keepsSides: Bool)
    /// Two lists of matrices.
    case batchedProduct(transposesLeft: Bool, transposesRight: Bool)
    /// Two values, of which one may be broadcast.
    case arithmetic(TFLiteArithmetic, TFLiteActivation)
    case averagePool(height: Int, width: Int, TFLiteWindow, TFLiteActivation)
    case maxPool(height: Int, width: Int, TFLiteWindow, TFLiteActivation)
    /// A map and the axes that it is reduced along: `mean`, `sum`, `productOfSides`, `maximumOfSides` or `minimumOfSides`.
    case reduction(TFLiteCode, keepsSides: Bool)
    /// Along the last side.
    case softmax(beta: Float)
    case concatenation(axis: Int, TFLiteActivation)
    /// Values and their new shape, which is also given here; one side may be -1.
    case reshape([Int])
    case leakyRelu(slope: Float)
    /// A condition, and what the two graphs read of which it chooses one; they are told by their places in the file.
    case branch(then: Int, otherwise: Int)
    /// An operator of a name, and the place in the file of the graph that it stands for (StableHLO's composite).
    case composite(String, graph: Int)
    /// An operator without options that matter: `logistic`, `hardSwish`, `pad`, `quantize`, `dequantize`, …
    case plain(TFLiteCode)
    /// An operator that is not LiteRT's own, by its name.
    case custom(String)

    public var code: TFLiteCode {
        switch self {
        case .convolution: .convolution
        case .depthwiseConvolution: .depthwiseConvolution
        case .transposedConvolution: .transposedConvolution
        case .fullyConnected: .fullyConnected
        case .batchedProduct: .batchedProduct
        case .arithmetic(.add, _): .add
        case .arithmetic(.subtract, _): .subtract
        case .arithmetic(.multiply, _): .multiply
        case .arithmetic(.divide, _): .divide
        case .averagePool: .averagePool
        case .maxPool: .maxPool
        case .reduction(let code, _): code
        case .softmax: .softmax
        case .concatenation: .concatenation
        case .reshape: .reshape
        case .leakyRelu: .leakyRelu
        case .branch: .branch
        case .composite: .composite
        case .plain(let code): code
        case .custom: .custom
        }
    }

    /// LiteRT's name of it, "CONV_2D", or the name of a custom or a composite operator.
    public var name: String {
        switch self {
        case .custom(let name), .composite(let name, _): name
        default: code.description
        }
    }
}

public enum TFLiteArithmetic: Hashable, Sendable { case add, subtract, multiply, divide }

/// What an operator applies to its output before it writes it, with the number that LiteRT's schema gives it.
public enum TFLiteActivation: Int, Hashable, Sendable {
    case none = 0
    case relu = 1
    case reluN1To1 = 2
    case relu6 = 3
    case tanh = 4
    case signBit = 5
}

/// How a window moves over a map.
public struct TFLiteWindow: Hashable, Sendable {
    public enum Padding: Int, Hashable, Sendable {
        /// So many zeros around the map that the output has its sides divided by the stride, rounded up; the odd one is
        /// below and to the right.
        case same = 0
        /// None.
        case valid = 1
    }

    public var padding: Padding
    public var verticalStride: Int
    public var horizontalStride: Int
    public var verticalDilation: Int
    public var horizontalDilation: Int

    public init(
        padding: Padding, verticalStride: Int, horizontalStride: Int, verticalDilation: Int = 1, horizontalDilation: Int = 1
    ) {
        self.padding = padding
        self.verticalStride = verticalStride
        self.horizontalStride = horizontalStride
        self.verticalDilation = verticalDilation
        self.horizontalDilation = horizontalDilation
    }

    public init(padding: Padding, stride: Int = 1) {
        self.init(padding: padding, verticalStride: stride, horizontalStride: stride)
    }
}
