import Architectures

/// The layout of weights that ONNX and PyTorch demand: [output channels, input channels, k, k], channels before the
/// window, where this house has the channels last.
extension WeightTensor {
    /// The sides of the same tensor, channels first; a matrix is a 1x1 convolution.
    var channelsFirstShape: [Int] {
        switch layout {
        case .convolution: [shape[3], shape[2], shape[0], shape[1]]
        case .matrix: [shape[1], shape[0], 1, 1]
        case .depthwise: [shape[2], 1, shape[0], shape[1]]
        case .vector: shape
        }
    }

    /// The values, given in this tensor's layout, channels first.
    func channelsFirst(_ values: [Float]) -> [Float] {
        let (window, inputs, outputs) = sides
        return Self.reversingAxes(values, window, inputs, outputs)
    }

    /// The values, given channels first, in this tensor's layout.
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

    /// [first, second, third] as [third, second, first].
    private static func reversingAxes(_ values: [Float], _ first: Int, _ second: Int, _ third: Int) -> [Float] {
        precondition(values.count == first * second * third, "as many values as the shape has")
        return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
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
