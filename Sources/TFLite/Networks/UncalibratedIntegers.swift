extension TFLiteModel {
    /// The same float32 operators on int8 maps, for measurements: latencies do not depend on what the integers mean. All maps
    /// have one scale, but for those whose scale LiteRT's specification of quantised operators fixes. Weights are symmetric by
    /// output channel, biases int32.
    func inIntegers() -> TFLiteModel {
        var result = self
        let map = TFLiteQuantization(scale: 1.0 / 16, zeroPoint: 0)
        for (index, tensor) in tensors.enumerated() where tensor.type == .float32 && !tensor.isConstant {
            result.replace(index, by: TFLiteTensor(tensor.name, type: .int8, shape: tensor.shape, quantization: map))
        }
        for step in operators {
            switch step.operation {
            case .convolution, .fullyConnected: result.quantizeKernel(of: step, dimension: 0, map.scales[0])
            case .depthwiseConvolution: result.quantizeKernel(of: step, dimension: 3, map.scales[0])
            case .plain(.logistic):
                var answer = result.tensors[step.outputs[0]]
                answer.quantization = TFLiteQuantization(scale: 1.0 / 256, zeroPoint: -128)
                result.replace(step.outputs[0], by: answer)
            default: break
            }
        }
        // What is left are the numbers of activations.
        for (index, tensor) in result.tensors.enumerated() where tensor.type == .float32 {
            guard let values = tensor.floats else { continue }
            let scale = Self.scale(of: values)
            result.replace(
                index, by: TFLiteTensor(
                    tensor.name, int8s: values.map { Int8(($0 / scale).rounded()) }, shape: tensor.shape,
                    quantization: TFLiteQuantization(scale: scale, zeroPoint: 0)))
        }
        return result
    }

    /// Replaces the weights and the bias of an operator by integers.
    ///
    /// - Parameters:
    ///   - dimension: the side of the output channels.
    ///   - scale: of the operator's input.
    private mutating func quantizeKernel(of step: TFLiteOperator, dimension: Int, _ scale: Float) {
        guard let kernel = step.inputs[1], let bias = step.inputs[2], let weights = tensors[kernel].floats,
            let sums = tensors[bias].floats
        else { return }
        let shape = tensors[kernel].shape, channels = shape[dimension]
        // Of a depthwise kernel the channels are the last side, else the first.
        func channel(_ index: Int) -> Int { dimension == 0 ? index / (weights.count / channels) : index % channels }
        var largest = [Float](repeating: 0, count: channels)
        for (index, weight) in weights.enumerated() { largest[channel(index)] = max(largest[channel(index)], abs(weight)) }
        let scales = largest.map { Self.scale(of: [$0]) }
        replace(
            kernel, by: TFLiteTensor(
                tensors[kernel].name,
                int8s: weights.enumerated().map { Int8(($0.element / scales[channel($0.offset)]).rounded()) },
                shape: shape, quantization: TFLiteQuantization(scalesByChannel: scales, dimension: dimension)))
        let sumScales = scales.map { $0 * scale }
        replace(
            bias, by: TFLiteTensor(
                tensors[bias].name, int32s: zip(sums, sumScales).map { Int32(($0 / $1).rounded()) }, shape: [channels],
                quantization: TFLiteQuantization(scalesByChannel: sumScales, dimension: 0)))
    }

    /// The scale at which the largest of the values is 127.
    private static func scale(of values: [Float]) -> Float {
        let largest = values.reduce(0) { max($0, abs($1)) }
        return largest > 0 ? largest / 127 : 1
    }
}
