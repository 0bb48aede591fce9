import COpenBLAS

/// A 1×1 convolution: output[n, h, w, :] = input[n, h, w, :] · weights.
///
/// - Input: [N, H, W, Cin]; output: [N, H, W, Cout]; weights: [Cin, Cout]; no bias (normalisation has one).
///
/// The input is read through its normalisation and the output's statistics are taken tile by tile, while the
/// tile is in cache.
public final class PointwiseConvolution: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    /// [Cin, Cout].
    public let weights: Parameter
    public var parameters: [Parameter] { [weights] + (output.normalization.map { [$0.scale, $0.offset] } ?? []) }

    /// Whether the input's gradient is added to what its memory holds (the gradient of a shortcut) instead of
    /// replacing it. Only for a plain input.
    public let accumulatesInputGradient: Bool

    private let context: ExecutionContext
    private let tileRows: Int

    public init(
        name: String, input: FeatureMap, output: FeatureMap, accumulatesInputGradient: Bool = false,
        context: ExecutionContext
    ) {
        require(
            input.batch == output.batch && input.height == output.height && input.width == output.width,
            "PointwiseConvolution \(name): input \(input.shape) and output \(output.shape) differ in more than channels")
        require(
            !accumulatesInputGradient || input.normalization == nil,
            "PointwiseConvolution \(name): only a plain input's gradient can be added to")
        self.input = input
        self.output = output
        self.accumulatesInputGradient = accumulatesInputGradient
        self.context = context
        weights = Parameter(name: name, shape: [input.channels, output.channels])
        tileRows = Tile.rows(floatsPerRow: 2 * input.channels + 2 * output.channels)
        context.reserveScratch(tileRows * (2 * input.channels + output.channels) + weights.value.count)
    }

    public func forward(training: Bool) {
        output.beginWriting(training: training)
        context.pool.run { thread in
            let scratch = context.scratch(for: thread)
            Tile.forEach(in: context.pool.share(of: input.rows, for: thread, grain: 16), rows: tileRows) { rows in
                multiply(
                    input.read(rows: rows, scratch: scratch), weights.value.pointer,
                    into: output.values.pointer + rows.lowerBound * output.channels, rows: rows.count,
                    columns: output.channels, inner: input.channels)
                if training { output.noteWritten(rows: rows, thread: thread) }
            }
        }
        output.finishWriting(training: training)
    }

    public func backward() {
        input.beginGradient()
        let readFloats = tileRows * input.channels, gradientFloats = tileRows * output.channels
        context.pool.run { thread in
            let read = context.scratch(for: thread)
            let incoming = read + readFloats
            let outgoing = incoming + gradientFloats
            let weightGradient = outgoing + readFloats
            var first: Float = 0
            let share = context.pool.share(of: input.rows, for: thread, grain: 16)
            if share.isEmpty { weightGradient.update(repeating: 0, count: weights.value.count) }
            Tile.forEach(in: share, rows: tileRows) { rows in
                let gradient = output.readGradient(rows: rows, scratch: incoming)
                multiply(
                    input.read(rows: rows, scratch: read), gradient, into: weightGradient,
                    rows: input.channels, columns: output.channels, inner: rows.count, transposeA: true,
                    beta: first)
                first = 1
                if input.normalization == nil {
                    multiply(
                        gradient, weights.value.pointer,
                        into: input.gradient.pointer + rows.lowerBound * input.channels, rows: rows.count,
                        columns: input.channels, inner: output.channels, transposeB: true,
                        beta: accumulatesInputGradient ? 1 : 0)
                } else {
                    multiply(
                        gradient, weights.value.pointer, into: outgoing, rows: rows.count,
                        columns: input.channels, inner: output.channels, transposeB: true)
                    input.writeGradient(outgoing, rows: rows, thread: thread)
                }
            }
        }
        context.sumScratch(at: 2 * readFloats + gradientFloats, into: weights.gradient)
        input.finishGradient()
    }
}
