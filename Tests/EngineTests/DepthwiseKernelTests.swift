import CKernels
import Engine
import TestSupport
import Testing

@Suite("Depthwise kernels")
struct DepthwiseKernelTests {
    @Test("every set computes the plain loops, forward and backward", arguments: [1, 3, 5, 7, 9], [1, 2])
    func plainLoops(kernel: Int, stride: Int) {
        var random = RandomSource(seed: 1, stream: UInt64(10 * kernel + stride))
        for channels in [1, 3, 15, 16, 17, 40] {
            for height in 1...9 {
                // The wide ones are of several blocks of columns.
                for width in Array(1...9) + (height == 4 ? [14, 18, 23] : []) {
                    for reading in DepthwiseTrial.Reading.allCases {
                        let trial = DepthwiseTrial(
                            kernel: kernel, stride: stride, height: height, width: width, channels: channels,
                            reading: reading, random: &random)
                        let expected = trial.expected
                        let results = KernelSet.all.map { trial.run($0.functions) }
                        for (set, result) in zip(KernelSet.all, results) {
                            let deviation = trial.deviation(of: result, from: expected)
                                ?? trial.disagreement(of: result, with: results[0], at: expected)
                            #expect(deviation == nil, "\(set.name), \(height)×\(width)×\(channels), \(reading)")
                        }
                    }
                }
            }
        }
    }
}

/// One call of the two depthwise kernels on random values: a group of channels in the middle of wider tensors whose
/// other values are NaN and must neither be read nor written.
struct DepthwiseTrial {
    enum Reading: CaseIterable {
        /// The input as it is; its gradient replaces what was there; the output's gradient is given.
        case plain
        /// As plain, but the input's gradient is added; the output's gradient comes from its normalisation.
        case accumulated
        /// The input through normalisation, ReLU and gate; the output normalised too.
        case normalized
    }

    struct Result {
        var output, sum, squares, weightGradient, inputGradient, gradientSum, product: [Float]
        /// Whether all beside the group is as it was.
        var keptNeighbours: Bool
    }

    struct Expected {
        var output, sum, squares, weightGradient, inputGradient, gradientSum, product: [Bounded]
    }

    private let shape: onepath_depthwise
    private let reading: Reading
    private let kernel, stride, height, width, outputHeight, outputWidth, channels, padded: Int
    private static let neighboursBefore = 3, neighboursAfter = 2

    // Of the group only, without neighbours.
    private let input, gradient, output, earlierInputGradient: [Float]
    private let weights: [Float]
    private let earlierWeightGradient, earlierSums: [Float]
    // Per-channel coefficients, `padded` values each.
    private let inverseDeviation, negativeMean, scale, offset, gate, readScale, readOffset, shift, a, b, c: Storage
    /// Of ReLU; no output before it is equal to a finite one.
    private let ceiling: Float

    init(
        kernel: Int, stride: Int, height: Int, width: Int, channels: Int, reading: Reading, random: inout RandomSource
    ) {
        self.kernel = kernel
        self.stride = stride
        self.height = height
        self.width = width
        self.channels = channels
        self.reading = reading
        outputHeight = (height + stride - 1) / stride
        outputWidth = (width + stride - 1) / stride
        let lanes = Int(ONEPATH_LANES)
        padded = (channels + lanes - 1) / lanes * lanes
        shape = onepath_depthwise(
            height: Int32(height), width: Int32(width), output_height: Int32(outputHeight),
            output_width: Int32(outputWidth), kernel: Int32(kernel), stride: Int32(stride), channels: Int32(channels),
            padded: Int32(padded),
            channel_stride: Int32(Self.neighboursBefore + channels + Self.neighboursAfter), next_input: 0, next_output: 0)

        func values(_ count: Int) -> [Float] { (0..<count).map { _ in random.uniform() * 2 - 1 } }
        func coefficients(_ draw: () -> Float) -> Storage {
            Storage((0..<padded).map { _ in draw() })
        }
        gradient = values(outputHeight * outputWidth * channels)
        output = values(outputHeight * outputWidth * channels)
        earlierInputGradient = values(height * width * channels)
        let drawn = values(kernel * kernel * padded), padded = padded
        weights = drawn.indices.map { $0 % padded < channels ? drawn[$0] : 0 }
        earlierWeightGradient = values(kernel * kernel * padded)
        earlierSums = values(padded)

        // In these units float32 computes scale · normalised + offset exactly, an odd multiple of 1/64: whether it
        // is positive is never a matter of rounding.
        input = (0..<height * width * channels).map { _ in random.multiples(of: 0x1p-3, steps: 16) }
        inverseDeviation = coefficients { [0.5, 1, 2][random.below(3)] }
        negativeMean = coefficients { random.multiples(of: 0x1p-4, steps: 16) }
        scale = coefficients { [-1, 0.5, 1, 2][random.below(4)] }
        offset = coefficients { random.multiples(of: 0x1p-5, steps: 32) + 0x1p-6 }
        gate = coefficients { [0, 0.5, 1][random.below(3)] }
        readScale = Storage((0..<padded).map { [gate, scale, inverseDeviation] in gate[$0] * scale[$0] * inverseDeviation[$0] })
        readOffset = Storage((0..<padded).map { [gate, scale, negativeMean, offset] in
            gate[$0] * (scale[$0] * negativeMean[$0] + offset[$0])
        })
        ceiling = random.below(2) == 0 ? .infinity : 1
        shift = Storage(values(padded).enumerated().map { $0.offset < channels ? $0.element : 0 })
        a = coefficients { random.uniform() * 2 - 1 }
        b = coefficients { random.uniform() * 2 - 1 }
        c = coefficients { random.uniform() * 2 - 1 }
    }

    // MARK: The kernels

    /// A group among neighbours that are NaN.
    private func tensor(_ group: [Float]) -> Storage {
        let stride = Int(shape.channel_stride)
        let storage = Storage(count: group.count / channels * stride)
        storage.fill(.nan)
        for index in group.indices {
            storage[index / channels * stride + Self.neighboursBefore + index % channels] = group[index]
        }
        return storage
    }

    private func group(of tensor: Storage) -> (values: [Float], keptNeighbours: Bool) {
        let stride = Int(shape.channel_stride)
        var values: [Float] = [], kept = true
        for index in 0..<tensor.count {
            if (Self.neighboursBefore..<Self.neighboursBefore + channels).contains(index % stride) {
                values.append(tensor[index])
            } else {
                kept = kept && tensor[index].isNaN
            }
        }
        return (values, kept)
    }

    func run(_ kernels: onepath_kernels) -> Result {
        var shape = shape
        let normalized = reading == .normalized
        let scratchCount = onepath_depthwise_scratch(&shape)
        let scratch = Storage(count: scratchCount + 1)
        scratch.fill(.nan)
        let input = tensor(self.input), weights = Storage(self.weights)
        let made = tensor([Float](repeating: .nan, count: output.count))
        let sum = Storage(earlierSums), squares = Storage(earlierSums)
        let at = Self.neighboursBefore
        kernels.depthwise_forward(
            &shape, input.pointer + at, normalized ? readScale.pointer : nil, normalized ? readOffset.pointer : nil,
            ceiling, weights.pointer, made.pointer + at, normalized ? shift.pointer : nil, normalized ? sum.pointer : nil,
            normalized ? squares.pointer : nil, scratch.pointer)

        scratch.fill(.nan)
        let weightGradient = Storage(earlierWeightGradient), inputGradient = tensor(earlierInputGradient)
        let gradientSum = Storage(earlierSums), product = Storage(earlierSums)
        let gradient = tensor(self.gradient), output = tensor(self.output)
        var normalization = onepath_normalization(
            inverse_deviation: inverseDeviation.pointer, negative_mean: negativeMean.pointer, scale: scale.pointer,
            offset: offset.pointer, gate: gate.pointer, ceiling: ceiling)
        withUnsafePointer(to: &normalization) { normalization in
            kernels.depthwise_backward(
                &shape, input.pointer + at, normalized ? normalization : nil, normalized ? readScale.pointer : nil,
                normalized ? readOffset.pointer : nil, gradient.pointer + at, output.pointer + at,
                reading == .plain ? nil : a.pointer, reading == .plain ? nil : b.pointer,
                reading == .plain ? nil : c.pointer, weights.pointer, weightGradient.pointer,
                inputGradient.pointer + at, reading == .accumulated ? 1 : 0, gradientSum.pointer, product.pointer,
                scratch.pointer)
        }
        let (outputGroup, outputKept) = group(of: made), (inputGroup, inputKept) = group(of: inputGradient)
        return Result(
            output: outputGroup, sum: sum.values, squares: squares.values,
            weightGradient: weightGradient.values.enumerated().filter { $0.offset % padded < channels }.map(\.element),
            inputGradient: inputGroup, gradientSum: gradientSum.values, product: product.values,
            keptNeighbours: outputKept && inputKept && scratch[scratchCount].isNaN)
    }

    // MARK: The plain loops

    /// Calls `body` with the place in the output, in the kernel and in the input of every product of one channel.
    private func forEachProduct(_ body: (_ output: Int, _ tap: Int, _ input: Int) -> Void) {
        for outputY in 0..<outputHeight {
            for outputX in 0..<outputWidth {
                for kernelY in 0..<kernel {
                    for kernelX in 0..<kernel {
                        let y = outputY * stride + kernelY - kernel / 2, x = outputX * stride + kernelX - kernel / 2
                        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
                        body(outputY * outputWidth + outputX, kernelY * kernel + kernelX, y * width + x)
                    }
                }
            }
        }
    }

    var expected: Expected {
        let channels = channels, padded = padded
        let read = input.indices.map { index in
            guard reading == .normalized else { return Bounded(input[index]) }
            let channel = index % channels
            return (Bounded(input[index]) * Bounded(readScale[channel]) + Bounded(readOffset[channel])).positivePart.atMost(ceiling)
        }
        let outputGradient = gradient.indices.map { index in
            guard reading != .plain else { return Bounded(gradient[index]) }
            let channel = index % channels
            return Bounded(gradient[index]) * Bounded(a[channel])
                + (Bounded(output[index]) * Bounded(b[channel]) + Bounded(c[channel]))
        }
        let weight = weights.map(Bounded.init)
        var made = output.map { _ in Bounded.zero }
        var weightGradient = (0..<kernel * kernel * channels).map {
            Bounded(earlierWeightGradient[$0 / channels * padded + $0 % channels])
        }
        var inputGradient = input.map { _ in Bounded.zero }
        forEachProduct { output, tap, input in
            for channel in 0..<channels {
                let outputAt = output * channels + channel, inputAt = input * channels + channel
                made[outputAt] += weight[tap * padded + channel] * read[inputAt]
                weightGradient[tap * channels + channel] += outputGradient[outputAt] * read[inputAt]
                inputGradient[inputAt] += outputGradient[outputAt] * weight[tap * padded + channel]
            }
        }

        var sum = earlierSums.map(Bounded.init), squares = sum, gradientSum = sum, product = sum
        switch reading {
        case .plain: break
        case .accumulated:
            for index in input.indices { inputGradient[index] += Bounded(earlierInputGradient[index]) }
        case .normalized:
            for index in made.indices {
                let distance = made[index] - Bounded(shift[index % channels])
                sum[index % channels] += distance
                squares[index % channels] += distance * distance
            }
            for index in input.indices {
                let channel = index % channels
                let normalized = Bounded(input[index]) * Bounded(inverseDeviation[channel]) + Bounded(negativeMean[channel])
                let read = normalized * Bounded(scale[channel]) + Bounded(offset[channel])
                let open = read.isBetweenZero(and: ceiling)
                inputGradient[index] = open ? inputGradient[index] * Bounded(gate[channel]) : .zero
                gradientSum[channel] += inputGradient[index]
                product[channel] += inputGradient[index] * normalized
            }
        }
        return Expected(
            output: made, sum: sum, squares: squares, weightGradient: weightGradient, inputGradient: inputGradient,
            gradientSum: gradientSum, product: product)
    }

    // MARK: Comparison

    func deviation(of result: Result, from expected: Expected) -> String? {
        guard result.keptNeighbours else { return "wrote outside of its group or its scratch" }
        // Each tap adds once; reading the input and combining the gradient round up to four times more.
        let taps = kernel * kernel + 4, pixels = height * width
        return EngineTests.deviation(of: result.output, from: expected.output, roundings: taps, in: "output")
            ?? EngineTests.deviation(of: result.sum, from: expected.sum, roundings: taps + 1 + pixels, in: "sum")
            ?? EngineTests.deviation(of: result.squares, from: expected.squares, roundings: 2 * taps + 2 + pixels, in: "squares")
            ?? EngineTests.deviation(
                of: result.weightGradient, from: expected.weightGradient, roundings: pixels + 8, in: "weight gradient")
            ?? EngineTests.deviation(
                of: result.inputGradient, from: expected.inputGradient, roundings: taps + 4, in: "input gradient")
            ?? EngineTests.deviation(
                of: result.gradientSum, from: expected.gradientSum, roundings: taps + 4 + pixels, in: "gradient sum")
            ?? EngineTests.deviation(of: result.product, from: expected.product, roundings: taps + 6 + pixels, in: "product")
    }

    /// Where two sets differ by more than a millionth of the norm of what was added up.
    func disagreement(of a: Result, with b: Result, at expected: Expected) -> String? {
        let parts: [(String, KeyPath<Result, [Float]>, KeyPath<Expected, [Bounded]>)] = [
            ("output", \.output, \.output), ("sum", \.sum, \.sum), ("squares", \.squares, \.squares),
            ("weight gradient", \.weightGradient, \.weightGradient),
            ("input gradient", \.inputGradient, \.inputGradient),
            ("gradient sum", \.gradientSum, \.gradientSum), ("product", \.product, \.product),
        ]
        for (name, part, bound) in parts {
            let differences = zip(a[keyPath: part], b[keyPath: part]).map { Double($0) - Double($1) }
            let magnitude = norm(expected[keyPath: bound].map(\.magnitude))
            if !(norm(differences) <= 1e-6 * magnitude && magnitude.isFinite) {
                return "\(name): the sets differ by \(norm(differences))"
            }
        }
        return nil
    }
}
