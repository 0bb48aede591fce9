/// What runs operators of a model instead of LiteRT's own reference kernels.
public enum TFLiteDelegate: String, Hashable, Sendable, CaseIterable {
    /// On the processor; LiteRT's default (its list of operators as of LiteRT 2).
    case xnnpack = "XNNPACK"
    /// On the graphics processor of Android and iOS (the delegate's table of operators).
    case gpu = "GPU"
    /// Android's interface to accelerators (the delegate's mapping to operations of Android 11).
    case nnapi = "NNAPI"

    /// The operators of a model that the delegate leaves to others, by LiteRT's names, with how many there are of each.
    public func left(of model: TFLiteModel) -> [(name: String, count: Int)] {
        var counts: [String: Int] = [:]
        for step in model.operators where !takes(step, in: model) { counts[step.operation.name, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
    }

    /// One sentence for people: "XNNPACK takes all 66 operators."
    public func report(of model: TFLiteModel) -> String {
        let left = left(of: model), count = model.operators.count, rest = left.reduce(0) { $0 + $1.count }
        let name = self == .gpu ? "the GPU delegate" : rawValue
        if left.isEmpty { return "\(name) takes all \(count) operators" }
        let names = left.map { $0.count == 1 ? $0.name : "\($0.count) \($0.name)" }.joined(separator: ", ")
        return "\(name) takes \(count - rest) of \(count) operators and leaves \(names)"
    }

    /// Whether the delegate runs an operator, by its published list and the conditions in it.
    func takes(_ step: TFLiteOperator, in model: TFLiteModel) -> Bool {
        let code = step.operation.code
        guard let first = step.inputs.first ?? nil, let written = step.outputs.first else { return false }
        let types = [model.tensors[first].type, model.tensors[written].type]
        let isInteger = types.contains(.int8) || types.contains(.uint8)
        switch self {
        case .xnnpack:
            guard (isInteger ? Self.xnnpackIntegers : Self.xnnpackFloats).contains(code) else { return false }
            switch step.operation {
            case .convolution, .depthwiseConvolution: return step.inputs.count == 3 && areStatic(step.inputs[1...], model)
            case .fullyConnected: return areStatic(step.inputs[1...], model)
            case .reduction: return axes(of: step, in: model) == [1, 2] && model.tensors[first].shape.count == 4
            case .softmax(let beta): return beta == 1
            case .arithmetic(.add, _) where isInteger:
                // The ratios of scales that its kernels can multiply by.
                guard let sum = model.tensors[written].quantization?.scales.first else { return false }
                return step.inputs.compactMap(\.self).allSatisfy { input in
                    model.tensors[input].quantization?.scales.first.map { (0x1p-10..<0x1p8).contains($0 / sum) } ?? false
                }
            case .plain(.pad): return areStatic(step.inputs[1...], model)
            default: return true
            }
        case .gpu:
            guard Self.gpuOperators.contains(code), !types.contains(where: { [.int32, .int64, .bool].contains($0) }) else {
                return false
            }
            if case .reduction = step.operation { return axes(of: step, in: model) == [1, 2] }
            return true
        case .nnapi:
            guard Self.nnapiOperators.contains(code) else { return false }
            // Android's fully connected operation has one scale for all of its weights.
            guard case .fullyConnected = step.operation, step.inputs.count > 1, let weights = step.inputs[1] else { return true }
            return model.tensors[weights].quantization?.isByChannel != true
        }
    }

    private func areStatic(_ inputs: ArraySlice<Int?>, _ model: TFLiteModel) -> Bool {
        inputs.allSatisfy { $0.map { model.tensors[$0].isConstant } ?? true }
    }

    private func axes(of step: TFLiteOperator, in model: TFLiteModel) -> Set<Int>? {
        guard step.inputs.count > 1, let input = step.inputs[1] else { return nil }
        return model.tensors[input].integers.map(Set.init)
    }

    private static let common: Set<TFLiteCode> = [
        .add, .averagePool, .concatenation, .convolution, .depthwiseConvolution, .fullyConnected, .logistic, .maxPool,
        .multiply, .relu, .relu6, .reshape, .resizeBilinear, .softmax, .tanh, .pad, .transpose, .mean, .subtract, .divide,
        .maximum, .minimum, .prelu, .slice, .transposedConvolution, .hardSwish, .quantize, .dequantize,
    ]
    private static let xnnpackFloats = common.union([
        .depthToSpace, .spaceToDepth, .reluN1To1, .exponential, .squareRoot, .reciprocalSquareRoot, .square,
        .squaredDifference, .absolute, .negate, .elu, .leakyRelu, .gelu, .split, .stridedSlice, .batchedProduct, .sum,
    ])
    /// No average pooling, softmax or hard swish on integers.
    private static let xnnpackIntegers: Set<TFLiteCode> = [
        .add, .concatenation, .convolution, .depthwiseConvolution, .depthToSpace, .dequantize, .elu, .fullyConnected,
        .leakyRelu, .logistic, .maxPool, .mean, .multiply, .pad, .quantize, .relu, .relu6, .reluN1To1, .reshape,
        .resizeBilinear, .slice, .split, .subtract, .tanh, .transpose, .transposedConvolution,
    ]
    private static let gpuOperators = common.union([
        .depthToSpace, .spaceToDepth, .exponential, .squareRoot, .reciprocalSquareRoot, .square, .squaredDifference,
        .absolute, .negate, .elu, .leakyRelu, .split, .stridedSlice, .batchedProduct, .sum, .cast, .resizeNearest,
    ])
    private static let nnapiOperators = common.union([
        .depthToSpace, .spaceToDepth, .spaceToBatch, .batchToSpace, .reluN1To1, .exponential, .squareRoot,
        .reciprocalSquareRoot, .absolute, .negate, .elu, .split, .stridedSlice, .squeeze, .cast, .gather, .expandSides,
        .power, .resizeNearest, .sum, .tile, .logSoftmax, .padValue,
    ])
}
