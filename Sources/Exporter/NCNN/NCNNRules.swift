import Architectures

/// What a layer of ncnn's does.
struct NCNNWork {
    /// What a runtime launches; none for a layer that only gives values another shape.
    var steps: [Operator] = []
    /// The shapes of what it writes, in the order of its outputs.
    var outputs: [NCNNShape]

    init(steps: [Operator] = [], outputs: [NCNNShape]) {
        self.steps = steps
        self.outputs = outputs
    }

    /// Work with one result.
    init(_ step: Operator, _ output: NCNNShape) {
        steps = [step]
        outputs = [output]
    }
}

/// The rules of the layers by their types. The meanings of the parameters are those of ncnn's documentation
/// (docs/developer-guide/operators.md), and of its sources where that is silent.
extension NCNNLayer {
    /// From the shapes of the blobs that a layer reads to what it does; nil where that hangs on values that only a run
    /// has.
    typealias Rule = (_ read: [NCNNShape]) throws -> NCNNWork?

    /// Whether the layer cuts regions out of its first input: those of its second one, which a run finds.
    var isRegional: Bool { ["ROIPooling", "ROIAlign", "PSROIPooling"].contains(type) }

    /// Whether the layer computes the rows of its input one after another.
    var isRecurrent: Bool { ["LSTM", "GRU", "RNN"].contains(type) }

    /// How many of the blobs that the layer reads, the first ones, must have a shape for its rule.
    var decidingCount: Int { min(inputs.count, isRegional ? 1 : isCached ? 3 : inputs.count) }

    /// Whether the layer only passes on what it reads, of any shape.
    var isAlias: Bool { ["Split", "Noop", "Dropout"].contains(type) }

    /// What the layer does with blobs of these shapes; nil where it has no rule, or the rule needs values of a run.
    ///
    /// - Throws: `FileError` where the parameters contradict each other or the shapes.
    func work(reading shapes: [NCNNShape]) throws -> NCNNWork? {
        guard let rule else { return nil }
        if shapes.isEmpty, type != "MemoryData" { throw problem("reads nothing; expected an input") }
        return try rule(shapes)
    }

    /// nil for a type that is not known.
    var rule: Rule? { windowRule ?? productRule ?? viewRule ?? valueRule }

    private var windowRule: Rule? {
        switch type {
        case "Convolution", "ConvolutionDepthWise", "DepthWiseConvolution", "Convolution1D", "ConvolutionDepthWise1D",
            "Convolution3D", "ConvolutionDepthWise3D":
            return convolution
        case "Deconvolution", "DeconvolutionDepthWise", "Deconvolution1D", "DeconvolutionDepthWise1D", "Deconvolution3D",
            "DeconvolutionDepthWise3D":
            return transposedConvolution
        case "DeformableConv2D": return deformableConvolution
        case "Pooling", "Pooling1D", "Pooling3D": return pooling
        case "Unfold": return unfold
        case "Fold": return fold
        case _ where isRegional: return region
        default: return nil
        }
    }

    private var productRule: Rule? {
        switch type {
        case "InnerProduct": return innerProduct
        case "Gemm": return matrixProduct
        case "MatMul": return batchedProduct
        case "Einsum": return einsteinSum
        case "MultiHeadAttention": return multiHeadAttention
        case "SDPA": return attention
        case _ where isRecurrent: return recurrence
        default: return nil
        }
    }

    private var viewRule: Rule? {
        switch type {
        case "Reshape": return reshape
        case "Flatten": return { read in NCNNWork(outputs: [try self.shape([read[0].count])]) }
        case "Squeeze": return squeeze
        case "ExpandDims": return expandDimensions
        case "Permute": return permute
        case "Concat": return concatenation
        case "Slice": return slice
        case "Crop": return crop
        case "Padding": return padding
        case "Tile": return tile
        case "Interp": return interpolation
        case "PixelShuffle": return pixelShuffle
        case "Reorg", "YoloV5Focus": return reorganisation
        case "GridSample": return gridSample
        // RIFE's own layer moves the pixels of an image by a flow, the other input.
        case "rife.Warp": return { read in NCNNWork(.resize(input: read[0].map, output: read[0].map), read[0]) }
        case "ShuffleChannel", "Packing", "Flip", "CopyTo", "LRN", "CumulativeSum", "DeepCopy":
            return { read in NCNNWork(.memoryMove(input: read[0].map, output: read[0].map), read[0]) }
        default: return nil
        }
    }

    private var valueRule: Rule? {
        switch type {
        case "ReLU", "Clip": return activation(.relu)
        case "PReLU": return leak
        case "Swish": return activation(.swish)
        case "Sigmoid", "TanH": return activation(.sigmoid)
        case "HardSwish": return activation(.hardSwish)
        case "HardSigmoid": return activation(.hardSigmoid)
        case "Mish", "GELU", "ELU", "SELU", "CELU", "Softplus", "BNLL", "Erf", "Exp", "Log", "Power", "UnaryOp", "AbsVal",
            "Threshold", "Shrink":
            return { read in NCNNWork(.function(read[0].map), read[0]) }
        case "Cast", "Quantize", "Dequantize", "Requantize":
            return { read in NCNNWork(.convert(read[0].map), read[0]) }
        case "BatchNorm": return { read in NCNNWork(.normalize(read[0].planes), read[0]) }
        case "Scale": return scale
        case "Bias": return offsets
        case "BinaryOp": return binary
        case "Eltwise": return elementwise
        case "GLU": return gate
        // Every value by a cosine and a sine.
        case "RotaryEmbed":
            return { read in NCNNWork(.elementwise(read[0].map, otherCount: max(1, read.dropFirst().map(\.count).reduce(0, +))), read[0]) }
        case "Softmax": return softmax
        case "LayerNorm", "RMSNorm": return rowNormalization
        case "GroupNorm", "InstanceNorm", "MVN", "Normalize": return planeNormalization
        case "Reduction": return reduction
        case "StatisticsPooling": return statistics
        case "Embed": return embedding
        case "PriorBox": return priorBoxes
        case "MemoryData":
            return { _ in
                guard let stored = try self.givenShape else { throw self.problem("gives no sides; expected 0=width") }
                return NCNNWork(outputs: [stored])
            }
        default: return nil
        }
    }

    /// The shape that the parameters of an input or of stored values give; nil where they give none.
    var givenShape: NCNNShape? {
        get throws {
            // Files of caffe2ncnn have -233 for a side that the blob does not have.
            let sides = [2, 11, 1, 0].map { self[$0, or: 0] == -233 ? 0 : self[$0, or: 0] }
            guard let outermost = sides.firstIndex(where: { $0 != 0 }) else { return nil }
            var given = Array(sides[outermost...])
            // A map is [c, h, w], without a depth.
            if outermost == 0, given[1] == 0 { given.remove(at: 1) }
            return try shape(given)
        }
    }
}
