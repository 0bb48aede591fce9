import Architectures

/// An operator while later nodes are read, some of which are fused into it.
struct ONNXStep {
    enum Kind {
        case convolution(Window, groups: Int)
        case fullyConnected
        case add
        case multiply
        case elementwise(otherCount: Int)
        case normalize
        case activate
        case maxPool(Window)
        case averagePool(Window)
        case globalAveragePool
        case concatenate
        case memoryMove
    }

    let name: String
    let kind: Kind
    let input: FeatureShape
    let output: FeatureShape
    var epilogue = Operator.Epilogue()

    /// Whether a bias or batch normalisation after it can be folded into its weights.
    var hasFoldableWeights: Bool {
        switch kind {
        case .convolution, .fullyConnected: epilogue.activation == .none && !epilogue.hasNormalization
        default: false
        }
    }

    /// Whether an activation after it can be fused into its kernel.
    var canActivate: Bool {
        switch kind {
        case .convolution, .fullyConnected, .add, .multiply, .elementwise, .normalize: epilogue.activation == .none
        case .activate, .maxPool, .averagePool, .globalAveragePool, .concatenate, .memoryMove: false
        }
    }

    var finished: Operator {
        switch kind {
        case .convolution(let window, let groups):
            .convolution(window: window, groups: groups, input: input, output: output, epilogue: epilogue)
        case .fullyConnected:
            .fullyConnected(inputChannels: input.channels, outputChannels: output.channels, epilogue: epilogue)
        case .add: .add(output, activation: epilogue.activation)
        case .multiply: .multiply(output, activation: epilogue.activation)
        case .elementwise(let count): .elementwise(output, otherCount: count, activation: epilogue.activation)
        case .normalize: .normalize(output, activation: epilogue.activation)
        case .activate: .activate(output, epilogue.activation)
        case .maxPool(let window): .maxPool(window: window, input: input, output: output)
        case .averagePool(let window): .averagePool(window: window, input: input, output: output)
        case .globalAveragePool: .globalAveragePool(input: input)
        case .concatenate: .concatenate(output: output)
        case .memoryMove: .memoryMove(input: input, output: output)
        }
    }
}
