/// The choices of a searchable layer: the product of its axes.
extension SearchSpace.Layer {
    public var maySkip: Bool { axes.contains(.skip) }

    /// Every combination of options, the first axis running fastest.
    public var indexVectors: [LayerChoice] {
        axes.indices.reduce([LayerChoice()]) { vectors, axis in
            (0..<axes[axis].optionCount).flatMap { option in
                vectors.map { vector in
                    var vector = vector
                    vector[axis] = option
                    return vector
                }
            }
        }
    }

    /// Every choice: the skip where there is one, then the others, the first axis running fastest.
    ///
    /// All index vectors that skip the layer mean the same; `smallest` represents them.
    public var choices: [LayerChoice] {
        maySkip ? [smallest] + indexVectors.filter { size(of: $0) != nil } : indexVectors
    }

    /// The first option on every axis: the skip, where there is one.
    public var smallest: LayerChoice { LayerChoice(axes.map { _ in 0 }) }

    /// The last option on every axis.
    public var largest: LayerChoice { LayerChoice(axes.map { $0.optionCount - 1 }) }

    /// Whether a choice has an option of every axis and of no other.
    func offers(_ choice: LayerChoice) -> Bool {
        (0..<ChoiceAxis.limits.axes).allSatisfy { axis in
            choice[axis] < (axis < axes.count ? axes[axis].optionCount : 1)
        }
    }

    /// The sizes that a choice gives the block; nil where it skips the layer.
    public func size(of choice: LayerChoice) -> BlockSize? {
        // Every axis but `skip` sets the sizes, so the initial ones are overwritten.
        var size: BlockSize? = BlockSize(kernel: 1, expansion: 1)
        for (axis, options) in axes.enumerated() { options.apply(choice[axis], to: &size) }
        return size
    }

    /// The choice of a block of these sizes; nil where the layer has none.
    public func choice(of size: BlockSize) -> LayerChoice? { choices.first { self.size(of: $0) == size } }

    /// The smallest and the largest block of this layer.
    public var smallestSize: BlockSize {
        var choice = smallest
        if let skip = axes.firstIndex(of: .skip) { choice[skip] = 1 }
        return size(of: choice) ?? BlockSize(kernel: 1, expansion: 1)
    }
    public var largestSize: BlockSize { size(of: largest) ?? smallestSize }

    /// "skip" or "3x3 e6".
    public func text(of choice: LayerChoice) -> String { size(of: choice)?.description ?? "skip" }

    /// The block of this layer with those sizes.
    public func block(_ size: BlockSize) -> Block {
        Block(
            shape: Block.Shape(
                kernel: size.kernel, stride: stride, expansion: Double(size.expansion), inputChannels: input.channels,
                outputChannels: output.channels),
            residual: residual)
    }

    /// The content of this layer in an architecture with that choice.
    func content(with choice: LayerChoice) -> Architecture.Layer.Content {
        size(of: choice).map { .block(block($0)) } ?? .skip(channels: input.channels)
    }

    /// The network's layer with that choice.
    public func layer(with choice: LayerChoice) -> Network.Layer {
        Network.Layer(
            name: name, input: input, content: size(of: choice).map { .block(block($0)) } ?? .skip, isSearchable: true)
    }

    /// A part of the layer that an indicator switches on or off.
    public struct Part: Hashable, Sendable {
        /// The name in metrics and reports: "kernel_5".
        public let name: String
        /// The index of its axis, and the option that it adds, from 1.
        public let axis: Int, option: Int

        /// The name for people: "kernel 5".
        public var text: String { name.replacing("_", with: " ") }
    }

    /// All parts, axis by axis, in the order of the layer's indicators.
    public var parts: [Part] {
        let presence = ChoiceAxis.presenceName(in: axes, smallest: smallestSize)
        return axes.enumerated().flatMap { axis, options in
            options.partNames(presence: presence).enumerated().map { Part(name: $1, axis: axis, option: $0 + 1) }
        }
    }
}
