import Architectures

extension Network {
    /// A block alone, to be run on its own.
    package init(of block: Block, input: FeatureShape) {
        self.init(content: .block(block), input: input)
    }

    /// An operator alone, to be run on its own; `add` adds its input to itself.
    package init(of step: Operator) {
        self.init(content: .operators([step]), input: step.input)
    }

    private init(content: Layer.Content, input: FeatureShape) {
        let layer = Layer(name: "alone", input: input, content: content, isSearchable: false)
        self.init(name: layer.key, space: nil, input: input, classes: layer.output.count, layers: [layer])
    }
}
