import Architectures

/// The type of a node in TensorFlow Lite: one of its own ("CONV_2D"), or of its XNNPACK delegate ("Add (ND, F32)").
struct TFLiteNodeType: Hashable {
    /// A step of the arithmetic of activations that are not fused.
    enum ActivationPart: CaseIterable {
        case clamp, logistic, hardSwish, sum, product
    }

    let text: String
    /// The kinds of operator that the node may be; a matrix product on a map of one pixel may be either of two.
    let operators: [Operator.Kind]
    /// The steps of an activation that the node may be.
    let activationParts: [ActivationPart]

    init(_ text: String) {
        self.text = text
        // Some kernels add details after a slash.
        let name = text.utf8.prefix { $0 != UInt8(ascii: "/") }
        if let parenthesis = name.firstIndex(of: UInt8(ascii: "(")), name.startIndex < parenthesis {
            kernel = String(Substring(name[name.index(after: parenthesis)...]))
            let words = Substring(name[..<parenthesis]).trimmingSpaces
            let (kinds, part) = Self.delegated(words, kernel: kernel)
            operators = kinds
            // Since 2024 all functions of one value, or of two, have one name each.
            switch words {
            case "Unary Elementwise": activationParts = [.clamp, .logistic, .hardSwish]
            case "Binary Elementwise": activationParts = [.sum, .product, .clamp]
            default: activationParts = part.map { [$0] } ?? []
            }
        } else {
            kernel = ""
            let (kinds, part) = Self.own(String(Substring(name)))
            operators = kinds
            activationParts = part.map { [$0] } ?? []
        }
    }

    /// The text after the name of a delegate's kernel: "NHWC, F32) DWConv".
    private let kernel: String

    /// The data type of a delegate's kernel; nil where its name tells none, such as for a copy.
    var dataType: ValueType? {
        let end = kernel.utf8.firstIndex(of: UInt8(ascii: ")")) ?? kernel.utf8.endIndex
        for word in kernel[..<end].split(whereSeparator: { $0 == "," || $0 == " " }) {
            switch word {
            case "F32": return .float32
            case "F16": return .float16
            case "QC8", "QS8", "QU8", "QD8", "QDU8", "QS8_QC8W", "QDU8_F32_QC8W", "S8", "U8": return .int8
            default: continue
            }
        }
        return nil
    }

    /// A delegate that runs nodes elsewhere than on the CPU, for people; nil for every other node.
    var foreignDelegate: String? {
        if text.contains("GpuDelegate") { return "a GPU delegate" }
        if text.contains("NnApi") || text.contains("Nnapi") { return "the NNAPI delegate" }
        if text.contains("Hexagon") || text.contains("Qnn") { return "a delegate of Qualcomm's processors" }
        if text.contains("CoreMl") { return "the Core ML delegate" }
        return text.contains("Metal") ? "a GPU delegate" : nil
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
    private static func delegated(_ name: String, kernel: String) -> ([Operator.Kind], ActivationPart?) {
        switch name {
        case "Convolution" where kernel.hasSuffix("DWConv"): ([.depthwiseConvolution], nil)
        case "Convolution": ([.convolution, .fullyConnected], nil)
        case "Fully Connected": ([.fullyConnected], nil)
        case "Global Average Pooling", "Average Pooling", "Mean", "Sum": ([.globalAveragePool], nil)
        case "Add": ([.add], .sum)
        case "Multiply": ([.multiply], .product)
        case "Binary Elementwise": ([.add, .multiply], nil)
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
        case .relu, .relu6: [.clamp]
        case .sigmoid: [.logistic]
        case .swish: [.logistic, .product]
        case .hardSwish: [.hardSwish, .sum, .clamp, .product]
        case .hardSigmoid: [.sum, .clamp, .product]
        }
    }
}

extension Substring {
    /// The text without spaces at its end.
    fileprivate var trimmingSpaces: String {
        var end = utf8.endIndex
        while end > utf8.startIndex, utf8[utf8.index(before: end)] == UInt8(ascii: " ") { end = utf8.index(before: end) }
        return String(Substring(utf8[..<end]))
    }
}
