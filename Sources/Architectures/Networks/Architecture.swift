/// A network with every choice made: one point of a search space, or a network given by hand. It is complete without
/// its search space.
public struct Architecture: Hashable, Sendable {
    /// One inverted bottleneck, or nothing in its place.
    public struct Layer: Hashable, Sendable {
        public enum Content: Hashable, Sendable {
            case block(Block)
            /// The identity on a map of this width.
            case skip(channels: Int)
        }

        public let name: String
        public let content: Content
        /// Whether a search decided on this layer.
        public let isSearchable: Bool

        /// "3x3 e6" or "skip".
        public var choice: String { if case .block(let block) = content { block.summary } else { "skip" } }
    }

    /// The first convolution and its activation.
    public struct Stem: Hashable, Sendable {
        public let convolution: SearchSpace.Convolution
        public let activation: Activation

        public init(convolution: SearchSpace.Convolution, activation: Activation = .relu) {
            self.convolution = convolution
            self.activation = activation
        }
    }

    /// The 1x1 convolution after the layers, with batch normalisation.
    public struct Head: Hashable, Sendable {
        public let outputChannels: Int
        public let activation: Activation
        /// The width of a fully connected operator between the global pool and the classifier, with the head's
        /// activation, as in MobileNetV3 (Howard et al., 2019, arXiv:1905.02244); nil where there is none.
        public let pooledChannels: Int?

        public init(outputChannels: Int, activation: Activation = .relu, pooledChannels: Int? = nil) {
            self.outputChannels = outputChannels
            self.activation = activation
            self.pooledChannels = pooledChannels
        }
    }

    public let name: String
    /// The search space that this is a point of; nil for a network given by hand.
    public let space: String?
    /// The shape of an image. No weight depends on its sides.
    public var input: FeatureShape
    public let stem: Stem
    public let layers: [Layer]
    /// nil where the classifier reads the last layer, as MobileNetV1's does.
    public let head: Head?
    /// The number of classes, which is that of the data where nothing else says.
    public var classes: Int

    /// A point of a search space, whose layers are these.
    init(name: String, in space: SearchSpace, layers: [Layer]) {
        self.name = name
        self.space = space.name
        input = space.input
        stem = Stem(convolution: space.stem)
        self.layers = layers
        head = Head(outputChannels: space.headChannels)
        classes = space.classes
    }

    /// The network that runs: the layers "stem", `layers` by their names, "head" where there is one, and "classifier".
    public var network: Network {
        var layers: [Network.Layer] = []
        var shape = input
        func append(_ name: String, _ content: Network.Layer.Content, isSearchable: Bool = false) {
            layers.append(Network.Layer(name: name, input: shape, content: content, isSearchable: isSearchable))
            shape = layers[layers.count - 1].output
        }
        append(
            Self.stemName,
            .operators([
                .convolution(
                    kernel: stem.convolution.kernel, stride: stem.convolution.stride, input: shape,
                    outputChannels: stem.convolution.outputChannels, activation: stem.activation)
            ]))
        for layer in self.layers {
            switch layer.content {
            case .block(let block): append(layer.name, .block(block), isSearchable: layer.isSearchable)
            case .skip: append(layer.name, .skip, isSearchable: layer.isSearchable)
            }
        }
        if let head {
            append(
                Self.headName,
                .operators([
                    .convolution(
                        kernel: 1, stride: 1, input: shape, outputChannels: head.outputChannels,
                        activation: head.activation)
                ]))
        }
        var classifier = [Operator.globalAveragePool(input: shape)]
        var width = shape.channels
        if let head, let pooledChannels = head.pooledChannels {
            classifier.append(
                .fullyConnected(inputChannels: width, outputChannels: pooledChannels, activation: head.activation))
            width = pooledChannels
        }
        classifier.append(.fullyConnected(inputChannels: width, outputChannels: classes, activation: .none))
        append(Self.classifierName, .operators(classifier))
        return Network(name: name, space: space, input: input, classes: classes, layers: layers)
    }

    /// What was chosen for each searchable layer, in order, for people: "5x5 e6", "skip".
    public var choices: [String] { layers.filter(\.isSearchable).map(\.choice) }

    static let stemName = "stem"
    static let headName = "head"
    static let classifierName = "classifier"
}
