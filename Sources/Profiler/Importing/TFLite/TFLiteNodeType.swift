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

    /// What a delegate's kernel computes with; nil where its name does not tell, such as for a copy.
    ///
    /// The first type is that of the maps as they are multiplied: "QD8, F32, QC8W" are maps that are quantised as the
    /// model runs, with a result in float32. A P is for maps in the order in which KleidiAI's kernels want them.
    var dataType: TFLiteBenchmarkReport.DataType? {
        // TensorFlow Lite's own nodes have no types in their names; this one makes the integers that others compute with.
        if text == "QUANTIZE" { return .int8 }
        let end = kernel.utf8.firstIndex(of: UInt8(ascii: ")")) ?? kernel.utf8.endIndex
        let words = kernel[..<end].split(whereSeparator: { $0 == "," || $0 == " " || $0 == "_" })
        if words.contains("QC4W") || words.contains("QB4W") { return .weightsOf4Bits }
        for word in words {
            switch word {
            case "F32", "PF32", "F16", "PF16", "BF16", "PBF16":
                if words.contains("QC8W") { return .weightsOf8Bits }
                return word.hasSuffix("BF16") ? .bfloat16 : word.hasSuffix("F16") ? .float16 : .float32
            case "QC8", "QS8", "PQS8", "QU8", "PQU8", "QD8", "QDU8", "QP8", "S8", "U8": return .int8
            default: continue
            }
        }
        return nil
    }

    /// Whether it is an operator of TensorFlow itself, whose names have small letters.
    var isOfTensorFlow: Bool { ["Conv2D", "DepthwiseConv2dNative", "_FusedConv2D", "MatMul"].contains(text) }

    /// A delegate that runs nodes of the model and lists none of them.
    struct ForeignDelegate: Hashable {
        /// For people: "the NNAPI delegate".
        let name: String
        /// What a report should be of instead.
        let expected: String
    }

    /// The delegate that runs this node; nil for a node that is listed, and for XNNPACK's, whose kernels are listed
    /// too.
    var foreignDelegate: ForeignDelegate? {
        guard operators.isEmpty, activationParts.isEmpty, kernel.isEmpty else { return nil }
        let name = text.lowercased()
        if let known = Self.foreignDelegates.first(where: { name.contains($0.word) }) { return known.delegate }
        // Two steps of every delegate are none of the model's.
        guard name.contains("delegate"), !isXNNPACKDelegate, !name.contains("modifygraph"), !name.contains("delegateopinvoke")
        else { return nil }
        return ForeignDelegate(name: "a delegate that is not known here", expected: Self.onCPU)
    }

    private static let onCPU = "a run on the CPU, without this delegate"

    /// Delegates by a word of their names in small letters.
    private static let foreignDelegates: [(word: String, delegate: ForeignDelegate)] = [
        // A model that a compiler made for one processor runs nowhere else.
        ("edgetpu", .init(name: "the Edge TPU", expected: "the model as it was before edgetpu_compiler, run on the CPU")),
        ("dispatch", .init(name: "an NPU, by LiteRT's dispatch", expected: "the model as it was before its compilation, run on the CPU")),
        ("flex", .init(name: "TensorFlow's Flex delegate", expected: "a model without operators of TensorFlow itself")),
        ("gpudelegate", .init(name: "a GPU delegate", expected: onCPU)), ("metal", .init(name: "a GPU delegate", expected: onCPU)),
        ("litert_cl", .init(name: "LiteRT's OpenCL delegate for GPUs", expected: onCPU)),
        ("nnapi", .init(name: "the NNAPI delegate", expected: onCPU)),
        ("hexagon", .init(name: "a delegate of Qualcomm's processors", expected: onCPU)),
        ("qnn", .init(name: "a delegate of Qualcomm's processors", expected: onCPU)),
        ("coreml", .init(name: "the Core ML delegate", expected: onCPU)),
        ("armnn", .init(name: "the Arm NN delegate", expected: onCPU)),
        ("neuron", .init(name: "MediaTek's Neuron delegate", expected: onCPU)),
        ("vxdelegate", .init(name: "VeriSilicon's VX delegate", expected: onCPU)),
        ("ethos", .init(name: "an Arm Ethos delegate", expected: onCPU)),
    ]

    /// Whether XNNPACK runs a part of the model in the node.
    var isXNNPACKDelegate: Bool { text.lowercased().contains("xnnpack") }

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
