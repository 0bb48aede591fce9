/// A dense k×k convolution of the network's input images: the stem.
///
/// - Input: [N, H, W, Cin], plain; output: [N, ⌈H/s⌉, ⌈W/s⌉, Cout]; weights: [k, k, Cin, Cout]; padding k/2 on every
///   side; no bias.
///
/// Patches are laid out tile by tile and multiplied. The images' gradient is not computed: nothing is before
/// a stem.
public final class SpatialConvolution: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    /// [k, k, Cin, Cout].
    public let weights: Parameter
    public let kernelSize: Int
    public let stride: Int
    public var parameters: [Parameter] { [weights] + (output.normalization.map { [$0.scale, $0.offset] } ?? []) }

    public var kind: LayerKind { .convolution }
    private var macs: Int { output.count * patch }
    public var forwardWork: Work { Work(macs: macs, values: input.count + output.count + weights.value.count) }
    public var backwardWork: Work {
        Work(macs: macs, values: input.count + output.count + output.valuesOfGradient + weights.value.count)
    }

    private let context: ExecutionContext
    private let tileRows: Int
    private let order: Tile.Order
    private var patch: Int { kernelSize * kernelSize * input.channels }

    public init(
        name: String, input: FeatureMap, output: FeatureMap, kernelSize: Int, stride: Int, context: ExecutionContext
    ) {
        require(input.normalization == nil, "SpatialConvolution \(name): the input must be plain images")
        require(
            output.batch == input.batch && output.height == (input.height + stride - 1) / stride
                && output.width == (input.width + stride - 1) / stride,
            "SpatialConvolution \(name): input \(input.shape) at stride \(stride) does not make output \(output.shape)")
        self.input = input
        self.output = output
        self.kernelSize = kernelSize
        self.stride = stride
        self.context = context
        order = context.nextOrder()
        weights = Parameter(name: name, shape: [kernelSize, kernelSize, input.channels, output.channels])
        let patch = kernelSize * kernelSize * input.channels
        tileRows = Tile.rows(floatsPerRow: patch + 2 * output.channels)
        context.reserveScratch(tileRows * (patch + output.channels) + weights.value.count)
    }

    /// Lays out what the kernel sees at each output pixel: [rows, k · k · Cin], zero outside the image.
    private func gather(rows: Range<Int>, into patches: UnsafeMutablePointer<Float>) {
        let pad = kernelSize / 2, channels = input.channels
        var to = patches
        for row in rows {
            let image = row / (output.height * output.width)
            let pixel = row % (output.height * output.width)
            let top = pixel / output.width * stride - pad, left = pixel % output.width * stride - pad
            for y in top..<top + kernelSize {
                for x in left..<left + kernelSize {
                    if y >= 0, y < input.height, x >= 0, x < input.width {
                        let from = input.values.pointer + ((image * input.height + y) * input.width + x) * channels
                        for channel in 0..<channels { to[channel] = from[channel] }
                    } else {
                        for channel in 0..<channels { to[channel] = 0 }
                    }
                    to += channels
                }
            }
        }
    }

    public func forward(training: Bool) {
        output.beginWriting(training: training)
        context.pool.run { thread in
            let patches = context.scratch(for: thread)
            Tile.forEach(in: context.pool.share(of: output.rows, for: thread, grain: 16), rows: tileRows, order) { rows in
                gather(rows: rows, into: patches)
                output.write(
                    rows: rows, product: patches, inner: patch, weights: weights.value.pointer, training: training,
                    thread: thread)
            }
        }
        output.finishWriting(training: training)
    }

    public func backward() {
        let incomingAt = tileRows * patch, weightsAt = tileRows * (patch + output.channels)
        context.pool.run { thread in
            let patches = context.scratch(for: thread)
            let weightGradient = patches + weightsAt
            weightGradient.update(repeating: 0, count: weights.value.count)
            Tile.forEach(in: context.pool.share(of: output.rows, for: thread, grain: 16), rows: tileRows, order.opposite) { rows in
                gather(rows: rows, into: patches)
                multiply(
                    patches, output.readGradient(rows: rows, scratch: patches + incomingAt),
                    into: weightGradient, rows: patch, columns: output.channels, inner: rows.count, transposeA: true,
                    beta: 1)
            }
        }
        context.sumScratch(at: weightsAt, into: weights.gradient)
    }
}
