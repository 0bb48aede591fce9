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

    public internal(set) var name: String
    /// The search space that this is a point of; nil for a network given by hand.
    public internal(set) var space: String?
    /// The shape of an image. No weight depends on its sides.
    public var input: FeatureShape
    public internal(set) var stem: Stem
    public internal(set) var layers: [Layer]
    /// nil where the classifier reads the last layer, as MobileNetV1's does.
    public internal(set) var head: Head?
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

    /// The same network with other widths, on images of another side, as the families of MobileNet have them (Sandler et
    /// al., 2018, arXiv:1801.04381): every width times `width`, rounded to a multiple of 8 that is at most a tenth less.
    ///
    /// - Parameters:
    ///   - width: above 0.
    ///   - resolution: the side of the images.
    ///   - scalesHead: whether the head gets wider where `width` is above 1; it never gets narrower.
    public func scaled(width: Double, resolution: Int, scalesHead: Bool) -> Architecture {
        func scaled(_ channels: Int) -> Int {
            let exact = width * Double(channels), rounded = max(8, Int((exact + 4) / 8) * 8)
            return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
        }
        var result = self
        result.name = "\(name)-\(width)-\(resolution)"
        result.space = nil
        result.input = FeatureShape(height: resolution, width: resolution, channels: input.channels)
        let first = stem.convolution
        result.stem = Stem(
            convolution: .init(kernel: first.kernel, stride: first.stride, outputChannels: scaled(first.outputChannels)),
            activation: stem.activation)
        result.layers = layers.map { layer in
            switch layer.content {
            case .skip(let channels):
                return Layer(name: layer.name, content: .skip(channels: scaled(channels)), isSearchable: false)
            case .block(let block):
                let shape = Block.Shape(
                    kernel: block.shape.kernel, stride: block.shape.stride, expansion: block.shape.expansion,
                    inputChannels: scaled(block.shape.inputChannels), outputChannels: scaled(block.shape.outputChannels))
                return Layer(
                    name: layer.name,
                    content: .block(
                        Block(
                            shape: shape, squeezeExcite: block.squeezeExcite, residual: block.residual,
                            expandConvolution: block.expandConvolution, activation: block.activation,
                            projectionActivation: block.projectionActivation)), isSearchable: false)
            }
        }
        if let head, scalesHead, width > 1 {
            result.head = Head(
                outputChannels: scaled(head.outputChannels), activation: head.activation, pooledChannels: head.pooledChannels)
        }
        return result
    }

    /// What was chosen for each searchable layer, in order, for people: "5x5 e6", "skip".
    public var choices: [String] { layers.filter(\.isSearchable).map(\.choice) }

    static let stemName = "stem"
    static let headName = "head"
    static let classifierName = "classifier"
}

extension Architecture {
    /// The same for images with so many pixels along the shorter side, which weights do not depend on; nil changes nothing.
    public func resized(to side: Int?) -> Architecture {
        guard let side else { return self }
        var resized = self
        resized.input = input.resized(shorterSide: side)
        return resized
    }
}
