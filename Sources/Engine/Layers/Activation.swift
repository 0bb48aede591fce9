/// Applies normalisation and ReLU, with the ceiling of the normalisation, and stores the result: output =
/// relu(normalised(input)), for a layer that needs a plain map (the shortcut of a block that follows the stem).
///
/// - Input: [N, H, W, C], normalised; output: [N, H, W, C], plain.
public final class Activation: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    public var parameters: [Parameter] { [] }
    public var kind: LayerKind { .activation }
    public var forwardWork: Work { Work(values: 2 * output.count) }
    public var backwardWork: Work { Work(values: 3 * output.count) }
    private let context: ExecutionContext

    public init(input: FeatureMap, output: FeatureMap, context: ExecutionContext) {
        require(
            input.normalization != nil && output.normalization == nil && input.shape == output.shape,
            "Activation: normalised input \(input.shape) and plain output \(output.shape) must have the same shape")
        self.input = input
        self.output = output
        self.context = context
    }

    public func forward(training: Bool) { context.pool.run(forwardPass) }

    private lazy var forwardPass = SharedWork { [unowned self] thread in
        let rows = context.pool.share(of: input.rows, for: thread, grain: 16)
        _ = input.read(rows: rows, scratch: output.values.pointer + rows.lowerBound * output.channels)
    }

    public func backward() {
        input.beginGradient()
        context.pool.run(backwardPass)
        input.finishGradient()
    }

    private lazy var backwardPass = SharedWork { [unowned self] thread in
        let rows = context.pool.share(of: input.rows, for: thread, grain: 16)
        input.writeGradient(output.gradient.pointer + rows.lowerBound * output.channels, rows: rows, thread: thread)
    }
}
