/// The mean over all pixels: output[n, c] = mean over h, w of input[n, h, w, c], read through its normalisation.
///
/// - Input: [N, H, W, C]; output: [N, 1, 1, C], plain.
public final class GlobalAveragePooling: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    public var parameters: [Parameter] { [] }
    public var kind: LayerKind { .pooling }
    public var forwardWork: Work { Work(values: input.count + output.count) }
    public var backwardWork: Work { Work(values: input.count + input.valuesOfGradient + output.count) }
    private let context: ExecutionContext
    /// A vector of ones, one for each pixel.
    private let ones: Storage

    public init(input: FeatureMap, output: FeatureMap, context: ExecutionContext) {
        require(
            output.shape == input.shape.pooled && output.normalization == nil,
            "GlobalAveragePooling: input \(input.shape) does not make output \(output.shape)")
        self.input = input
        self.output = output
        self.context = context
        ones = Storage(count: input.height * input.width)
        ones.fill(1)
        context.reserveScratch(input.height * input.width * input.channels)
    }

    public func forward(training: Bool) { context.pool.run(forwardPass) }

    private lazy var forwardPass = SharedWork { [unowned self] thread in
        let pixels = input.height * input.width, channels = input.channels
        for image in context.pool.share(of: input.batch, for: thread) {
            let values = input.read(rows: image * pixels..<(image + 1) * pixels, scratch: context.scratch(for: thread))
            let mean = output.values.pointer + image * channels
            // The sum over the pixels is a product with ones.
            mean.update(repeating: 0, count: channels)
            context.multiply(
                transposed: Matrix(ones.pointer, rows: pixels, columns: 1),
                by: Matrix(values, rows: pixels, columns: channels), addingTo: mean)
            for channel in 0..<channels { mean[channel] /= Float(pixels) }
        }
    }

    public func backward() {
        input.beginGradient()
        context.pool.run(backwardPass)
        input.finishGradient()
    }

    private lazy var backwardPass = SharedWork { [unowned self] thread in
        let pixels = input.height * input.width, channels = input.channels
        for image in context.pool.share(of: input.batch, for: thread) {
            let rows = image * pixels..<(image + 1) * pixels
            let incoming = output.gradient.pointer + image * channels
            let plain = input.normalization == nil
            let spread = plain ? input.gradient.pointer + rows.lowerBound * channels : context.scratch(for: thread)
            for channel in 0..<channels { spread[channel] = incoming[channel] / Float(pixels) }
            for pixel in 1..<pixels { (spread + pixel * channels).update(from: spread, count: channels) }
            if !plain { input.writeGradient(spread, rows: rows, thread: thread) }
        }
    }
}
