import COpenBLAS
import Engine

/// Computes the steps of a network on some images, on one thread.
///
/// Maps live in a few buffers: one is free again after the last step that reads its map.
final class ForwardPass {
    /// The images, [batch, height, width, channels]: real numbers, or integers less the zero point.
    var images: UnsafeMutablePointer<Float> { buffers[places[0]].pointer }
    let batch: Int

    private let steps: [PreparedStep]
    /// The buffer of every value.
    private let places: [Int]
    private let buffers: [Storage]
    /// Maps arranged for products.
    private let gathered: Storage
    /// Sums of more terms than are exact in float32.
    private let wide: UnsafeMutableBufferPointer<Double>

    /// - Parameters:
    ///   - steps: the first reads value 0, the images.
    ///   - batch: the most images of a run.
    init(_ steps: [PreparedStep], batch: Int) {
        self.steps = steps
        self.batch = batch
        var last = [Int](repeating: 0, count: steps.count + 1)
        for (index, step) in steps.enumerated() {
            for value in step.inputs { last[value] = index }
        }
        last[steps.count] = steps.count
        var places = [0], sizes = [steps[0].input.count], free: [Int] = []
        for (index, step) in steps.enumerated() {
            let place = free.popLast() ?? sizes.count
            if place == sizes.count { sizes.append(0) }
            sizes[place] = max(sizes[place], step.output.count)
            places.append(place)
            for value in Set(step.inputs) where last[value] == index { free.append(places[value]) }
        }
        self.places = places
        buffers = sizes.map { Storage(count: $0 * batch) }
        gathered = Storage(count: steps.map(\.gathered).max() ?? 0)
        let most = steps.lazy.filter { $0.isInteger && $0.terms > PreparedStep.exactTerms }.map(\.output.count).max()
        wide = .allocate(capacity: (most ?? 0) * batch)
    }

    deinit { wide.deallocate() }

    /// Computes all steps.
    ///
    /// - Parameters:
    ///   - count: of the images, at most `batch`.
    ///   - observe: is called after each step with its index and the maps that it read first and wrote, valid for the call.
    /// - Returns: the last step's output, [count, channels], valid until the next run.
    @discardableResult
    func run(
        count: Int, observe: (_ step: Int, _ input: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Void = { _, _, _ in }
    ) -> UnsafePointer<Float> {
        for index in steps.indices {
            let step = steps[index]
            let input = UnsafePointer(buffers[places[step.inputs[0]]].pointer), output = buffers[places[index + 1]].pointer
            switch step.finish {
            case .real(let bias, let limits):
                multiply(step, by: step.weights, input, count: count, into: output)
                Self.finish(output, rows: count * step.output.height * step.output.width, bias, limits)
            case .integer(let bias, let factors, let limits):
                let isWide = multiply(step, by: step.weights, input, count: count, into: output)
                let rows = count * step.output.height * step.output.width
                if isWide {
                    Self.finish(wide.baseAddress!, rows: rows, bias, factors, limits, into: output)
                } else {
                    Self.finish(output, rows: rows, bias, factors, limits)
                }
            case .sum(let sum):
                let other = UnsafePointer(buffers[places[step.inputs[1]]].pointer)
                Self.add(input, other, count: count * step.output.count, sum, into: output)
            case .mean(let factor, let limits):
                Self.sumChannels(input, step, count: count, into: output)
                for index in 0..<count * step.output.channels {
                    output[index] = Self.rounded(output[index] * factor, limits)
                }
            case .realMean:
                Self.sumChannels(input, step, count: count, into: output)
                let pixels = Float(step.input.height * step.input.width)
                for index in 0..<count * step.output.channels { output[index] /= pixels }
            }
            observe(index, input, UnsafePointer(output))
        }
        return UnsafePointer(buffers[places[steps.count]].pointer)
    }

    // MARK: - Products

    /// Computes the sums of a step's products, without its bias.
    ///
    /// - Parameters:
    ///   - weights: of the shape of the step's own.
    ///   - output: [count, height, width, channels].
    /// - Returns: whether the sums are in `wide` instead, because float32 does not hold them.
    @discardableResult
    func multiply(
        _ step: PreparedStep, by weights: Storage, _ input: UnsafePointer<Float>, count: Int,
        into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        switch step.kind {
        case .depthwise(let kernel, let stride):
            for image in 0..<count {
                Self.depthwise(
                    step, kernel: kernel, stride: stride, weights.pointer, input + image * step.input.count,
                    into: output + image * step.output.count)
            }
            return false
        case .convolution, .fullyConnected:
            let isWide = step.isInteger && step.terms > PreparedStep.exactTerms
            let rows = step.output.height * step.output.width, columns = step.output.channels
            if step.gathered == 0 {
                // Real numbers image by image: so the number of threads, which share images, changes no bit.
                let together = step.isInteger ? count : 1
                for image in stride(from: 0, to: count, by: together) {
                    let place = image * step.output.count
                    product(
                        input + image * step.input.count, weights.pointer, (together * rows, step.terms, columns),
                        into: output + place, wideAt: isWide ? place : nil)
                }
            } else {
                for image in 0..<count {
                    gather(step, input + image * step.input.count)
                    let place = image * step.output.count
                    product(
                        gathered.pointer, weights.pointer, (rows, step.terms, columns), into: output + place,
                        wideAt: isWide ? place : nil)
                }
            }
            return isWide
        case .add, .mean:
            preconditionFailure("ForwardPass: \(step.name) has no weights")
        }
    }

    /// output = left · right, [rows, inner] · [inner, columns].
    ///
    /// - Parameter offset: where sums that float32 does not hold are collected in `wide`; nil where it holds them.
    private func product(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ sides: (rows: Int, inner: Int, columns: Int),
        into output: UnsafeMutablePointer<Float>, wideAt offset: Int?
    ) {
        let (rows, inner, columns) = sides
        let piece = offset == nil ? inner : PreparedStep.exactTerms
        for start in stride(from: 0, to: inner, by: piece) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(min(piece, inner - start)), 1,
                left + start, Int32(inner), right + start * columns, Int32(columns), 0, output, Int32(columns))
            guard let offset, let sums = wide.baseAddress.map({ $0 + offset }) else { continue }
            if start == 0 {
                for index in 0..<rows * columns { sums[index] = Double(output[index]) }
            } else {
                for index in 0..<rows * columns { sums[index] += Double(output[index]) }
            }
        }
    }

    /// Arranges the windows of a map as rows, [output height · output width, k · k · channels].
    private func gather(_ step: PreparedStep, _ input: UnsafePointer<Float>) {
        guard case .convolution(let kernel, let stride) = step.kind else { return }
        let channels = step.input.channels, height = step.input.height, width = step.input.width, pad = kernel / 2
        var row = gathered.pointer
        for y in 0..<step.output.height {
            for x in 0..<step.output.width {
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let fromY = y * stride + ky - pad, fromX = x * stride + kx - pad
                        if fromY >= 0, fromY < height, fromX >= 0, fromX < width {
                            row.update(from: input + (fromY * width + fromX) * channels, count: channels)
                        } else {
                            row.update(repeating: 0, count: channels)
                        }
                        row += channels
                    }
                }
            }
        }
    }

    private static func depthwise(
        _ step: PreparedStep, kernel: Int, stride: Int, _ weights: UnsafePointer<Float>, _ input: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>
    ) {
        let channels = step.input.channels, height = step.input.height, width = step.input.width, pad = kernel / 2
        var sums = output
        for y in 0..<step.output.height {
            let top = y * stride - pad
            for x in 0..<step.output.width {
                let left = x * stride - pad
                sums.update(repeating: 0, count: channels)
                for ky in max(0, -top)..<min(kernel, height - top) {
                    for kx in max(0, -left)..<min(kernel, width - left) {
                        let from = input + ((top + ky) * width + left + kx) * channels
                        let factors = weights + (ky * kernel + kx) * channels
                        for channel in 0..<channels { sums[channel] += from[channel] * factors[channel] }
                    }
                }
                sums += channels
            }
        }
    }

    // MARK: - What follows a product

    private static func finish(
        _ values: UnsafeMutablePointer<Float>, rows: Int, _ bias: [Float], _ limits: ClosedRange<Float>
    ) {
        let low = limits.lowerBound, high = limits.upperBound, columns = bias.count
        bias.withUnsafeBufferPointer { bias in
            for row in 0..<rows {
                let row = values + row * columns
                for column in 0..<columns { row[column] = min(max(row[column] + bias[column], low), high) }
            }
        }
    }

    private static func finish(
        _ values: UnsafeMutablePointer<Float>, rows: Int, _ bias: [Double], _ factors: [Float],
        _ limits: ClosedRange<Float>
    ) {
        let columns = bias.count
        bias.withUnsafeBufferPointer { bias in
            factors.withUnsafeBufferPointer { factors in
                for row in 0..<rows {
                    let row = values + row * columns
                    for column in 0..<columns {
                        row[column] = rounded(Float(Double(row[column]) + bias[column]) * factors[column], limits)
                    }
                }
            }
        }
    }

    private static func finish(
        _ sums: UnsafeMutablePointer<Double>, rows: Int, _ bias: [Double], _ factors: [Float],
        _ limits: ClosedRange<Float>, into values: UnsafeMutablePointer<Float>
    ) {
        let columns = bias.count
        for row in 0..<rows {
            for column in 0..<columns {
                let index = row * columns + column
                values[index] = rounded(Float(sums[index] + bias[column]) * factors[column], limits)
            }
        }
    }

    /// 1.5 · 2²³: a float32 of at most 2²² plus this, less this, is rounded to the nearest integer, halves to even.
    private static let roundingOffset: Float = 12_582_912

    /// The nearest integer of a value within the limits; halves go to even ones.
    @inline(__always)
    static func rounded(_ value: Float, _ limits: ClosedRange<Float>) -> Float {
        (min(max(value, limits.lowerBound), limits.upperBound) + roundingOffset) - roundingOffset
    }

    private static func add(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, count: Int, _ sum: IntegerSum?,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let sum else {
            for index in 0..<count { output[index] = first[index] + second[index] }
            return
        }
        let unit = Double(sign: .plus, exponent: -sum.shift, significand: 1)
        let low = sum.limits.lowerBound, high = sum.limits.upperBound
        for index in 0..<count {
            // Products and sum are below 2³¹, exact in a double.
            let exact = (Double(first[index]) * sum.first + Double(second[index]) * sum.second) * unit + 0.5
            let value = Float(floor(exact))
            output[index] = min(max(value, low), high)
        }
    }

    /// The largest integer that is not above a value; the value is at most 2⁵¹.
    @inline(__always)
    private static func floor(_ value: Double) -> Double {
        let offset = 6_755_399_441_055_744.0  // 1.5 · 2⁵²
        let nearest = (value + offset) - offset
        return nearest > value ? nearest - 1 : nearest
    }

    private static func sumChannels(
        _ input: UnsafePointer<Float>, _ step: PreparedStep, count: Int, into output: UnsafeMutablePointer<Float>
    ) {
        let channels = step.input.channels, pixels = step.input.height * step.input.width
        for image in 0..<count {
            let sums = output + image * channels
            sums.update(repeating: 0, count: channels)
            for pixel in 0..<pixels {
                let from = input + (image * pixels + pixel) * channels
                for channel in 0..<channels { sums[channel] += from[channel] }
            }
        }
    }
}
