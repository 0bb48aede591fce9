/// A dense k×k convolution of the network's input images: the stem.
///
/// - Input: [N, H, W, Cin], plain; output: [N, ⌈H/s⌉, ⌈W/s⌉, Cout]; weights: [k, k, Cin, Cout]; padding k/2 on every
///   side; no bias.
///
/// Patches are copied tile by tile (im2col) and multiplied. The images' gradient is not computed: no layer is
/// before the stem.
public final class SpatialConvolution: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    /// [k, k, Cin, Cout].
    public let weights: Parameter
    public let window: ConvolutionWindow
    public var kernelSize: Int { window.kernelSize }
    public var stride: Int { window.stride }
    public var parameters: [Parameter] { [weights] + (output.normalization.map { [$0.weight, $0.bias] } ?? []) }

    public var kind: LayerKind { .convolution }
    private var macs: Int { output.count * patch }
    public var forwardWork: Work { Work(macs: macs, values: input.count + output.count + weights.value.count) }
    public var backwardWork: Work {
        Work(macs: macs, values: input.count + output.count + output.valuesOfGradient + weights.value.count)
    }

    private let context: ExecutionContext
    private let tileRows: Int
    private let order: Tile.Order
    private var isTraining = false
    private var patch: Int { kernelSize * kernelSize * input.channels }
    private var weightMatrix: Matrix { Matrix(weights.value.pointer, rows: patch, columns: output.channels) }

    public init(
        name: String, input: FeatureMap, output: FeatureMap, window: ConvolutionWindow, context: ExecutionContext
    ) {
        require(input.normalization == nil, "SpatialConvolution \(name): the input must be plain images")
        require(
            output.shape == window.output(for: input.shape, channels: output.channels),
            "SpatialConvolution \(name): input \(input.shape) at stride \(window.stride) does not make output "
                + "\(output.shape)")
        self.input = input
        self.output = output
        self.window = window
        self.context = context
        order = context.nextOrder()
        let size = window.kernelSize
        weights = Parameter(name: name, shape: [size, size, input.channels, output.channels])
        let patch = size * size * input.channels
        tileRows = Tile.rows(floatsPerRow: patch + 2 * output.channels)
        context.reserveScratch(tileRows * (patch + output.channels) + weights.value.count)
    }

    /// Copies the window of each output pixel (im2col): [rows, k · k · Cin], zero outside the image.
    private func gather(rows: Range<Int>, into patches: UnsafeMutablePointer<Float>) {
        let pad = kernelSize / 2, channels = input.channels
        let line = kernelSize * channels, inputLine = input.width * channels
        var to = patches
        let (first, pixel) = rows.lowerBound.quotientAndRemainder(dividingBy: output.height * output.width)
        var image = first
        var (outputY, outputX) = pixel.quotientAndRemainder(dividingBy: output.width)
        for _ in rows {
            let top = outputY * stride - pad, left = outputX * stride - pad
            let from = input.values.pointer + image * input.height * inputLine
            if top >= 0, top + kernelSize <= input.height, left >= 0, left + kernelSize <= input.width {
                var source = from + top * inputLine + left * channels
                // In whole vectors: the next line overwrites what is written past a line, or nothing reads it; and
                // memory after the images is readable.
                for _ in 0..<kernelSize {
                    for at in Swift.stride(from: 0, to: line, by: 4) {
                        let values = UnsafeRawPointer(source + at).loadUnaligned(as: SIMD4<Float>.self)
                        UnsafeMutableRawPointer(to + at).storeBytes(of: values, as: SIMD4<Float>.self)
                    }
                    to += line
                    source += inputLine
                }
            } else {
                for y in top..<top + kernelSize {
                    for x in left..<left + kernelSize {
                        let isInside = y >= 0 && y < input.height && x >= 0 && x < input.width
                        for channel in 0..<channels {
                            to[channel] = isInside ? from[y * inputLine + x * channels + channel] : 0
                        }
                        to += channels
                    }
                }
            }
            outputX += 1
            if outputX == output.width {
                (outputX, outputY) = (0, outputY + 1)
                if outputY == output.height { (outputY, image) = (0, image + 1) }
            }
        }
    }

    public func forward(training: Bool) {
        isTraining = training
        output.beginWriting(training: training)
        if training {
            let patches = context.scratch(for: 0)
            gather(rows: output.middleRow..<output.middleRow + 1, into: patches)
            output.writeShift(product: patches, by: weightMatrix)
        }
        context.pool.run(forwardPass)
        output.finishWriting(training: training)
    }

    private lazy var forwardPass = SharedWork { [unowned self] thread in
        let patches = context.scratch(for: thread)
        let share = context.pool.share(of: output.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order) { rows, _ in
            gather(rows: rows, into: patches)
            output.write(
                rows: rows, product: patches, by: weightMatrix, training: isTraining, thread: thread)
        }
    }

    public func backward() {
        context.pool.run(backwardPass)
        context.sumScratch(at: weightGradientAt, into: weights.gradient)
    }

    private lazy var backwardPass = SharedWork { [unowned self] thread in
        let patches = context.scratch(for: thread)
        let weightGradient = patches + weightGradientAt
        weightGradient.update(repeating: 0, count: weights.value.count)
        let share = context.pool.share(of: output.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order.opposite) { rows, _ in
            gather(rows: rows, into: patches)
            let gradient = output.readGradient(rows: rows, scratch: patches + tileRows * patch)
            context.multiply(
                transposed: Matrix(patches, rows: rows.count, columns: patch),
                by: Matrix(gradient, rows: rows.count, columns: output.channels), addingTo: weightGradient)
        }
    }

    /// The offset of the weights' gradient in a thread's scratch.
    private var weightGradientAt: Int { tileRows * (patch + output.channels) }
}
