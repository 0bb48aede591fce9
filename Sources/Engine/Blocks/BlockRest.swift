/// The hidden channels of a block from one on, as far as the gradients of their gates need them when they are closed.
///
/// A closed channel adds nothing to the projection and gets no gradient itself. By its gate, the gradient is the sum
/// over all pixels of what the channel holds times the gradient of what the projection reads: its weights times the
/// gradient that they would have.
final class BlockRest {
    private let first: Int
    /// It holds this.
    private unowned let whole: InvertedBottleneck
    private let block: InvertedBottleneck
    private let weights: SharedWeights
    private let context: ExecutionContext
    private let tileRows: Int
    private let weightGradient: Storage
    private let projected: FeatureMap

    /// - Parameter projected: what the channels before these are projected to; probing needs its gradient.
    init(of whole: InvertedBottleneck, from first: Int, projected: FeatureMap, context: ExecutionContext) {
        self.projected = projected
        self.first = first
        self.whole = whole
        self.context = context
        var shape = whole.shape
        shape.hiddenChannels -= first
        block = InvertedBottleneck(name: whole.name, shape: shape, within: whole, after: first, context: context)
        weights = SharedWeights(of: block, in: whole, from: first)
        let inputs = shape.hiddenChannels, outputs = shape.outputChannels
        tileRows = Tile.rows(floatsPerRow: 2 * inputs + 2 * outputs)
        weightGradient = Storage(count: inputs * outputs)
        context.reserveScratch(tileRows * (inputs + outputs) + weightGradient.count)
    }

    /// Computes the channels, which nothing reads.
    func forward(training: Bool, times: LayerTimes?) {
        weights.take()
        block.depthwise.usedKernelSize = whole.depthwise.usedKernelSize
        block.expansion?.forward(training: training, times: times)
        block.depthwise.forward(training: training, times: times)
        if training { weights.returnStatistics() }
    }

    /// The gradients of the channels' gates, into the whole's.
    func probe() {
        let inputs = block.hidden.channels, outputs = projected.channels
        context.pool.run(probing)
        context.sumScratch(at: tileRows * (inputs + outputs), into: weightGradient)
        for channel in 0..<inputs {
            var sum: Float = 0
            for at in channel * outputs..<(channel + 1) * outputs {
                sum += weightGradient.pointer[at] * block.projection.weights.value.pointer[at]
            }
            whole.hidden.gateGradient?.pointer[first + channel] = sum
        }
    }

    private lazy var probing = SharedWork { [unowned self] thread in
        let hidden = block.hidden
        let inputs = hidden.channels, outputs = projected.channels
        let scratch = context.scratch(for: thread), sum = scratch + tileRows * (inputs + outputs)
        sum.update(repeating: 0, count: weightGradient.count)
        let share = context.pool.share(of: hidden.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, .ascending) { rows, _ in
            let values = hidden.read(rows: rows, scratch: scratch)
            let gradient = projected.readGradient(rows: rows, scratch: scratch + tileRows * inputs)
            context.multiply(
                transposed: Matrix(values, rows: rows.count, columns: inputs),
                by: Matrix(gradient, rows: rows.count, columns: outputs), addingTo: sum)
        }
    }
}
