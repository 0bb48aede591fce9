import COpenBLAS

/// Convolutions and matrix products.
extension TFLiteKernel {
    /// Where a window lies over a map.
    private struct Placement {
        let input: [Int], output: [Int], height: Int, width: Int
        let top: Int, left: Int
        let window: TFLiteWindow

        init(_ input: [Int], _ output: [Int], _ height: Int, _ width: Int, _ window: TFLiteWindow) {
            (self.input, self.output, self.height, self.width, self.window) = (input, output, height, width, window)
            top = window.before(input[1], output[1], height, window.verticalStride, window.verticalDilation)
            left = window.before(input[2], output[2], width, window.horizontalStride, window.horizontalDilation)
        }

        /// Runs `body` with the place of the output's pixel, of the window's, and of the input's, for those that lie in
        /// the map.
        func forEach(_ body: (_ output: Int, _ window: Int, _ input: Int) -> Void) {
            for image in 0..<output[0] {
                for y in 0..<output[1] {
                    for x in 0..<output[2] {
                        let pixel = (image * output[1] + y) * output[2] + x
                        for row in 0..<height {
                            let at = y * window.verticalStride - top + row * window.verticalDilation
                            guard at >= 0, at < input[1] else { continue }
                            for column in 0..<width {
                                let from = x * window.horizontalStride - left + column * window.horizontalDilation
                                guard from >= 0, from < input[2] else { continue }
                                body(pixel, row * width + column, (image * input[1] + at) * input[2] + from)
                            }
                        }
                    }
                }
            }
        }
    }

    func convolution(_ inputs: [[Float]], _ window: TFLiteWindow) -> [Float] {
        let map = shape(0), weights = shape(1), output = outputShape
        let pixels = output[0] * output[1] * output[2], channels = weights[3], groups = map[3] / channels
        let depth = weights[1] * weights[2] * channels, columns = weights[0] / groups
        var result = biased(inputs, pixels: pixels, channels: weights[0])
        let isPlain =
            depth == map[3] && window.verticalStride == 1 && window.horizontalStride == 1 && weights[1] * weights[2] == 1
        let place = Placement(map, output, weights[1], weights[2], window)
        for group in 0..<groups {
            var rows: [Float] = []
            if !isPlain {
                // The values under every window, one after the other.
                rows = [Float](repeating: 0, count: pixels * depth)
                rows.withUnsafeMutableBufferPointer { rows in
                    inputs[0].withUnsafeBufferPointer { values in
                        place.forEach { pixel, part, from in
                            let start = from * map[3] + group * channels
                            for channel in 0..<channels {
                                rows[pixel * depth + part * channels + channel] = values[start + channel]
                            }
                        }
                    }
                }
            }
            inputs[1].withUnsafeBufferPointer { weights in
                (isPlain ? inputs[0] : rows).withUnsafeBufferPointer { rows in
                    result.withUnsafeMutableBufferPointer { result in
                        cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(pixels), blasint(columns), blasint(depth), 1,
                            rows.baseAddress, blasint(depth), weights.baseAddress! + group * columns * depth,
                            blasint(depth), 1, result.baseAddress! + group * columns, blasint(columns * groups))
                    }
                }
            }
        }
        return result
    }

    func depthwise(_ inputs: [[Float]], _ window: TFLiteWindow) -> [Float] {
        let map = shape(0), weights = shape(1), output = outputShape
        let channels = weights[3], multiplier = channels / map[3]
        var result = biased(inputs, pixels: output[0] * output[1] * output[2], channels: channels)
        result.withUnsafeMutableBufferPointer { result in
            inputs[0].withUnsafeBufferPointer { values in
                inputs[1].withUnsafeBufferPointer { factors in
                    let sums = result.baseAddress!, values = values.baseAddress!, factors = factors.baseAddress!
                    Placement(map, output, weights[1], weights[2], window).forEach { pixel, part, from in
                        let sums = sums + pixel * channels, factors = factors + part * channels
                        let values = values + from * map[3]
                        if multiplier == 1 {
                            for channel in 0..<channels { sums[channel] += values[channel] * factors[channel] }
                        } else {
                            for channel in 0..<channels { sums[channel] += values[channel / multiplier] * factors[channel] }
                        }
                    }
                }
            }
        }
        return result
    }

    func product(_ inputs: [[Float]]) -> [Float] {
        let weights = shape(1), rows = inputs[0].count / weights[1]
        var result = biased(inputs, pixels: rows, channels: weights[0])
        guard rows > 0, weights[0] > 0 else { return result }
        inputs[0].withUnsafeBufferPointer { values in
            inputs[1].withUnsafeBufferPointer { matrix in
                result.withUnsafeMutableBufferPointer { result in
                    cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(weights[0]), blasint(weights[1]), 1,
                        values.baseAddress, blasint(weights[1]), matrix.baseAddress, blasint(weights[1]), 1,
                        result.baseAddress, blasint(weights[0]))
                }
            }
        }
        return result
    }

    /// The bias for every pixel; zeros where there is none.
    private func biased(_ inputs: [[Float]], pixels: Int, channels: Int) -> [Float] {
        guard inputs.count > 2, !inputs[2].isEmpty else { return [Float](repeating: 0, count: pixels * channels) }
        var result: [Float] = []
        result.reserveCapacity(pixels * channels)
        for _ in 0..<pixels { result += inputs[2] }
        return result
    }

    /// The mean or the greatest of the values under every window; zeros around the map do not count.
    func pool(_ values: [Float], _ height: Int, _ width: Int, _ window: TFLiteWindow, isMean: Bool) -> [Float] {
        let map = shape(0), output = outputShape, channels = map[3], pixels = output[0] * output[1] * output[2]
        var result = [Float](repeating: isMean ? 0 : -.infinity, count: pixels * channels)
        var counts = [Float](repeating: 0, count: pixels)
        Placement(map, output, height, width, window).forEach { pixel, _, from in
            counts[pixel] += 1
            for channel in 0..<channels {
                let value = values[from * channels + channel], at = pixel * channels + channel
                result[at] = isMean ? result[at] + value : max(result[at], value)
            }
        }
        if isMean {
            for index in result.indices {
                let pixel = index / channels
                result[index] /= counts[pixel]
            }
        }
        return result
    }
}
