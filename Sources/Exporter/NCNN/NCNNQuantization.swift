import Architectures

/// Layers whose weights ncnn stores as integers, as ncnn2int8 and its like write them.
extension NCNNLayer {
    /// What the parameter "int8_scale_term", or "quantize_term", says; 0 for a layer of floating-point numbers.
    private var quantization: Int {
        switch type {
        case "Convolution", "ConvolutionDepthWise", "DepthWiseConvolution", "InnerProduct", "LSTM", "GRU", "RNN":
            self[8, or: 0]
        case "Gemm", "MultiHeadAttention": isOlderInteger ? 1 : self[18, or: 0]
        default: 0
        }
    }

    /// The data type of what the layer writes, where the file says it: from 101 on, integers for the next layer.
    var typeOfMaps: ValueType? { (101..<400).contains(quantization) ? .int8 : nil }

    /// A step of the layer, in the data type that the layer's weights say.
    func typed(_ step: Operator) -> Operator {
        guard step.macs > 0 else { return step }
        var step = step
        switch quantization {
        case 1..<400: step.valueType = .int8
        // Blocks of weights of so many hundredths of it in bits, which are widened before they are used.
        case 400..<900: step.weightBits = quantization / 100
        default: break
        }
        return step
    }
}
