import Architectures

/// An operator while later nodes are read, some of which are fused into it.
struct GraphStep {
    enum Kind {
        case convolution(Window, groups: Int)
        case transposedConvolution(Window, groups: Int)
        case fullyConnected
        case batchedProduct(GraphProduct, otherCount: Int)
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
        case softmax
        case layerNormalization
        case reduce
        case resize
        case function
        case convert
    }

    let name: String
    let kind: Kind
    let input: FeatureShape
    let output: FeatureShape
    var epilogue = Operator.Epilogue()
    /// nil for float32.
    var type: ValueType?
    /// Of a stored weight; nil where a weight has the type of the maps.
    var weightBits: Int?
    var weightSource = Operator.WeightSource.own
    /// In how many steps a recurrent layer computes its rows.
    var timeSteps = 1
    /// How many weights there are where some groups have the same; nil where each has its own.
    var distinctWeights: Int?
    /// Trained values besides weights and those of the epilogue.
    var trainedCount = 0
    /// Whether its output are sums of integers that are still to be scaled.
    var isUnscaled = false

    init(_ name: String, _ kind: Kind, input: FeatureShape, output: FeatureShape) {
        self.name = name
        self.kind = kind
        self.input = input
        self.output = output
    }

    /// Whether it multiplies a map by weights.
    var hasWeights: Bool {
        switch kind {
        case .convolution, .transposedConvolution, .fullyConnected: true
        default: false
        }
    }

    /// Whether a bias or batch normalisation after it can be folded into its weights.
    var hasFoldableWeights: Bool { hasWeights && epilogue.activation == .none && !epilogue.hasNormalization }

    /// Whether an activation after it can be fused into its kernel.
    var canActivate: Bool {
        switch kind {
        case .convolution, .transposedConvolution, .fullyConnected, .add, .multiply, .elementwise, .normalize:
            epilogue.activation == .none
        default: false
        }
    }

    var finished: Operator {
        var step: Operator =
            switch kind {
            case .convolution(let window, let groups):
                .convolution(window: window, groups: groups, input: input, output: output, epilogue: epilogue)
            case .transposedConvolution(let window, let groups):
                .transposedConvolution(window: window, groups: groups, input: input, output: output, epilogue: epilogue)
            case .fullyConnected:
                .fullyConnected(inputChannels: input.channels, outputChannels: output.channels, epilogue: epilogue)
            case .batchedProduct(let product, let count):
                .batchedProduct(
                    batches: product.batches, rows: product.rows, depth: product.depth, columns: product.columns,
                    otherCount: count)
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
            case .softmax: .softmax(output)
            case .layerNormalization: .layerNormalization(output, epilogue: epilogue)
            case .reduce: .reduce(input: input, output: output)
            case .resize: .resize(input: input, output: output)
            case .function: .function(output)
            case .convert: .convert(output)
            }
        step.valueType = type
        step.weightBits = weightBits
        step.weightSource = weightSource
        step.timeSteps = timeSteps
        step.trainedCount = trainedCount
        return step
    }
}
