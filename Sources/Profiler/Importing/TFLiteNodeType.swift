import Architectures

/// The type of a node in TensorFlow Lite: one of its own ("CONV_2D"), or of its XNNPACK delegate ("Add (ND, F32)").
struct TFLiteNodeType: Hashable {
    /// A step of the arithmetic of activations that are not fused.
    enum ActivationPart {
        case clamp, logistic, hardSwish, sum, product
    }

    let text: String
    /// The kinds of operator that the node may be; a matrix product on a map of one pixel may be either of two.
    let operators: [Operator.Kind]
    /// The step of an activation that the node may be.
    let activationPart: ActivationPart?

    init(_ text: String) {
        self.text = text
        // Some kernels add details after a slash.
        let name = String(text.prefix { $0 != "/" })
        if let parenthesis = name.firstRange(of: " (") {
            (operators, activationPart) = Self.delegated(
                String(name[..<parenthesis.lowerBound]), kernel: name[parenthesis.upperBound...])
        } else {
            (operators, activationPart) = Self.own(name)
        }
    }

    /// Whether a delegate runs a part of the model in the node.
    var isDelegate: Bool { text.contains("Delegate") }

    private static func own(_ name: String) -> ([Operator.Kind], ActivationPart?) {
        switch name {
        case "CONV_2D": ([.convolution, .fullyConnected], nil)
        case "DEPTHWISE_CONV_2D": ([.depthwiseConvolution], nil)
        case "FULLY_CONNECTED": ([.fullyConnected], nil)
        case "AVERAGE_POOL_2D", "MEAN": ([.globalAveragePool], nil)
        case "ADD": ([.add], .sum)
        case "MUL": ([.multiply], .product)
        case "RELU", "RELU6", "RELU_0_TO_1", "MINIMUM", "MAXIMUM": ([], .clamp)
        case "LOGISTIC": ([], .logistic)
        case "HARD_SWISH": ([], .hardSwish)
        default: ([], nil)
        }
    }

    /// - Parameter kernel: the text after the name: "NHWC, F32) DWConv".
    private static func delegated(_ name: String, kernel: Substring) -> ([Operator.Kind], ActivationPart?) {
        switch name {
        case "Convolution" where kernel.hasSuffix("DWConv"): ([.depthwiseConvolution], nil)
        case "Convolution": ([.convolution, .fullyConnected], nil)
        case "Fully Connected": ([.fullyConnected], nil)
        case "Global Average Pooling", "Average Pooling", "Mean", "Sum": ([.globalAveragePool], nil)
        case "Add": ([.add], .sum)
        case "Multiply": ([.multiply], .product)
        case "Clamp": ([], .clamp)
        case "Sigmoid": ([], .logistic)
        case "HardSwish": ([], .hardSwish)
        default: ([], nil)
        }
    }

    /// The sequences of nodes that may compute an activation.
    static func parts(of activation: Activation) -> [ActivationPart] {
        switch activation {
        case .none: []
        case .relu: [.clamp]
        case .sigmoid: [.logistic]
        case .swish: [.logistic, .product]
        case .hardSwish: [.hardSwish, .sum, .clamp, .product]
        case .hardSigmoid: [.sum, .clamp, .product]
        }
    }
}
