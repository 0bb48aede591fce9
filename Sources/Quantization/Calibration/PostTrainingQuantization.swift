import Architectures
import Datasets
import Engine
import Files
import Training

/// Turns a trained network into a quantised one, with a few of the images that it was trained on.
///
///     let quantized = try PostTrainingQuantization(context: context)
///         .quantize(FoldedNetwork(weights), images: training, statistics: statistics)
public struct PostTrainingQuantization {
    /// How many calibration images are used: evenly spaced ones of those that are given.
    public var images = Self.usualImages
    /// What decides the ranges of maps.
    public var rule = RangeRule.squaredError
    /// Whether channels are scaled so that one scale suits a map.
    public var equalizes = true
    /// Whether biases are moved by the mean error that rounded weights cause (Nagel et al., 2019, arXiv:1906.04721,
    /// section 4.2).
    public var correctsBias = true

    private let context: ExecutionContext

    public static let usualImages = 256

    public init(context: ExecutionContext) { self.context = context }

    /// - Parameters:
    ///   - network: not quantised yet.
    ///   - images: of the network's input shape, or resized to it.
    ///   - statistics: what the network was trained with.
    /// - Throws: `QuantizationError` where there are fewer images, where all have one label or one colour, or where the
    ///   network answers with values that are not finite; `FileError` where an image cannot be read.
    public func quantize(
        _ network: FoldedNetwork, images: ImageDataset, statistics: ChannelStatistics
    ) throws -> QuantizedNetwork {
        guard images.count >= self.images else {
            throw QuantizationError.tooFewImages(dataset: images.name, asked: self.images, found: images.count)
        }
        let sample = images.spread(self.images)
        guard sample.count < 2 || Set((0..<sample.count).map { sample.label(of: $0) }).count > 1 else {
            throw QuantizationError.oneClass(dataset: images.name, images: sample.count)
        }
        // A channel of one value has a std of 1, which no bytes in 0...1 reach otherwise. Normalised, channels of one value
        // each would still differ from each other.
        guard try sample.framed(ImageShape(network.input)).channelStatistics.standardDeviation.contains(where: { $0 != 1 })
        else { throw QuantizationError.constantImages(dataset: images.name, images: sample.count) }
        var network = network
        if equalizes {
            network.equalize(try largest(of: network, sample, statistics))
        }
        let ranges = try histograms(of: network, sample, statistics).map { rule.range(for: $0) }
        let encodings = Self.addable(ranges.map(Encoding.init), in: network)
        let rounded = network.steps.map { step in
            step.hasWeights ? RoundedWeights(step, inputScale: encodings[step.inputs[0]].scale) : nil
        }
        let errors = correctsBias ? try meanErrors(of: network, rounded, sample, statistics) : nil
        let steps = network.steps.enumerated().map { index, step in
            var bias: [Int32] = []
            if let weights = rounded[index] {
                let scale = encodings[step.inputs[0]].scale
                bias = step.bias.indices.map { channel in
                    let real = step.bias[channel] - (errors?[index][channel] ?? 0)
                    let sum = (Double(real) / (Double(scale) * Double(weights.scales[channel]))).rounded()
                    return Int32(min(max(sum, Double(Int32.min)), Double(Int32.max)))
                }
            }
            return QuantizedNetwork.Step(
                step.name, step.kind, inputs: step.inputs, shapes: (step.input, step.output),
                weights: (rounded[index]?.values ?? [], rounded[index]?.scales ?? [], bias), activation: step.activation)
        }
        return QuantizedNetwork(name: network.name, input: network.input, steps: steps, encodings: encodings)
    }

    /// Encodings of which XNNPACK's sums take all: it refuses an input whose scale is less than 1/1024 of the sum's, or 256
    /// times as large. An input that is too fine, as of a branch that hardly says anything, gets a larger scale, which
    /// changes no step of the sum; and so does the sum of two inputs that cancel each other.
    private static func addable(_ encodings: [Encoding], in network: FoldedNetwork) -> [Encoding] {
        var encodings = encodings
        // From the last sum on: an input may be a sum itself.
        for (index, step) in network.steps.enumerated().reversed() where step.kind == .add {
            let most = step.inputs.map { encodings[$0].scale }.max() ?? 0
            if encodings[index + 1].scale * (256 / 1.001) < most {
                encodings[index + 1] = Encoding(scale: most * (1.001 / 256), zeroPoint: encodings[index + 1].zeroPoint)
            }
            let least = encodings[index + 1].scale * (1.001 / 1024)
            for input in step.inputs where encodings[input].scale < least {
                encodings[input] = Encoding(scale: least, zeroPoint: encodings[input].zeroPoint)
            }
        }
        return encodings
    }

    /// The greatest value of every channel of the output of every step; 0 where none is above.
    package func largest(
        of network: FoldedNetwork, _ images: ImageDataset, _ statistics: ChannelStatistics
    ) throws(FileError) -> [[Float]] {
        let none = network.steps.map { [Float](repeating: 0, count: $0.output.channels) }
        let found = PerThread(repeating: none, threads: context.pool.threads)
        try NetworkEvaluation(network, context: context).run(images, statistics: statistics) { thread, _, step, count, _, output in
            let shape = network.steps[step].output, channels = shape.channels
            found[thread][step].withUnsafeMutableBufferPointer { largest in
                for pixel in 0..<count * shape.height * shape.width {
                    let values = output + pixel * channels
                    for channel in 0..<channels { largest[channel] = max(largest[channel], values[channel]) }
                }
            }
        }
        return found.reduced { first, second in
            zip(first, second).map { zip($0, $1).map(max) }
        }
    }

    /// The histogram of every value.
    private func histograms(
        of network: FoldedNetwork, _ images: ImageDataset, _ statistics: ChannelStatistics
    ) throws -> [ValueHistogram] {
        let evaluation = NetworkEvaluation(network, context: context)
        let none = [ValueHistogram](repeating: ValueHistogram(), count: network.steps.count + 1)
        func pass(_ found: PerThread<[ValueHistogram]>, _ look: @escaping (inout ValueHistogram, UnsafeBufferPointer<Float>) -> Void)
            throws(FileError)
        {
            try evaluation.run(images, statistics: statistics) { thread, _, step, count, input, output in
                if step == 0 {
                    look(&found[thread][0], UnsafeBufferPointer(start: input, count: count * network.input.count))
                }
                look(
                    &found[thread][step + 1],
                    UnsafeBufferPointer(start: output, count: count * network.steps[step].output.count))
            }
        }
        let extremes = PerThread(repeating: none, threads: context.pool.threads)
        try pass(extremes) { $0.extend($1) }
        var all = extremes.reduced { first, second in
            zip(first, second).map { pair in
                var together = pair.0
                together.extend(pair.1)
                return together
            }
        }
        for (index, histogram) in all.enumerated() where !(histogram.high - histogram.low).isFinite {
            throw QuantizationError.notFinite(
                network: network.name, step: index == 0 ? "the image" : network.steps[index - 1].name)
        }
        for index in all.indices { all[index].beginCounting() }
        let counted = PerThread(repeating: all, threads: context.pool.threads)
        try pass(counted) { $0.count($1) }
        return counted.reduced { first, second in
            zip(first, second).map { pair in
                var together = pair.0
                together.add(pair.1)
                return together
            }
        }
    }

    /// The mean, over images and places, of what rounding the weights adds to every output channel of every step.
    private func meanErrors(
        of network: FoldedNetwork, _ rounded: [RoundedWeights?], _ images: ImageDataset, _ statistics: ChannelStatistics
    ) throws(FileError) -> [[Float]] {
        let differences = zip(network.steps, rounded).map { step, rounded in
            Storage(rounded.map { rounded in step.weights.indices.map { rounded.real($0) - step.weights[$0] } } ?? [])
        }
        // In integers of 2⁻³⁰, whose sum is the same in any order, and so with any number of threads.
        let none = network.steps.map { [Int](repeating: 0, count: $0.output.channels) }
        let found = PerThread(repeating: none, threads: context.pool.threads)
        let evaluation = NetworkEvaluation(network, context: context)
        let steps = network.prepared
        let scratch = (0..<context.pool.threads).map { _ in
            Storage(count: (network.steps.map(\.output.count).max() ?? 0) * evaluation.batch)
        }
        try evaluation.run(images, statistics: statistics) { thread, pass, step, count, input, _ in
            guard network.steps[step].hasWeights else { return }
            let shape = network.steps[step].output, channels = shape.channels
            let errors = scratch[thread].pointer
            pass.multiply(steps[step], by: differences[step], input, count: count, into: errors)
            found[thread][step].withUnsafeMutableBufferPointer { sums in
                for pixel in 0..<count * shape.height * shape.width {
                    for channel in 0..<channels {
                        sums[channel] &+= Int(min(max(errors[pixel * channels + channel], -0x1p32), 0x1p32) * 0x1p30)
                    }
                }
            }
        }
        let sums = found.reduced { first, second in zip(first, second).map { zip($0, $1).map(+) } }
        return zip(sums, network.steps).map { sums, step in
            let places = Double(images.count * step.output.height * step.output.width)
            return sums.map { Float(Double($0) * 0x1p-30 / places) }
        }
    }
}

/// Weights as integers from −127 to 127 with a scale for every output channel.
struct RoundedWeights {
    let values: [Int8]
    let scales: [Float]

    /// - Parameter inputScale: of the map that the step reads, which limits how small a scale may be: the bias is an
    ///   integer in units of both.
    init(_ step: FoldedNetwork.Step, inputScale: Float) {
        let channels = step.output.channels
        var largest = [Float](repeating: 0, count: channels)
        for index in step.weights.indices { largest[index % channels] = max(largest[index % channels], abs(step.weights[index])) }
        let greatest = largest.max() ?? 0
        let scales = largest.indices.map { channel -> Float in
            // A channel of zeros gets the scale of the others.
            let own = largest[channel] > greatest * 1e-6 ? largest[channel] : greatest > 0 ? greatest : 1
            return max(own / 127, abs(step.bias[channel]) / (inputScale * Self.mostBias))
        }
        self.scales = scales
        values = step.weights.indices.map { index in
            Int8(clamping: Int((step.weights[index] / scales[index % channels]).rounded(.toNearestOrEven)))
        }
    }

    /// A bias and the sum of all products together are below 2³¹.
    private static let mostBias: Float = 0x1p29

    /// The real number that a stored weight stands for.
    func real(_ index: Int) -> Float { Float(values[index]) * scales[index % scales.count] }
}

/// A value for every thread of a pool, which that thread alone changes while it runs.
final class PerThread<Value>: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Value>

    init(repeating value: Value, threads: Int) {
        values = .allocate(capacity: threads)
        values.initialize(repeating: value)
    }

    deinit {
        values.deinitialize()
        values.deallocate()
    }

    subscript(_ thread: Int) -> Value {
        get { values[thread] }
        _modify { yield &values[thread] }
    }

    /// All of them together, in the order of threads.
    func reduced(_ join: (Value, Value) -> Value) -> Value { values.dropFirst().reduce(values[0], join) }
}
