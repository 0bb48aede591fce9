import Files

/// A macro-architecture (stem, stages, head) and, per layer, the axes on which a search chooses.
///
/// The network is: a stem convolution, the layers of every stage (inverted bottlenecks), a 1x1 head convolution, and a
/// classifier (global average pooling and a fully connected operator). Every layer of stride 1 and equal widths
/// has a residual.
public struct SearchSpace: Hashable, Sendable {
    /// A dense convolution with batch normalisation; in a search space ReLU follows.
    public struct Convolution: Hashable, Sendable {
        public let kernel: Int
        public let stride: Int
        public let outputChannels: Int
    }

    /// Consecutive layers of one width.
    public struct Stage: Hashable, Sendable {
        public enum Content: Hashable, Sendable {
            /// Every layer is the same block, and nothing is searched.
            case fixed(kernel: Int, expansion: Int)
            /// Every layer decides on these axes; on `skip` only where it has stride 1 and equal widths.
            case searchable([ChoiceAxis])
        }

        public let name: String
        public let layers: Int
        public let outputChannels: Int
        /// The stride of the first layer; the others have stride 1.
        public let stride: Int
        public let content: Content
    }

    public let name: String
    public let description: String
    /// The shape of an image. No weight depends on its sides.
    public var input: FeatureShape
    public let stem: Convolution
    public let stages: [Stage]
    /// The width of the 1x1 convolution before the classifier.
    public let headChannels: Int
    /// The number of classes, which is that of the data where nothing else says.
    public var classes: Int
}

extension SearchSpace {
    /// A layer on which the search decides.
    public struct Layer: Hashable, Sendable {
        /// The stage and the place in it, from 1: "stage1.2".
        public let name: String
        /// The place among all layers of the stages, searchable or not, from 0.
        let place: Int
        public let input: FeatureShape
        public let output: FeatureShape
        public let stride: Int
        /// The axes of the layer, in the order of a `LayerChoice`.
        public let axes: [ChoiceAxis]
        /// Whether a block here adds its input to its output.
        public let residual: Bool
    }

    /// A layer of a stage, searched or not.
    private enum Position {
        case fixed(name: String, Block)
        case searchable(Layer)
    }

    private var positions: [Position] {
        var shape = input.strided(by: stem.stride, channels: stem.outputChannels), place = -1
        return stages.flatMap { stage in
            (1...stage.layers).map { index in
                place += 1
                let name = "\(stage.name).\(index)"
                let stride = index == 1 ? stage.stride : 1
                let input = shape
                let output = input.strided(by: stride, channels: stage.outputChannels)
                shape = output
                let residual = Block.Shape.allowsResidual(
                    stride: stride, inputChannels: input.channels, outputChannels: output.channels)
                switch stage.content {
                case .fixed(let kernel, let expansion):
                    return .fixed(
                        name: name,
                        Block(
                            shape: Block.Shape(
                                kernel: kernel, stride: stride, expansion: Double(expansion),
                                inputChannels: input.channels, outputChannels: output.channels),
                            residual: residual, expandConvolution: expansion > 1))
                case .searchable(let axes):
                    return .searchable(
                        Layer(
                            name: name, place: place, input: input, output: output, stride: stride,
                            axes: axes.filter { $0 != .skip || residual }, residual: residual))
                }
            }
        }
    }

    /// The layers on which the search decides, in order.
    public var searchableLayers: [Layer] {
        positions.compactMap { if case .searchable(let layer) = $0 { layer } else { nil } }
    }

    /// The point of the space with those choices, one for each of `searchableLayers`, in their order.
    ///
    /// - Throws: `ArchitectureError` where the count is wrong or a layer does not offer its choice.
    public func architecture(name: String, choices: [LayerChoice]) throws(ArchitectureError) -> Architecture {
        let layers = searchableLayers
        guard choices.count == layers.count else {
            throw .wrongCount(space: self.name, expected: layers.count, found: choices.count)
        }
        for (layer, choice) in zip(layers, choices) where !layer.offers(choice) {
            throw .notAChoice(space: self.name, layer: layer.name, options: layer.axes.map(\.optionCount))
        }
        var next = choices.makeIterator()
        return architecture(name: name) { next.next() ?? $0.smallest }
    }

    /// The choices of an architecture of this space, one for each of `searchableLayers`, in their order.
    ///
    /// - Throws: `ArchitectureError` where it is no point of this space.
    public func choices(of architecture: Architecture) throws(ArchitectureError) -> [LayerChoice] {
        let layers = searchableLayers, chosen = architecture.layers.filter(\.isSearchable)
        guard chosen.count == layers.count else {
            throw .wrongCount(space: name, expected: layers.count, found: chosen.count)
        }
        var choices: [LayerChoice] = []
        for (layer, chosen) in zip(layers, chosen) {
            guard let choice = layer.choices.first(where: { layer.content(with: $0) == chosen.content }) else {
                throw .notOffered(space: name, layer: layer.name, content: chosen.choice, choices: layer.choices.map(layer.text))
            }
            choices.append(choice)
        }
        return choices
    }

    /// The network with the largest option on every axis.
    public var largest: Architecture { architecture(name: "\(name), largest", choosing: \.largest) }

    /// The network without the layers that may be skipped, with the smallest option on every axis of the others.
    public var smallest: Architecture { architecture(name: "\(name), smallest", choosing: \.smallest) }

    private func architecture(name: String, choosing choice: (Layer) -> LayerChoice) -> Architecture {
        Architecture(
            name: name, in: self,
            layers: positions.map { position in
                switch position {
                case .fixed(let name, let block):
                    return Architecture.Layer(name: name, content: .block(block), isSearchable: false)
                case .searchable(let layer):
                    return Architecture.Layer(name: layer.name, content: layer.content(with: choice(layer)), isSearchable: true)
                }
            })
    }
}
