import Engine
import Training

extension ConvNet {
    /// Inherits weights from a network of the same space that has every layer of this one at the same or a larger size:
    /// the first hidden channels, and the centre of a depthwise kernel.
    func inherit(from larger: ConvNet) {
        stem.weights.value.copy(from: larger.stem.weights.value)
        inherit(stem.output.normalization, from: larger.stem.output.normalization)
        let source = Dictionary(uniqueKeysWithValues: larger.blocks.map { ($0.name, $0) })
        for block in blocks {
            guard let wide = source[block.name] else {
                preconditionFailure("ConvNet.inherit: there is no layer \(block.name) to inherit from")
            }
            block.inherit(from: wide)
        }
        head.weights.value.copy(from: larger.head.weights.value)
        inherit(head.output.normalization, from: larger.head.output.normalization)
        classifier.weights.value.copy(from: larger.classifier.weights.value)
        classifier.bias.value.copy(from: larger.classifier.bias.value)
    }

    private func inherit(_ own: BatchNormalization?, from other: BatchNormalization?) {
        guard let own, let other else { return }
        for (to, from) in [
            (own.weight.value, other.weight.value), (own.bias.value, other.bias.value),
            (own.runningMean, other.runningMean), (own.runningVar, other.runningVar),
        ] {
            to.pointer.update(from: from.pointer, count: to.count)
        }
    }
}
