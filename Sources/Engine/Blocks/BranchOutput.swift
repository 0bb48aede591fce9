/// The end of a block: output = shortcut + gate · normalised(projected), without ReLU (the linear bottleneck of
/// Sandler et al., 2018); the shortcut may be absent.
///
/// - Projected: [N, H, W, C], normalised; shortcut and output: [N, H, W, C], plain.
///
/// With `gate` 0 the output is the shortcut, bit for bit. The gate's gradient is computed as if it were open.
public final class BranchOutput: Layer {
    public let projected: FeatureMap
    public let shortcut: FeatureMap?
    public let output: FeatureMap
    /// The factor on the whole branch.
    public var gate: Float = 1
    /// The gradient of the loss by `gate`, after `backward`.
    public internal(set) var gateGradient: Float = 0
    public var parameters: [Parameter] { [] }
    public var kind: LayerKind { .branchOutput }
    public var forwardWork: Work { Work(values: (shortcut == nil ? 2 : 3) * output.count) }
    public var backwardWork: Work { Work(values: 2 * output.count) }

    private let normalization: BatchNormalization
    private let context: ExecutionContext
    private let order: Tile.Order
    private let tileRows: Int
    private let gatedScale: Storage
    private let gatedOffset: Storage

    /// - Parameters:
    ///   - name: of the block, for messages.
    ///   - projected: must share its gradient's memory with `output`: its gradient is that of `output` times the gate.
    ///   - shortcut: must share it too, so that the gradient of the shortcut is already in place.
    ///   - output: the block's.
    ///   - context: what the layers of the network share.
    public init(name: String, projected: FeatureMap, shortcut: FeatureMap?, output: FeatureMap, context: ExecutionContext) {
        guard let normalization = projected.normalization else {
            fatalError("BranchOutput \(name): the projection must be normalised")
        }
        require(
            projected.shape == output.shape && (shortcut == nil || shortcut!.shape == output.shape),
            "BranchOutput \(name): \(projected.shape) and shortcut \(shortcut.map { "\($0.shape)" } ?? "[]") "
                + "do not make \(output.shape)")
        require(
            projected.gradient === output.gradient && (shortcut == nil || shortcut!.gradient === output.gradient),
            "BranchOutput \(name): the gradients must share memory")
        self.normalization = normalization
        self.projected = projected
        self.shortcut = shortcut
        self.output = output
        self.context = context
        order = context.nextOrder()
        tileRows = Tile.rows(floatsPerRow: 3 * output.channels)
        gatedScale = Storage(count: normalization.period)
        gatedOffset = Storage(count: normalization.period)
    }

    public func forward(training: Bool) {
        // Copied, because adding zero would lose the sign of a zero.
        if gate == 0, shortcut != nil { return passOnShortcut() }
        for index in 0..<normalization.period {
            gatedScale.pointer[index] = gate * normalization.readScale.pointer[index]
            gatedOffset.pointer[index] = gate * normalization.readOffset.pointer[index]
        }
        context.pool.run(forwardPass)
    }

    private lazy var forwardPass = SharedWork { [unowned self] in passForward($0) }

    private func passForward(_ thread: Int) {
        let channels = output.channels
        let share = context.pool.share(of: output.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order) { rows, _ in
            let at = rows.lowerBound * channels, count = rows.count * channels
            if let shortcut {
                context.kernels.affine_add(
                    count, normalization.period, projected.values.pointer + at, gatedScale.pointer,
                    gatedOffset.pointer, shortcut.values.pointer + at, output.values.pointer + at)
            } else {
                context.kernels.affine(
                    count, normalization.period, projected.values.pointer + at, gatedScale.pointer,
                    gatedOffset.pointer, 0, .infinity, output.values.pointer + at)
            }
        }
    }

    /// Copies the shortcut, which must exist, to the output; the projection is ignored.
    func passOnShortcut() {
        require(shortcut != nil, "BranchOutput: there is no shortcut to pass on")
        context.pool.run(passingOn)
    }

    private lazy var passingOn = SharedWork { [unowned self] thread in
        let channels = output.channels
        let rows = context.pool.share(of: output.rows, for: thread, grain: 16)
        let at = rows.lowerBound * channels
        (output.values.pointer + at).update(from: shortcut!.values.pointer + at, count: rows.count * channels)
    }

    public func backward() {
        normalization.clearSums()
        context.pool.run(backwardPass)
        gateGradient = Float(normalization.branchGradient)
        normalization.finishBackward(count: output.rows, factor: Double(gate))
    }

    private lazy var backwardPass = SharedWork { [unowned self] in passBackward($0) }

    private func passBackward(_ thread: Int) {
        let channels = output.channels
        let share = context.pool.share(of: output.rows, for: thread, grain: 16)
        Tile.forEach(in: share, rows: tileRows, order.opposite) { rows, _ in
            let at = rows.lowerBound * channels
            context.kernels.gradient_moments(
                rows.count * channels, normalization.period, output.gradient.pointer + at,
                projected.values.pointer + at, normalization.inverseDeviation.pointer,
                normalization.negativeMean.pointer, normalization.sum(thread), normalization.secondSum(thread))
        }
    }
}
