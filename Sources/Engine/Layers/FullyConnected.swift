/// output[n, :] = input[n, :] · weights + bias.
///
/// - Input: [N, 1, 1, Cin], plain; output: [N, 1, 1, Cout], plain; weights: [Cin, Cout]; bias: [Cout].
public final class FullyConnected: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    public let weights: Parameter
    public let bias: Parameter
    public var parameters: [Parameter] { [weights, bias] }
    public var kind: LayerKind { .fullyConnected }
    private var macs: Int { input.count * output.channels }
    public var forwardWork: Work { Work(macs: macs, values: input.count + output.count + weights.value.count) }
    public var backwardWork: Work {
        Work(macs: 2 * macs, values: 2 * input.count + output.count + 2 * weights.value.count)
    }
    private let context: ExecutionContext
    private var weightMatrix: Matrix { Matrix(weights.value.pointer, rows: input.channels, columns: output.channels) }

    public init(name: String, input: FeatureMap, output: FeatureMap, context: ExecutionContext) {
        require(
            input.shape == input.shape.pooled && output.shape == input.shape.with(channels: output.channels)
                && input.normalization == nil && output.normalization == nil,
            "FullyConnected \(name): input \(input.shape) and output \(output.shape) must be plain vectors")
        self.input = input
        self.output = output
        self.context = context
        weights = Parameter(name: name + ".weights", shape: [input.channels, output.channels])
        bias = Parameter(name: name + ".bias", shape: [output.channels])
    }

    public func forward(training: Bool) { context.pool.run(forwardPass) }

    private lazy var forwardPass = SharedWork { [unowned self] thread in
        let rows = context.pool.share(of: input.batch, for: thread)
        let values = output.values.pointer + rows.lowerBound * output.channels
        for row in 0..<rows.count {
            (values + row * output.channels).update(from: bias.value.pointer, count: output.channels)
        }
        if rows.isEmpty { return }
        multiply(
            Matrix(input.values.pointer + rows.lowerBound * input.channels, rows: rows.count, columns: input.channels),
            weightMatrix, into: values, beta: 1)
    }

    private lazy var backwardPass = SharedWork { [unowned self] thread in
        let rows = context.pool.share(of: input.batch, for: thread)
        if rows.isEmpty { return }
        multiply(
            Matrix(output.gradient.pointer + rows.lowerBound * output.channels, rows: rows.count, columns: output.channels),
            weightMatrix.transposed, into: input.gradient.pointer + rows.lowerBound * input.channels)
    }

    public func backward() {
        let gradient = output.gradient.pointer
        context.pool.run(backwardPass)
        multiply(
            Matrix(input.values.pointer, rows: input.batch, columns: input.channels).transposed,
            Matrix(gradient, rows: input.batch, columns: output.channels), into: weights.gradient.pointer)
        bias.gradient.fill(0)
        for row in 0..<input.batch {
            for column in 0..<output.channels { bias.gradient.pointer[column] += gradient[row * output.channels + column] }
        }
    }
}
