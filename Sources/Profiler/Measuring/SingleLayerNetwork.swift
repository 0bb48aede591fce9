import Architectures

extension Network {
    /// A block alone, to be run on its own.
    package init(of block: Block, input: FeatureShape) {
        self.init(alone: .block(block, input: input))
    }

    /// An operator alone, to be run on its own; `add` adds its input to itself.
    package init(of step: Operator) {
        self.init(alone: .operator(step))
    }

    /// A block or operator alone, to be run on its own.
    init(alone subject: MeasuredSubject) {
        let layer = subject.layer
        self.init(name: layer.key, space: nil, input: layer.input, classes: layer.output.count, layers: [layer])
    }
}
