/// A 1×1 convolution: output[n, h, w, :] = input[n, h, w, :] · weights.
///
/// - Input: [N, H, W, Cin]; output: [N, H, W, Cout]; weights: [Cin, Cout]; no bias (normalisation has one).
///
/// Normalisation is fused into the matrix product (gemm). The input is normalised tile by tile, while the tile is in
/// cache. An epilogue computes the output's statistics, and in the backward pass those of the input, from registers.
public final class PointwiseConvolution: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    /// [Cin, Cout].
    public let weights: Parameter
    public var parameters: [Parameter] { [weights] + (output.normalization.map { [$0.weight, $0.bias] } ?? []) }

    /// Whether the input's gradient is added to what its memory holds (the gradient of a shortcut) instead of
    /// replacing it. Only for a plain input.
    public let accumulatesInputGradient: Bool

    public var kind: LayerKind { .pointwise }
    private var macs: Int { input.count * output.channels }
    public var forwardWork: Work { Work(macs: macs, values: input.count + output.count + weights.value.count) }
    public var backwardWork: Work {
        let added = accumulatesInputGradient ? input.count : 0
        return Work(
            macs: 2 * macs,
            values: 2 * input.count + added + output.count + output.valuesOfGradient + 2 * weights.value.count)
    }

    private let context: ExecutionContext
    private let tileRows: Int
    private let order: Tile.Order
    private var isTraining = false
    private var weightMatrix: Matrix { Matrix(weights.value.pointer, rows: input.channels, columns: output.channels) }
    /// [Cout, Cin], made by `backward`.
    private let transposedWeights: Storage

    public init(
        name: String, input: FeatureMap, output: FeatureMap, accumulatesInputGradient: Bool = false,
        context: ExecutionContext
    ) {
        require(
            output.shape == input.shape.with(channels: output.channels),
            "PointwiseConvolution \(name): input \(input.shape) and output \(output.shape) differ in more than channels")
        require(
            !accumulatesInputGradient || input.normalization == nil,
            "PointwiseConvolution \(name): only a plain input's gradient can be added to")
        self.input = input
        self.output = output
        self.accumulatesInputGradient = accumulatesInputGradient
        self.context = context
        order = context.nextOrder()
        weights = Parameter(name: name, shape: [input.channels, output.channels])
        transposedWeights = Storage(count: weights.value.count)
        tileRows = Tile.rows(floatsPerRow: 2 * input.channels + 2 * output.channels)
        context.reserveScratch(tileRows * (input.channels + output.channels) + weights.value.count)
    }

    public func forward(training: Bool) {
        isTraining = training
        output.beginWriting(training: training)
        if training {
            let row = output.middleRow
            output.writeShift(
                product: input.read(rows: row..<row + 1, scratch: context.scratch(for: 0)), by: weightMatrix)
        }
        context.pool.run(forwardPass)
        output.finishWriting(training: training)
    }

    private lazy var forwardPass = SharedWork { [unowned self] in passForward($0) }

    private func passForward(_ thread: Int) {
        let scratch = context.scratch(for: thread)
        let share = context.pool.share(of: input.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order) { rows, next in
            output.write(
                rows: rows, product: input.read(rows: rows, scratch: scratch), by: weightMatrix, training: isTraining,
                thread: thread, ahead: input.values(of: next))
        }
    }

    public func backward() {
        input.beginGradient()
        context.pool.run(transposition)
        context.pool.run(backwardPass)
        context.sumScratch(at: weightGradientAt, into: weights.gradient)
        input.finishGradient()
    }

    private lazy var transposition = SharedWork { [unowned self] thread in
        let rows = input.channels, columns = output.channels
        let from = weights.value.pointer, to = transposedWeights.pointer
        for column in context.pool.share(of: columns, for: thread) {
            for row in 0..<rows { to[column * rows + row] = from[row * columns + column] }
        }
    }

    private lazy var backwardPass = SharedWork { [unowned self] in passBackward($0) }

    private func passBackward(_ thread: Int) {
        let read = context.scratch(for: thread)
        let incoming = read + tileRows * input.channels
        let weightGradient = read + weightGradientAt
        weightGradient.update(repeating: 0, count: weights.value.count)
        // Prefetch the map with more channels.
        let narrows = input.channels > output.channels
        let share = context.pool.share(of: input.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order.opposite) { rows, next in
            let gradient = output.readGradient(rows: rows, scratch: incoming)
            context.multiply(
                transposed: Matrix(input.read(rows: rows, scratch: read), rows: rows.count, columns: input.channels),
                by: Matrix(gradient, rows: rows.count, columns: output.channels), addingTo: weightGradient,
                ahead: narrows ? input.gradient(of: rows) : output.values(of: next))
            input.writeGradient(
                rows: rows, product: gradient,
                by: Matrix(transposedWeights.pointer, rows: output.channels, columns: input.channels),
                accumulates: accumulatesInputGradient, thread: thread,
                ahead: narrows ? input.values(of: next) : output.gradient(of: next))
        }
    }

    /// The offset of the weights' gradient in a thread's scratch.
    private var weightGradientAt: Int { tileRows * (input.channels + output.channels) }
}
