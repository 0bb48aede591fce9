/// Stochastic gradient descent with momentum, by default in Nesterov's form (Sutskever et al., 2013, "On the importance
/// of initialization and momentum in deep learning"), as PyTorch computes it:
///
///     velocity ← momentum · velocity + gradient
///     value    ← value − rate · (gradient + momentum · velocity)       (without Nesterov: rate · velocity)
///
/// where `gradient` includes weightDecay · value for parameters that decay, and `rate` the parameter's own factor.
public final class SGD: Optimizer {
    /// The constants, with the values that are usual for small colour images.
    public struct Configuration: Hashable, Sendable {
        public var momentum: Float = 0.9
        public var isNesterov = true
        public var weightDecay: Float = 5e-4
        public init() {}
    }

    public let parameters: [Parameter]
    public let configuration: Configuration
    public var state: [OptimizerState] { [OptimizerState(name: "velocity", tensors: velocities)] }
    private let velocities: [Storage]
    private let context: ExecutionContext
    /// The learning rate of the present step.
    private var learningRate: Float = 0

    public init(parameters: [Parameter], configuration: Configuration = Configuration(), context: ExecutionContext) {
        self.parameters = parameters
        self.configuration = configuration
        self.context = context
        velocities = parameters.map { Storage(count: $0.value.count) }
        reset()
    }

    public func reset() {
        for velocity in velocities { velocity.fill(0) }
    }

    /// Value and velocity are read and written, the gradient is read.
    public var work: Work { Work(values: 5 * parameters.reduce(0) { $0 + $1.value.count }) }

    public func update(learningRate: Float) {
        self.learningRate = learningRate
        updating.run()
    }

    private lazy var updating = ParameterUpdate(of: parameters, context: context) { [unowned self] index, range in
        let parameter = parameters[index], at = range.lowerBound
        context.kernels.sgd(
            range.count, parameter.value.pointer + at, parameter.gradient.pointer + at,
            velocities[index].pointer + at, parameter.learningRateFactor * learningRate, configuration.momentum,
            configuration.isNesterov ? 1 : 0, parameter.decays ? configuration.weightDecay : 0)
    }
}
