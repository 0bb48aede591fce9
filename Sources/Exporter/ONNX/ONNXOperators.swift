import Architectures
import Files
import Graphs

/// Which rule reads each ONNX operator (github.com/onnx/onnx, docs/Operators.md), those of ONNX Runtime included.
extension ONNXGraphReader {
    mutating func read(_ node: ONNXNode) throws(FileError) {
        switch node.kind {
        case "Constant": try readConstant(node)
        case "Identity" where isList(node), "Optional" where isList(node), "OptionalGetElement" where isList(node):
            try readSequence(node)
        // A dictionary of classes and their chances holds the same numbers.
        case "Identity", "Dropout", "Optional", "OptionalGetElement", "ai.onnx.ml.ZipMap": try view(node, shape: value(node, 0).shape)
        case "Conv", "com.microsoft.FusedConv": try readConvolution(node, weights: 1, bias: 2)
        case "ConvTranspose": try readTransposedConvolution(node)
        case "Gemm", "com.microsoft.FusedGemm": try readGemm(node, right: 1, bias: 2)
        case "MatMul", "com.microsoft.FusedMatMul", "com.microsoft.TransposeMatMul": try readMatMul(node, right: 1)
        case "Einsum": try readEinsum(node)
        case "Attention", "com.microsoft.MultiHeadAttention", "com.microsoft.GroupQueryAttention": try readAttention(node)
        case "com.microsoft.Attention", "com.microsoft.QAttention": try readProjectedAttention(node)
        case "com.microsoft.MatMulNBits", "com.microsoft.MatMulBnb4": try readPackedMatMul(node)
        case "com.microsoft.EmbedLayerNormalization", "com.microsoft.QEmbedLayerNormalization": try readNormalizedEmbedding(node)
        case "com.microsoft.MoE": try readExperts(node)
        case "com.microsoft.GatherBlockQuantized": try readPackedGather(node)
        case "com.microsoft.NhwcConv", "com.microsoft.NhwcFusedConv": try readChannelsLastConvolution(node)
        case "com.microsoft.NhwcMaxPool": try readChannelsLastPool(node, isMean: false)
        case "DeformConv": try readDeformableConvolution(node)
        case "LSTM", "com.microsoft.DynamicQuantizeLSTM": try readRecurrence(node, gates: 4)
        case "GRU": try readRecurrence(node, gates: 3)
        case "RNN": try readRecurrence(node, gates: 1)
        case "RotaryEmbedding", "com.microsoft.RotaryEmbedding":
            // Every value by a cosine and a sine.
            try emit(node, .binary(.multiply), inputs: [0], shape: value(node, 0).shape)

        case "BatchNormalization": try readBatchNormalization(node)
        case "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
            "com.microsoft.SimplifiedLayerNormalization", "InstanceNormalization", "GroupNormalization",
            "LpNormalization", "MeanVarianceNormalization", "LRN", "com.microsoft.SkipLayerNormalization",
            "com.microsoft.SkipSimplifiedLayerNormalization", "com.microsoft.GroupNorm", "com.microsoft.SkipGroupNorm":
            try readNormalization(node)
        case "Softmax", "LogSoftmax", "Hardmax": try readSoftmax(node)

        case "MaxPool", "AveragePool", "LpPool": try readPool(node)
        case "MaxUnpool": try readUnpool(node)
        case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool": try readGlobalPool(node)
        case "Resize", "Upsample": try readResize(node)
        case "GridSample", "com.microsoft.GridSample": try readGridSample(node)
        case "RoiAlign", "MaxRoiPool": try readRegions(node)
        case "AffineGrid": try readAffineGrid(node)
        case "Col2Im": try readWindowSum(node)
        case "DepthToSpace", "SpaceToDepth": try readDepthToSpace(node)

        case "Concat": try readConcatenation(node)
        case "Flatten", "Reshape", "Squeeze", "Unsqueeze": try readView(node)
        case "Transpose": try readTranspose(node)
        case "Slice": try readSlice(node)
        case "Split": try readSplit(node)
        case "Gather": try readGather(node)
        case "GatherElements", "GatherND", "ScatterND", "ScatterElements", "Scatter", "TensorScatter": try readScatter(node)
        case "Expand": try readExpansion(node)
        case "Tile": try readTile(node)
        case "Pad": try readPad(node)
        case "CenterCropPad": try readMiddle(node)
        case "OneHot": try readOneHot(node)
        case "ai.onnx.ml.ArrayFeatureExtractor":
            let shape = try value(node, 0).shape
            guard !shape.isEmpty else { throw node.problem("expected a list, found a number") }
            try emit(node, .move, inputs: [1], shape: Array(shape.dropLast()) + [value(node, 1).count])
        case "ai.onnx.ml.LabelEncoder": try emit(node, .move, inputs: [0], shape: value(node, 0).shape)
        case "Cast", "CastLike": try readCast(node)
        case "Trilu", "com.microsoft.Trilu", "CumSum", "ReverseSequence": try readCopy(node)

        case "SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase", "SequenceAt", "SequenceLength",
            "SplitToSequence", "ConcatFromSequence", "SequenceMap":
            try readSequence(node)
        case "RandomNormal", "RandomUniform":
            guard let shape = node.proto.ints("shape") else { throw node.problem("expected a shape, found none") }
            try emit(node, .function(.other), inputs: [], shape: shape)
        case "RandomNormalLike", "RandomUniformLike", "Bernoulli":
            try emit(node, .function(.other), inputs: [0], shape: value(node, 0).shape)

        case "Shape": try readShape(node)
        case "Size": try define(node, ONNXValue(integers: [value(node, 0).count], shape: []))
        case "ConstantOfShape": try readConstantOfShape(node)
        case "Range": try readRange(node)
        case "NonZero": try readNonZero(node)
        case "Compress": try readCompress(node)
        case "Unique": try readUnique(node)
        case "NonMaxSuppression": try readSuppression(node)
        // A plugin of TensorRT, to which exporters give domains of their own.
        case _ where node.proto.opType == "EfficientNMS_TRT": try readPaddedSuppression(node)
        case "DFT": try readFourierTransform(node)
        case "STFT": try readShortTimeTransform(node)
        case "HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix": try readWindow(node)
        case "EyeLike":
            let like = try value(node, 0)
            try define(node, constant: like.shape, type: .float32, numbers: nil, from: [])
        case "Where": try readWhere(node)

        case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
            "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "ArgMax", "ArgMin":
            try readReduction(node)
        case "TopK": try readTopK(node)
        case "Det":
            let shape = try value(node, 0).shape
            guard shape.count >= 2 else { throw node.problem("expected matrices, found \(shape)") }
            try emit(node, .reduction(.other), inputs: [0], shape: Array(shape.dropLast(2)))

        case "Add", "Sub", "Mul", "Div", "Pow", "Mod", "PRelu", "Equal", "Less", "Greater", "LessOrEqual",
            "GreaterOrEqual", "And", "Or", "Xor", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor":
            try readBinary(node)
        case "Max", "Min", "Sum", "Mean": try readVariadic(node)
        case "Clip": try readClip(node)
        case "com.microsoft.BiasGelu", "com.microsoft.FastGelu": try readBiasedGelu(node)
        case "com.microsoft.BiasAdd", "com.microsoft.BiasSoftmax", "com.microsoft.BiasSplitGelu": try readBiased(node)
        default:
            if let activation = Self.activations[node.kind] {
                try readUnary(node, .activation(activation))
            } else if let function = Self.functionsOfOneValue[node.kind] {
                try readUnary(node, .function(function))
            } else if try !readQuantized(node), try !readBlocked(node) {
                try emitUnknown(node)
            }
        }
    }

    static let activations: [String: Activation] = [
        "Relu": .relu, "Sigmoid": .sigmoid, "HardSigmoid": .hardSigmoid, "HardSwish": .hardSwish, "Swish": .swish,
        "com.microsoft.QuickGelu": .swish,
    ]
    private static let functionsOfOneValue: [String: GraphOperation.Function] = [
        "Erf": .erf, "Sqrt": .squareRoot, "Reciprocal": .reciprocal, "Gelu": .gelu, "com.microsoft.Gelu": .gelu,
    ].merging(
        [
            "LeakyRelu", "Elu", "Selu", "Celu", "Tanh", "Exp", "Log", "Softplus", "Softsign", "Neg", "Abs", "Mish",
            "ThresholdedRelu", "Ceil", "Floor", "Round", "Sign", "Not", "Sin", "Cos", "Tan", "Atan", "IsNaN", "IsInf",
            "Shrink", "BitwiseNot", "Sinh", "Cosh", "Asin", "Acos", "Asinh", "Acosh", "Atanh", "ImageScaler", "ai.onnx.ml.Scaler",
        ].map { ($0, .other) }) { first, _ in first }

    /// A value of the node's attribute.
    private mutating func readConstant(_ node: ONNXNode) throws(FileError) {
        guard let name = node.proto.output.first else { return }
        if let attribute = node.proto.attribute("value") {
            try add(attribute.t, named: name, place: node.place)
        } else if let attribute = node.proto.attribute("sparse_value") {
            try add(attribute.sparseTensor, named: name, place: node.place)
        } else if let attribute = node.proto.attribute("value_int") {
            try define(node, ONNXValue(integers: [Int(attribute.i)], shape: []))
        } else if let integers = node.proto.ints("value_ints") {
            try define(node, ONNXValue(integers: integers))
        } else if let attribute = node.proto.attribute("value_float") {
            try define(node, ONNXValue(constant: [], type: .float32, numbers: [Double(attribute.f)]))
        } else if let attribute = node.proto.attribute("value_floats") {
            try define(
                node,
                ONNXValue(constant: [attribute.floats.count], type: .float32, numbers: attribute.floats.map(Double.init)))
        } else {
            throw node.problem("expected a value that is a tensor, an integer or a number")
        }
    }

    /// The same values under another name and perhaps another shape.
    mutating func view(_ node: ONNXNode, shape: [Int]) throws(FileError) {
        let input = try value(node, 0)
        guard shape.reduce(1, *) == input.count else {
            throw node.problem("makes \(shape.reduce(1, *)) values of \(input.count)")
        }
        if input.isConstant {
            var result = ONNXValue(constant: shape, type: input.type, numbers: input.numbers, blame: input.blame)
            result.trueCount = input.trueCount
            result.comes(from: input)
            try define(node, result)
        } else {
            try emit(node, .view, inputs: [0], shape: shape)
        }
        // The mask of a dropout, which nothing reads where a network runs.
        if node.kind == "Dropout", node.proto.output.count > 1 {
            try define(node, ONNXValue(constant: shape, type: .bool, numbers: nil, blame: node.place), output: 1)
        }
    }
}
