/// Which optimiser to train with, and its constants.
///
///     let optimizer = OptimizerConfiguration.sgd(SGD.Configuration()).optimizer(of: parameters, context: context)
public enum OptimizerConfiguration: Hashable, Sendable {
    case rmsprop(RMSProp.Configuration)
    case sgd(SGD.Configuration)

    /// The kinds, as they are named in a configuration.
    public enum Kind: String, CaseIterable, Sendable {
        case rmsprop, sgd

        /// The values that the optimiser keeps for each value of a parameter.
        public var stateValues: Int {
            switch self {
            case .rmsprop: 2
            case .sgd: 1
            }
        }
    }

    /// The optimiser of a kind with its usual constants.
    public init(_ kind: Kind) {
        self =
            switch kind {
            case .rmsprop: .rmsprop(RMSProp.Configuration())
            case .sgd: .sgd(SGD.Configuration())
            }
    }

    public var kind: Kind {
        switch self {
        case .rmsprop: .rmsprop
        case .sgd: .sgd
        }
    }

    /// The part of a parameter that is added to its gradient, of parameters that decay.
    public var weightDecay: Float {
        get { self[\.weightDecay, \.weightDecay] }
        set { self[\.weightDecay, \.weightDecay] = newValue }
    }

    /// The part of the last step's movement that a step goes on with.
    public var momentum: Float {
        get { self[\.momentum, \.momentum] }
        set { self[\.momentum, \.momentum] = newValue }
    }

    /// A constant that every optimiser has.
    private subscript(
        rmsprop: WritableKeyPath<RMSProp.Configuration, Float>, sgd: WritableKeyPath<SGD.Configuration, Float>
    ) -> Float {
        get {
            switch self {
            case .rmsprop(let constants): constants[keyPath: rmsprop]
            case .sgd(let constants): constants[keyPath: sgd]
            }
        }
        set {
            switch self {
            case .rmsprop(var constants):
                constants[keyPath: rmsprop] = newValue
                self = .rmsprop(constants)
            case .sgd(var constants):
                constants[keyPath: sgd] = newValue
                self = .sgd(constants)
            }
        }
    }

    /// An optimiser of these constants for a network's parameters.
    public func optimizer(of parameters: [Parameter], context: ExecutionContext) -> any Optimizer {
        switch self {
        case .rmsprop(let configuration):
            RMSProp(parameters: parameters, configuration: configuration, context: context)
        case .sgd(let configuration): SGD(parameters: parameters, configuration: configuration, context: context)
        }
    }
}
