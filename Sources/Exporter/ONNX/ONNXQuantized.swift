import Files
import Graphs

/// Operators of integers of eight bits (Jacob et al., 2018, arXiv:1712.05877): ONNX's own, and ONNX Runtime's.
extension ONNXGraphReader {
    /// Returns whether there is a rule.
    mutating func readQuantized(_ node: ONNXNode) throws(FileError) -> Bool {
        switch node.kind {
        case "QuantizeLinear", "com.microsoft.QuantizeLinear": try readQuantization(node)
        case "DequantizeLinear", "com.microsoft.DequantizeLinear":
            let input = try value(node, 0)
            let type = try value(node, 1).type
            if input.isConstant {
                // Weights stay weights, of as many bytes as they have in the file.
                let encoding = try encoding(of: node)
                let numbers = encoding.flatMap { encoding in
                    input.numbers?.map { Double(Float($0 - encoding.zero) * encoding.scale) }
                }
                var result = ONNXValue(constant: input.shape, type: type, numbers: numbers, blame: node.place)
                result.comes(from: input)
                if numbers == nil { result.storedType = result.storedType ?? input.type }
                try define(node, result)
            } else {
                try emit(node, .dequantization, inputs: [0], shape: input.shape, type: type)
            }
        case "DynamicQuantizeLinear":
            let input = try value(node, 0)
            if input.isConstant {
                try define(node, quantized: input)
            } else {
                try emit(node, .quantization(isDynamic: true), inputs: [0], shape: input.shape, type: .int8)
                try emit(node, .scale, inputs: [0], shape: [], type: .float32, output: 1)
                try emit(node, .scale, inputs: [0], shape: [], type: .int8, output: 2)
            }

        case "QLinearConv": try readConvolution(node, weights: 3, bias: 8, type: .int8)
        case "com.microsoft.QLinearConv":
            if node.proto.int("channels_last", default: 0) != 0 {
                try readChannelsLastConvolution(node, isQuantized: true)
            } else {
                try readConvolution(node, weights: 3, bias: 8, type: .int8)
            }
        case "ConvInteger": try readConvolution(node, weights: 1, bias: nil, type: .int32)
        case "QLinearMatMul": try readMatMul(node, right: 3, type: .int8)
        case "MatMulInteger": try readMatMul(node, right: 1, type: .int32)
        case "com.microsoft.MatMulIntegerToFloat": try readMatMul(node, right: 1, bias: 6, type: .float32)
        case "com.microsoft.DynamicQuantizeMatMul":
            let input = try value(node, 0)
            let quantized = try emit(
                node, .quantization(isDynamic: true), reading: [index(node, 0)], shape: input.shape, type: .int8)
            try readMatMul(node, right: 1, bias: 4, type: .float32, quantized: quantized)
        case "com.microsoft.QGemm": try readGemm(node, right: 3, bias: 6, type: .int8)
        case "com.microsoft.QLinearAdd": try readQuantizedPair(node, .add)
        case "com.microsoft.QLinearMul": try readQuantizedPair(node, .multiply)
        case "com.microsoft.QLinearGlobalAveragePool": try readGlobalPool(node, type: .int8)
        case "com.microsoft.QLinearAveragePool" where node.proto.int("channels_last", default: 0) != 0:
            try readChannelsLastPool(node, isMean: true)
        case "com.microsoft.QLinearAveragePool": try readPool(node, type: .int8)
        case "com.microsoft.QLinearReduceMean":
            guard node.proto.ints("axes") != nil else { throw node.problem("expected axes, found none") }
            try readReduction(node)
        case "com.microsoft.QLinearSigmoid": try readUnary(node, .activation(.sigmoid))
        case "com.microsoft.QLinearLeakyRelu": try readUnary(node, .function(.other))
        case "com.microsoft.QLinearSoftmax": try readSoftmax(node, type: .int8)
        case "com.microsoft.QLinearConcat":
            // The scale and the zero of the output, then a value, a scale and a zero for each part.
            let places = Array(stride(from: 2, to: node.proto.input.count, by: 3))
            var parts: [ONNXValue] = []
            for place in places { parts.append(try value(node, place)) }
            guard let first = parts.first else { throw node.problem("expected at least one part, found none") }
            try concatenate(node, parts, places: places, like: first)
        default: return false
        }
        return true
    }

    private mutating func readQuantization(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), scale = try value(node, 1)
        let zero = try optionalValue(node, 2)
        // Of opset 21 and later, where there is no zero.
        let wanted = Int32(truncatingIfNeeded: node.proto.int("output_dtype", default: 0))
        let type = zero?.type ?? (wanted == 0 ? .int8 : ONNXDataType.element(wanted))
        if input.isConstant {
            // Exporters quantise even the arithmetic of shapes, which has to come out as the runtime computes it.
            let isUnsigned = zero?.isUnsigned ?? (wanted == 0 || ONNXDataType.isUnsigned(wanted))
            let count = Double(1 << min(type.bits, 32))
            let range = isUnsigned ? 0...(count - 1) : (-count / 2)...(count / 2 - 1)
            let numbers = try encoding(of: node).flatMap { encoding in
                input.numbers?.map { number in
                    let integer = (Float(number) / encoding.scale).rounded(.toNearestOrEven)
                    return min(max(Double(integer) + encoding.zero, range.lowerBound), range.upperBound)
                }
            }
            var result = ONNXValue(
                constant: input.shape, type: type, numbers: type.isNarrowInteger || type == .int16 ? numbers : nil,
                blame: node.place)
            result.isUnsigned = isUnsigned
            result.weights = input.weights
            return try define(node, result)
        }
        try emit(node, .quantization(isDynamic: !scale.isConstant), inputs: [0], shape: input.shape, type: type)
    }

    /// Weights that a runtime quantises once, before the first image: ONNX Runtime's dynamic quantisation leaves those as nodes
    /// which are no initializers.
    private mutating func define(_ node: ONNXNode, quantized weights: ONNXValue) throws(FileError) {
        var result = ONNXValue(constant: weights.shape, type: .int8, numbers: nil, blame: node.place)
        result.isUnsigned = true
        result.weights = weights.weights
        try define(node, result)
        for (output, type) in [(1, ElementType.float32), (2, ElementType.int8)] where output < node.proto.output.count {
            try define(node, ONNXValue(constant: [], type: type, numbers: nil, blame: node.place), output: output)
        }
    }

    /// The one scale and zero of all values; nil where they are computed, or differ by channel.
    private func encoding(of node: ONNXNode) throws(FileError) -> (scale: Float, zero: Double)? {
        guard let scale = try value(node, 1).number, scale > 0 else { return nil }
        guard let zero = try optionalValue(node, 2) else { return (Float(scale), 0) }
        return zero.number.map { (Float(scale), $0) }
    }

    /// Two maps, each with its scale and its zero.
    private mutating func readQuantizedPair(_ node: ONNXNode, _ operation: GraphOperation.Binary) throws(FileError) {
        let first = try value(node, 0), second = try value(node, 3)
        guard let shape = Self.broadcast(first.shape, second.shape) else {
            throw node.problem("\(first.shape) and \(second.shape) do not fit each other")
        }
        try emit(node, .binary(operation), inputs: [0, 3], shape: shape, type: .int8)
    }
}
