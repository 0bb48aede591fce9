import Engine
import Glibc

/// A batch of channels-last images in double precision, and each layer written out from its definition with plain
/// loops: what the engine's layers are compared with.
public struct PlainImages {
    public var batch, height, width, channels: Int
    /// [N, H, W, C].
    public var values: [Double]

    /// Images of the shape of a feature map.
    public init(_ map: FeatureMap, _ values: [Double]) {
        self.init(batch: map.batch, height: map.height, width: map.width, channels: map.channels, values: values)
    }

    public init(batch: Int, height: Int, width: Int, channels: Int, values: [Double]? = nil) {
        self.batch = batch
        self.height = height
        self.width = width
        self.channels = channels
        self.values = values ?? [Double](repeating: 0, count: batch * height * width * channels)
    }

    public var rows: Int { batch * height * width }

    /// Σ factors · values.
    public func projected(on factors: [Double]) -> Double { zip(values, factors).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Weights [Cin, Cout].
    public func pointwise(_ weights: [Double], outputs: Int) -> PlainImages {
        var result = PlainImages(batch: batch, height: height, width: width, channels: outputs)
        for row in 0..<rows {
            for input in 0..<channels {
                for output in 0..<outputs {
                    result.values[row * outputs + output] += values[row * channels + input] * weights[input * outputs + output]
                }
            }
        }
        return result
    }

    /// Calls `body` with the output row, the tap and the input row of each place where the kernel meets the image.
    private func forEachTap(_ size: Int, _ stride: Int, _ result: PlainImages, _ body: (Int, Int, Int) -> Void) {
        for image in 0..<batch {
            for outputY in 0..<result.height {
                for outputX in 0..<result.width {
                    for tap in 0..<size * size {
                        let y = outputY * stride + tap / size - size / 2, x = outputX * stride + tap % size - size / 2
                        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
                        body((image * result.height + outputY) * result.width + outputX, tap, (image * height + y) * width + x)
                    }
                }
            }
        }
    }

    /// Kernel [k, k, C].
    public func depthwise(_ kernel: [Double], size: Int, stride: Int) -> PlainImages {
        var result = PlainImages(
            batch: batch, height: (height + stride - 1) / stride, width: (width + stride - 1) / stride, channels: channels)
        forEachTap(size, stride, result) { output, tap, input in
            for channel in 0..<channels {
                result.values[output * channels + channel] += kernel[tap * channels + channel] * values[input * channels + channel]
            }
        }
        return result
    }

    /// Weights [k, k, Cin, Cout].
    public func spatial(_ weights: [Double], size: Int, stride: Int, outputs: Int) -> PlainImages {
        var result = PlainImages(
            batch: batch, height: (height + stride - 1) / stride, width: (width + stride - 1) / stride, channels: outputs)
        forEachTap(size, stride, result) { at, tap, from in
            for input in 0..<channels {
                for output in 0..<outputs {
                    result.values[at * outputs + output] +=
                        values[from * channels + input] * weights[(tap * channels + input) * outputs + output]
                }
            }
        }
        return result
    }

    /// Mean and biased variance of each channel.
    public var moments: (means: [Double], variances: [Double]) {
        var means = [Double](repeating: 0, count: channels), variances = means
        for index in values.indices { means[index % channels] += values[index] / Double(rows) }
        for index in values.indices {
            let distance = values[index] - means[index % channels]
            variances[index % channels] += distance * distance / Double(rows)
        }
        return (means, variances)
    }

    /// Batch normalisation by the batch's own moments.
    public func normalized(scale: [Double], offset: [Double]) -> PlainImages {
        let (means, variances) = moments
        return normalized(means: means, variances: variances, scale: scale, offset: offset)
    }

    public func normalized(means: [Double], variances: [Double], scale: [Double], offset: [Double]) -> PlainImages {
        let factors = zip(scale, variances).map { $0 / ($1 + 1e-3).squareRoot() }
        return mapped { value, channel in (value - means[channel]) * factors[channel] + offset[channel] }
    }

    public var rectified: PlainImages { rectified(upTo: .infinity) }

    /// ReLU with a largest value.
    public func rectified(upTo ceiling: Float) -> PlainImages { mapped { value, _ in min(max(value, 0), Double(ceiling)) } }

    /// The logistic function.
    public var squashed: PlainImages { mapped { value, _ in 1 / (1 + exp(-value)) } }

    /// relu6(x + 3) / 6.
    public var hardSquashed: PlainImages { mapped { value, _ in min(max(value + 3, 0), 6) / 6 } }

    /// x · relu6(x + 3) / 6.
    public var hardSwished: PlainImages { mapped { value, _ in value * min(max(value + 3, 0), 6) / 6 } }

    /// x · the logistic function of x.
    public var swished: PlainImages { mapped { value, _ in value / (1 + exp(-value)) } }

    public func times(_ factors: [Double]) -> PlainImages { mapped { value, channel in value * factors[channel] } }

    public func plus(_ other: PlainImages) -> PlainImages {
        var result = self
        for index in values.indices { result.values[index] += other.values[index] }
        return result
    }

    private func mapped(_ transform: (_ value: Double, _ channel: Int) -> Double) -> PlainImages {
        var result = self
        for index in values.indices { result.values[index] = transform(values[index], index % channels) }
        return result
    }

    /// The mean over the pixels of each image.
    public var pooled: PlainImages {
        var result = PlainImages(batch: batch, height: 1, width: 1, channels: channels)
        let pixels = height * width
        for index in values.indices {
            result.values[index / (pixels * channels) * channels + index % channels] += values[index] / Double(pixels)
        }
        return result
    }

    /// The mean over the batch of −Σ target · log softmax.
    public func crossEntropy(labels: [Int32], smoothing: Double) -> Double {
        var total = 0.0
        for row in 0..<rows {
            let logits = values[row * channels..<(row + 1) * channels]
            let logSum = log(logits.reduce(0) { $0 + exp($1) })
            for (index, logit) in logits.enumerated() {
                let target = smoothing / Double(channels) + (index == Int(labels[row]) ? 1 - smoothing : 0)
                total -= target * (logit - logSum)
            }
        }
        return total / Double(rows)
    }

    /// An inverted bottleneck in training mode. `next` gives the block's parameters in their order.
    public func invertedBottleneck(
        _ shape: InvertedBottleneck.Shape, gate: [Double]? = nil, branchGate: Double = 1, next: () -> [Double]
    ) -> PlainImages {
        var wide = self
        if shape.expands {
            wide = wide.pointwise(next(), outputs: shape.hiddenChannels).normalized(scale: next(), offset: next())
                .rectified(upTo: shape.ceiling)
        }
        var hidden = wide.depthwise(next(), size: shape.kernelSize, stride: shape.stride)
            .normalized(scale: next(), offset: next()).rectified(upTo: shape.ceiling)
        if let gate { hidden = hidden.times(gate) }
        let branch = hidden.pointwise(next(), outputs: shape.outputChannels).normalized(scale: next(), offset: next())
            .times([Double](repeating: branchGate, count: shape.outputChannels))
        return shape.residual ? plus(branch) : branch
    }
}
