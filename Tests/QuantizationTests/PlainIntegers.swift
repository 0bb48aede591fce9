import Architectures
import Quantization

extension QuantizedNetwork {
    /// The integers that the network answers with, by loops over integers alone but for the one product with a scale
    /// that XNNPACK's operators have: what `NetworkEvaluation` must give bit by bit.
    ///
    /// - Parameter image: integers of `encodings[0]`.
    func plainAnswer(to image: [Int]) -> [Int] {
        var values = [image]
        for (index, step) in steps.enumerated() {
            let from = encodings[step.inputs[0]], to = encodings[index + 1]
            let input = values[step.inputs[0]].map { $0 - Int(from.zeroPoint) }
            let zero = Int(to.zeroPoint)
            func clamped(_ value: Int) -> Int {
                let low = step.activation == .none ? -128 : max(-128, zero)
                let high = step.activation == .relu6 ? min(127, zero + Int((6 / to.scale).rounded(.toNearestOrEven))) : 127
                return min(max(value, low), high)
            }
            func scaled(_ sum: Int, _ factor: Float) -> Int {
                clamped(Int((Float(Int32(sum)) * factor).rounded(.toNearestOrEven)) + zero)
            }
            let outputs = step.output.channels
            func factor(_ channel: Int) -> Float { from.scale * step.weightScales[channel] / to.scale }
            switch step.kind {
            case .convolution(let kernel, let stride), .depthwise(let kernel, let stride):
                let isDepthwise = if case .depthwise = step.kind { true } else { false }
                let channels = step.input.channels
                var result: [Int] = []
                for y in 0..<step.output.height {
                    for x in 0..<step.output.width {
                        for output in 0..<outputs {
                            var sum = Int(step.bias[output])
                            for ky in 0..<kernel {
                                for kx in 0..<kernel {
                                    let fromY = y * stride + ky - kernel / 2, fromX = x * stride + kx - kernel / 2
                                    guard fromY >= 0, fromY < step.input.height, fromX >= 0, fromX < step.input.width
                                    else { continue }
                                    let pixel = (fromY * step.input.width + fromX) * channels, tap = ky * kernel + kx
                                    if isDepthwise {
                                        sum += input[pixel + output] * Int(step.weights[tap * channels + output])
                                    } else {
                                        for channel in 0..<channels {
                                            sum += input[pixel + channel]
                                                * Int(step.weights[(tap * channels + channel) * outputs + output])
                                        }
                                    }
                                }
                            }
                            result.append(scaled(sum, factor(output)))
                        }
                    }
                }
                values.append(result)
            case .fullyConnected:
                values.append((0..<outputs).map { output in
                    let sum = input.indices.reduce(Int(step.bias[output])) {
                        $0 + input[$1] * Int(step.weights[$1 * outputs + output])
                    }
                    return scaled(sum, factor(output))
                })
            case .mean:
                let pixels = step.input.height * step.input.width
                values.append((0..<outputs).map { channel in
                    let sum = (0..<pixels).reduce(0) { $0 + input[$1 * outputs + channel] }
                    return scaled(sum, from.scale / (to.scale * Float(pixels)))
                })
            case .add:
                let second = encodings[step.inputs[1]]
                let other = values[step.inputs[1]].map { $0 - Int(second.zeroPoint) }
                let ratios = [from.scale / to.scale, second.scale / to.scale]
                let shift = 20 - Int(ratios.max()!.exponent)
                let multipliers = ratios.map { Int((Double($0) * Double(1 << shift)).rounded(.toNearestOrEven)) }
                values.append(zip(input, other).map { first, second in
                    clamped((first * multipliers[0] + second * multipliers[1] + 1 << (shift - 1)) >> shift + zero)
                })
            }
        }
        return values[values.count - 1]
    }
}
