/// A sequence of operators with concrete shapes that runs on one image at a time.
///
/// In a search space's network, a layer reads the output of the layer before it. The graph of an imported network may
/// branch: a layer reads the outputs of any earlier layers.
public struct Network: Hashable, Sendable {
    public let name: String
    /// The search space that the network is a point of; nil for a network given by hand.
    public let space: String?
    public let input: FeatureShape
    /// The number of output values of the last layer.
    public let classes: Int
    public private(set) var layers: [Layer]

    /// A network whose layers fit each other.
    public init(name: String, space: String?, input: FeatureShape, classes: Int, layers: [Layer]) {
        var shape = input
        for layer in layers {
            precondition(layer.input == shape, "layer \(layer.name) reads \(layer.input), but was given \(shape)")
            shape = layer.output
        }
        self.name = name
        self.space = space
        self.input = input
        self.classes = classes
        self.layers = layers
    }

    /// A network whose operators may read any earlier outputs. Each operator is a layer of its own, in the order of
    /// execution; `classes` is the number of output values.
    public init(
        name: String, input: FeatureShape, classes: Int, operators: [(name: String, step: Operator)]
    ) {
        self.name = name
        space = nil
        self.input = input
        self.classes = classes
        layers = operators.map { name, step in
            Layer(name: name, input: step.input, content: .operators([step]), isSearchable: false)
        }
    }

    /// Multiply-accumulates for one image.
    public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

    /// Weights, biases, and the two trained vectors of every batch normalisation.
    public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

    /// The number of values that its convolutions give for one image.
    public var activations: Int { layers.reduce(0) { $0 + $1.activations } }

    /// The network with a data type of its own, whatever a device's profile is for. Its blocks are lists of operators.
    public func valued(_ type: ValueType) -> Network {
        var network = self
        network.layers = layers.map { layer -> Layer in
            // A skip stays one.
            guard !layer.operators.isEmpty else { return layer }
            var steps = layer.operators
            for index in steps.indices { steps[index].valueType = type }
            return Layer(name: layer.name, input: layer.input, content: .operators(steps), isSearchable: layer.isSearchable)
        }
        return network
    }
}

extension Network {
    /// A named part of a network; a search decides on it as a whole or not at all.
    public struct Layer: Hashable, Sendable {
        public enum Content: Hashable, Sendable {
            /// At least one operator; each reads the output of the one before.
            case operators([Operator])
            case block(Block)
            /// The identity, which launches nothing.
            case skip
        }

        public let name: String
        public let input: FeatureShape
        public let output: FeatureShape
        public let content: Content
        /// Whether the search decided on this layer.
        public let isSearchable: Bool
        /// What a runtime launches, in order.
        public let operators: [Operator]

        public init(name: String, input: FeatureShape, content: Content, isSearchable: Bool) {
            self.name = name
            self.input = input
            self.content = content
            self.isSearchable = isSearchable
            switch content {
            case .operators(let list): operators = list
            case .block(let block): operators = block.operators(input: input)
            case .skip: operators = []
            }
            output = operators.last?.output ?? input
        }

        /// Multiply-accumulates for one image.
        public var macs: Int { operators.reduce(0) { $0 + $1.macs } }

        /// Weights, biases, and the two trained vectors of every batch normalisation.
        public var parameters: Int { operators.reduce(0) { $0 + $1.parameters } }

        /// The number of values that its convolutions give for one image (Radosavovic et al., 2020, arXiv:2003.13678, section 3).
        public var activations: Int {
            operators.reduce(0) { $0 + ($1.kind == .convolution || $1.kind == .depthwiseConvolution ? $1.output.count : 0) }
        }

        /// The key of the layer's cost: two layers with the same key do the same work.
        public var key: String {
            switch content {
            case .operators(let list): list.map(\.key).joined(separator: ", ")
            case .block(let block): block.key(input: input)
            case .skip: "skip \(input)"
            }
        }

        /// A summary for people: "3x3 e6", "skip", "fixed 3x3 e1", "pool, fully connected".
        public var choice: String {
            switch content {
            case .operators(let list): list.map(\.summary).joined(separator: ", ")
            case .block(let block): (isSearchable ? "" : "fixed ") + block.summary
            case .skip: "skip"
            }
        }
    }
}
