/// RMSProp with momentum (Tieleman and Hinton, 2012), in the form of TensorFlow 1, with which the published mobile
/// networks were trained:
///
///     square   ← decay · square + (1 − decay) · gradient²          (ones at first)
///     velocity ← momentum · velocity + rate · gradient / √(square + epsilon)
///     value    ← value − velocity
///
/// where `gradient` includes weightDecay · value for parameters that decay, and `rate` the parameter's own factor.
public final class RMSProp: Optimizer {
    /// The constants, with the published defaults.
    public struct Configuration: Hashable, Sendable {
        public var decay: Float = 0.9
        public var momentum: Float = 0.9
        public var epsilon: Float = 1e-3
        public var weightDecay: Float = 1e-5
        public init() {}
    }

    public let parameters: [Parameter]
    public let configuration: Configuration
    public var state: [OptimizerState] {
        [OptimizerState(name: "square", tensors: squares), OptimizerState(name: "velocity", tensors: velocities)]
    }
    private let squares: [Storage]
    private let velocities: [Storage]
    private let context: ExecutionContext
    /// The learning rate of the present step.
    private var learningRate: Float = 0

    public init(parameters: [Parameter], configuration: Configuration = Configuration(), context: ExecutionContext) {
        self.parameters = parameters
        self.configuration = configuration
        self.context = context
        squares = parameters.map { Storage(count: $0.value.count) }
        velocities = parameters.map { Storage(count: $0.value.count) }
        reset()
    }

    public func reset() {
        for square in squares { square.fill(1) }
        for velocity in velocities { velocity.fill(0) }
    }

    /// Value, square and velocity are read and written, the gradient is read.
    public var work: Work { Work(values: 7 * parameters.reduce(0) { $0 + $1.value.count }) }

    public func update(learningRate: Float) {
        self.learningRate = learningRate
        updating.run()
    }

    private lazy var updating = ParameterUpdate(of: parameters, context: context) { [unowned self] index, range in
        let parameter = parameters[index], at = range.lowerBound
        context.kernels.rmsprop(
            range.count, parameter.value.pointer + at, parameter.gradient.pointer + at, squares[index].pointer + at,
            velocities[index].pointer + at, parameter.learningRateFactor * learningRate, configuration.decay,
            configuration.momentum, configuration.epsilon, parameter.decays ? configuration.weightDecay : 0)
    }
}
