/// A sequence of operators with concrete shapes: what runs, on one image at a time.
///
/// The layers of a search space's network read what the one before wrote; those of an imported network, whose graph
/// may branch, read what some of those before wrote.
public struct Network: Hashable, Sendable {
    public let name: String
    /// The search space that the network is a point of; nil for a network given by hand.
    public let space: String?
    public let input: FeatureShape
    /// The number of values that the last layer gives.
    public let classes: Int
    public let layers: [Layer]

    /// A network whose layers fit each other.
    public init(name: String, space: String?, input: FeatureShape, classes: Int, layers: [Layer]) {
        var shape = input
        for layer in layers {
            precondition(layer.input == shape, "layer \(layer.name) reads \(layer.input), given \(shape)")
            shape = layer.output
        }
        self.name = name
        self.space = space
        self.input = input
        self.classes = classes
        self.layers = layers
    }

    /// A network whose operators read whatever was written before them, each a layer of its own, in the order in which
    /// they run; `classes` is the number of values that the network gives.
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
}

extension Network {
    /// A part of a network that has a name, and that a search decides on as a whole or not at all.
    public struct Layer: Hashable, Sendable {
        public enum Content: Hashable, Sendable {
            /// One operator at least, each reading what the one before writes.
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

        /// What the layer costs follows from this text alone; two layers of one key are the same work.
        public var key: String {
            switch content {
            case .operators(let list): list.map(\.key).joined(separator: ", ")
            case .block(let block): block.key(input: input)
            case .skip: "skip \(input)"
            }
        }

        /// What stands in the layer, for people: "3x3 e6", "skip", "fixed 3x3 e1", "pool, fully connected".
        public var choice: String {
            switch content {
            case .operators(let list): list.map(\.summary).joined(separator: ", ")
            case .block(let block): (isSearchable ? "" : "fixed ") + block.summary
            case .skip: "skip"
            }
        }
    }
}
