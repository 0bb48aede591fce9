/// A network with every choice made: one point of a search space, or a network given by hand. It needs no search space
/// to be understood.
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
    }

    public let name: String
    /// The search space that this is a point of; nil for a network given by hand.
    public let space: String?
    /// The shape of an image.
    public let input: FeatureShape
    public let stem: SearchSpace.Convolution
    public let layers: [Layer]
    /// The width of the 1x1 convolution before the classifier.
    public let headChannels: Int
    public let classes: Int

    /// What runs: the layers "stem", those of `layers` under their names, "head" and "classifier".
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
                    kernel: stem.kernel, stride: stem.stride, input: shape, outputChannels: stem.outputChannels,
                    activation: .relu)
            ]))
        for layer in self.layers {
            switch layer.content {
            case .block(let block): append(layer.name, .block(block), isSearchable: layer.isSearchable)
            case .skip: append(layer.name, .skip, isSearchable: layer.isSearchable)
            }
        }
        append(
            Self.headName,
            .operators([
                .convolution(kernel: 1, stride: 1, input: shape, outputChannels: headChannels, activation: .relu)
            ]))
        append(
            Self.classifierName,
            .operators([
                .globalAveragePool(input: shape),
                .fullyConnected(inputChannels: headChannels, outputChannels: classes, activation: .none),
            ]))
        return Network(name: name, space: space, input: input, classes: classes, layers: layers)
    }

    static let stemName = "stem"
    static let headName = "head"
    static let classifierName = "classifier"
}
