import Glibc

/// Fake quantisation: values are rounded to the 256 that int8 would have, and stay float32, so that a network can be
/// trained with the errors that it will have as integers. Gradients pass through the rounding as if it were not (Jacob et
/// al., 2018, arXiv:1712.05877, section 3; the straight-through estimator of Bengio et al., 2013, arXiv:1308.3432). Only
/// batch normalisation's own gradient is computed from the rounded values.
extension FeatureMap {
    /// Rounds what the next layer reads of this map: to 256 evenly spaced values from the least to the greatest, 0 among
    /// them. Batch normalisation and ReLU are applied by the reader, so the stored values are moved to where that gives the
    /// rounded ones.
    ///
    /// - Parameter isActivated: whether the reader of a normalised map applies ReLU, or ReLU6; values that it cuts off are left
    ///   alone, and those that would be rounded to 0 stay a little above, so that their gradient passes.
    public func roundToEightBits(isActivated: Bool) {
        let threads = context.pool.threads
        var lows = [Float](repeating: 0, count: threads), highs = lows
        lows.withUnsafeMutableBufferPointer { lows in
            highs.withUnsafeMutableBufferPointer { highs in
                nonisolated(unsafe) let lows = lows, highs = highs
                context.pool.run { thread in
                    (lows[thread], highs[thread]) = extremes(of: context.pool.share(of: rows, for: thread, grain: 16))
                }
            }
        }
        let ceiling = isActivated ? normalization?.ceiling ?? .infinity : .infinity
        let low = isActivated ? 0 : lows.min() ?? 0, high = min(highs.max() ?? 0, ceiling)
        // Also where a value is not finite: that is for others to find.
        guard high - low > 0, (high - low).isFinite else { return }
        let step = (high - low) / 255, zero = (-low / step).rounded()
        context.pool.run { thread in
            let range = isActivated ? Self.leastActivation...255 : -zero...(255 - zero)
            round(
                context.pool.share(of: rows, for: thread, grain: 16), step: step, range: range,
                open: isActivated ? (0, ceiling) : (-.infinity, .infinity))
        }
    }

    /// The least and the greatest value, and 0, of what is read of some rows, before ReLU.
    private func extremes(of rows: Range<Int>) -> (low: Float, high: Float) {
        var low: Float = 0, high: Float = 0
        forEachRow(rows) { values, scale, offset in
            for channel in 0..<channels {
                let value = values[channel] * scale[channel] + offset[channel]
                low = min(low, value)
                high = max(high, value)
            }
        }
        return (low, high)
    }

    /// In steps: what ReLU lets through, and int8 takes for 0.
    private static let leastActivation: Float = 1.0 / 4096

    /// - Parameters:
    ///   - range: of the rounded values, in steps.
    ///   - open: values beyond these are left alone.
    private func round(_ rows: Range<Int>, step: Float, range: ClosedRange<Float>, open: (low: Float, high: Float)) {
        forEachRow(rows) { values, scale, offset in
            for channel in 0..<channels {
                let value = values[channel] * scale[channel] + offset[channel]
                // A channel without scale is the same everywhere.
                if value <= open.low || value >= open.high || scale[channel] == 0 { continue }
                let rounded = min(max((value / step).rounded(.toNearestOrEven), range.lowerBound), range.upperBound) * step
                values[channel] = (rounded - offset[channel]) / scale[channel]
            }
        }
    }

    /// Runs `body` with the stored values of each row and what a reader multiplies them by and adds to them.
    private func forEachRow(
        _ rows: Range<Int>,
        _ body: (UnsafeMutablePointer<Float>, _ scale: UnsafePointer<Float>, _ offset: UnsafePointer<Float>) -> Void
    ) {
        if let normalization {
            for row in rows {
                body(
                    values.pointer + row * channels, UnsafePointer(normalization.readScale.pointer),
                    UnsafePointer(normalization.readOffset.pointer))
            }
        } else {
            let ones = [Float](repeating: 1, count: channels), zeros = [Float](repeating: 0, count: channels)
            for row in rows { body(values.pointer + row * channels, ones, zeros) }
        }
    }
}

/// The weights of a network's operators, which are rounded for a pass forward and backward, and then what they were.
///
/// They are rounded to integers from −127 to 127 with a scale for every output channel, which is the last dimension: as the
/// weights are where batch normalisation is folded into them, because its factor only changes the channel's scale.
public final class RoundedWeights {
    private let parameters: [Parameter]
    private let originals: [Storage]
    private var isRounded = false

    /// - Parameter parameters: of which the last dimension is the output channels.
    public init(_ parameters: [Parameter]) {
        self.parameters = parameters
        originals = parameters.map { Storage(count: $0.value.count) }
    }

    /// Rounds the weights until `restore`.
    public func round() {
        restore()
        isRounded = true
        for (parameter, original) in zip(parameters, originals) {
            original.copy(from: parameter.value)
            let values = parameter.value.pointer, count = parameter.value.count
            let channels = parameter.shape[parameter.shape.count - 1]
            var steps = [Float](repeating: 0, count: channels)
            for index in 0..<count { steps[index % channels] = max(steps[index % channels], abs(values[index])) }
            for channel in 0..<channels { steps[channel] /= 127 }
            for index in 0..<count where steps[index % channels] > 0 {
                let step = steps[index % channels]
                values[index] = (values[index] / step).rounded(.toNearestOrEven) * step
            }
        }
    }

    /// Brings the weights back.
    public func restore() {
        guard isRounded else { return }
        for (parameter, original) in zip(parameters, originals) { parameter.value.copy(from: original) }
        isRounded = false
    }
}
