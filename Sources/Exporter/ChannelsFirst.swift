import Architectures

/// Converts weights to the layout of ONNX and PyTorch, [output channels, input channels, k, k]; this program stores
/// channels last.
extension WeightTensor {
    /// The shape of the tensor, channels first; a matrix becomes a 1x1 convolution.
    var channelsFirstShape: [Int] {
        switch layout {
        case .convolution: [shape[3], shape[2], shape[0], shape[1]]
        case .matrix: [shape[1], shape[0], 1, 1]
        case .depthwise: [shape[2], 1, shape[0], shape[1]]
        case .vector: shape
        }
    }

    /// Converts values from this tensor's layout to channels first.
    func channelsFirst(_ values: [Float]) -> [Float] {
        let (window, inputs, outputs) = sides
        return Self.reversingAxes(values, window, inputs, outputs)
    }

    /// Converts values from channels first to this tensor's layout.
    func channelsLast(_ values: [Float]) -> [Float] {
        let (window, inputs, outputs) = sides
        return Self.reversingAxes(values, outputs, inputs, window)
    }

    private var sides: (window: Int, inputs: Int, outputs: Int) {
        switch layout {
        case .convolution: (shape[0] * shape[1], shape[2], shape[3])
        case .matrix: (1, shape[0], shape[1])
        case .depthwise: (shape[0] * shape[1], 1, shape[2])
        case .vector: (1, 1, shape[0])
        }
    }

    /// Transposes [first, second, third] to [third, second, first].
    static func reversingAxes<Value>(_ values: [Value], _ first: Int, _ second: Int, _ third: Int) -> [Value] {
        precondition(values.count == first * second * third, "as many values as the shape has")
        return [Value](unsafeUninitializedCapacity: values.count) { buffer, count in
            var to = 0
            for c in 0..<third {
                for b in 0..<second {
                    for a in 0..<first {
                        buffer.initializeElement(at: to, to: values[(a * second + b) * third + c])
                        to += 1
                    }
                }
            }
            count = to
        }
    }
}
