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
    ///
    /// - Parameter maps: what is in memory while each operator runs; nil where only their order is known.
    public init(
        name: String, input: FeatureShape, classes: Int, operators: [(name: String, step: Operator)],
        maps: [LivingMaps]? = nil
    ) {
        precondition(maps.map { $0.count == operators.count } ?? true)
        self.name = name
        space = nil
        self.input = input
        self.classes = classes
        layers = operators.enumerated().map { index, named in
            var layer = Layer(
                name: named.name, input: named.step.input, content: .operators([named.step]), isSearchable: false)
            layer.maps = maps?[index]
            return layer
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
            var valued = Layer(
                name: layer.name, input: layer.input, content: .operators(steps), isSearchable: layer.isSearchable)
            valued.maps = layer.maps?.valued(type)
            return valued
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
        /// What is in memory while the layer runs; nil where each of its operators reads what is written just before it, and
        /// a residual addition the input of its block.
        public internal(set) var maps: LivingMaps?

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
