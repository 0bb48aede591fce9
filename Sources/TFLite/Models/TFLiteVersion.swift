extension TFLiteModel {
    /// The version of an operator that LiteRT's converter writes for the types of its tensors: the oldest that reads them
    /// (LiteRT's table of operator versions).
    package func version(of step: TFLiteOperator) -> Int {
        func type(_ place: Int) -> TFLiteType? {
            place < step.inputs.count ? step.inputs[place].map { tensors[$0].type } : nil
        }
        func sides(_ place: Int) -> Int {
            place < step.inputs.count ? step.inputs[place].map { tensors[$0].shape.count } ?? 0 : 0
        }
        let input = type(0), output = step.outputs.first.map { tensors[$0].type }
        let isInt8 = input == .int8, isInt16 = input == .int16
        /// Whether weights of integers are multiplied by floating-point maps.
        let isHybrid = input == .float32 && type(1) == .int8
        let isByChannel = [0, 1].contains { place in
            place < step.inputs.count && step.inputs[place].flatMap { tensors[$0].quantization?.isByChannel } ?? false
        }
        /// By the type of the first input alone.
        func simple(int8: Int = 2, int16: Int = 3) -> Int { isInt16 ? int16 : isInt8 ? int8 : 1 }

        switch step.operation {
        case .convolution:
            if isGrouped(step) { return 6 }
            if isHybrid { return isByChannel ? 5 : 2 }
            return type(1) == .int4 ? 7 : isInt16 ? 4 : isInt8 ? 3 : 1
        case .depthwiseConvolution(let window, _):
            if isHybrid { return isByChannel ? 6 : 4 }
            if type(1) == .int4 { return 7 }
            if isInt16 || isInt8 { return isInt16 ? 5 : 3 }
            return window.verticalDilation != 1 || window.horizontalDilation != 1 ? 2 : 1
        case .transposedConvolution(_, let activation):
            if activation != .none { return 4 }
            return step.inputs.count == 4 && step.inputs[3] != nil ? 3 : type(1) == .int8 ? 2 : 1
        case .fullyConnected(_, let keepsSides):
            if isHybrid, isByChannel { return 12 }
            if isInt16, type(1) == .int16 { return 7 }
            if step.inputs.count == 2 { return 6 }
            if keepsSides { return 5 }
            return isHybrid ? 3 : isInt8 ? type(1) == .int4 ? 10 : 4 : 1
        case .batchedProduct: return simple()
        case .arithmetic(.add, _): return input == .int64 ? 4 : simple(int16: 3)
        case .arithmetic(.subtract, _): return input == .int64 ? 4 : simple(int16: 5)
        case .arithmetic(.multiply, _):
            if input == .int64 { return 5 }
            return scaleOfProduct(step).map { $0 >= 1 } == true && !isInt16 ? 3 : simple(int16: 4)
        case .arithmetic(.divide, _): return sides(0) > 4 ? 2 : 1
        case .averagePool, .maxPool, .softmax, .concatenation: return simple()
        case .reduction(let code, _): return code == .sum || code == .productOfSides ? 1 : simple()
        case .reshape: return 1
        case .leakyRelu: return isInt16 ? 2 : 1
        case .plain(let code):
            switch code {
            case .logistic, .tanh, .relu6, .mirrorPad, .reciprocalSquareRoot: return simple()
            case .relu: return input == .uint8 ? 2 : simple()
            case .pad, .padValue: return sides(0) > 4 ? 4 : simple()
            case .dequantize:
                if input == .float16 { return 3 }
                return isInt8 && isByChannel ? 5 : simple()
            case .quantize: return isByChannel ? 3 : output == .int16 ? 2 : 1
            default: return 1
            }
        case .branch, .composite, .custom: return 1
        }
    }

    private func isGrouped(_ step: TFLiteOperator) -> Bool {
        guard step.inputs.count >= 2, let map = step.inputs[0], let weights = step.inputs[1] else { return false }
        return tensors[map].shape.last != tensors[weights].shape.last
    }

    /// By how much a product of integers is scaled; nil for other types.
    private func scaleOfProduct(_ step: TFLiteOperator) -> Float? {
        let all = (step.inputs.compactMap(\.self) + step.outputs).map { tensors[$0].quantization?.scales.first }
        guard all.count == 3, let left = all[0], let right = all[1], let output = all[2], output != 0 else { return nil }
        return left * right / output
    }
}
