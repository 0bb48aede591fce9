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
                var result = ONNXValue(constant: input.shape, type: input.type, numbers: nil, blame: node.place)
                result.origin = input.origin
                try define(node, result)
            } else {
                try emit(node, .dequantization, inputs: [0], shape: input.shape, type: type)
            }
        case "DynamicQuantizeLinear":
            let input = try value(node, 0)
            try emit(node, .quantization(isDynamic: true), inputs: [0], shape: input.shape, type: .int8)
            try emit(node, .scale, inputs: [0], shape: [], type: .float32, output: 1)
            try emit(node, .scale, inputs: [0], shape: [], type: .int8, output: 2)

        case "QLinearConv": try readConvolution(node, weights: 3, bias: 8, type: .int8)
        case "ConvInteger": try readConvolution(node, weights: 1, bias: nil, type: .int32)
        case "QLinearMatMul": try readMatMul(node, right: 3, type: .int8)
        case "MatMulInteger": try readMatMul(node, right: 1, type: .int32)
        case "com.microsoft.MatMulIntegerToFloat": try readMatMul(node, right: 1, bias: 6, type: .float32)
        case "com.microsoft.DynamicQuantizeMatMul":
            let input = try value(node, 0)
            let quantized = try emit(
                node, .quantization(isDynamic: true), reading: [index(node, 0)], shape: input.shape, type: .int8)
            try readMatMul(node, right: 1, type: .float32, quantized: quantized)
        case "com.microsoft.QGemm": try readGemm(node, right: 3, bias: 6, type: .int8)
        case "com.microsoft.QLinearAdd": try readQuantizedPair(node, .add)
        case "com.microsoft.QLinearMul": try readQuantizedPair(node, .multiply)
        case "com.microsoft.QLinearGlobalAveragePool": try readGlobalPool(node, type: .int8)
        case "com.microsoft.QLinearAveragePool": try readPool(node, type: .int8)
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
        let type = try optionalValue(node, 2)?.type ?? .int8
        if input.isConstant {
            return try define(node, constant: input.shape, type: type, numbers: nil, from: [])
        }
        try emit(node, .quantization(isDynamic: !scale.isConstant), inputs: [0], shape: input.shape, type: type)
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
