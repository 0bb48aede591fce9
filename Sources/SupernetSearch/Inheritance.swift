import Engine

extension ConvNet {
    /// Takes over from a network of the same space that holds every layer of this one at the same or a larger size:
    /// the first channels of a hidden width, and the middle of a depthwise kernel.
    func inherit(from larger: ConvNet) {
        stem.weights.value.copy(from: larger.stem.weights.value)
        inherit(stem.output.normalization, from: larger.stem.output.normalization)
        let source = Dictionary(uniqueKeysWithValues: larger.blocks.map { ($0.name, $0) })
        for block in blocks {
            guard let wide = source[block.name] else {
                preconditionFailure("ConvNet.inherit: there is no layer \(block.name) to inherit from")
            }
            if let expansion = block.expansion, let wideExpansion = wide.expansion {
                copyColumns(from: wideExpansion.weights, to: expansion.weights)
            }
            copyMiddle(from: wide.depthwise.kernel, to: block.depthwise.kernel)
            // Rows are whole: the first rows are the first values.
            let projection = block.projection.weights.value
            projection.pointer.update(from: wide.projection.weights.value.pointer, count: projection.count)
            for (own, other) in zip(block.normalizations, wide.normalizations) { inherit(own, from: other) }
        }
        head.weights.value.copy(from: larger.head.weights.value)
        inherit(head.output.normalization, from: larger.head.output.normalization)
        classifier.weights.value.copy(from: larger.classifier.weights.value)
        classifier.bias.value.copy(from: larger.classifier.bias.value)
    }

    private func inherit(_ own: BatchNormalization?, from other: BatchNormalization?) {
        guard let own, let other else { return }
        for (to, from) in [
            (own.scale.value, other.scale.value), (own.offset.value, other.offset.value),
            (own.runningMean, other.runningMean), (own.runningVariance, other.runningVariance),
        ] {
            to.pointer.update(from: from.pointer, count: to.count)
        }
    }

    private func copyColumns(from wide: Parameter, to narrow: Parameter) {
        for row in 0..<narrow.shape[0] {
            (narrow.value.pointer + row * narrow.shape[1]).update(
                from: wide.value.pointer + row * wide.shape[1], count: narrow.shape[1])
        }
    }

    /// Kernels are [k, k, C].
    private func copyMiddle(from wide: Parameter, to narrow: Parameter) {
        let size = narrow.shape[0], channels = narrow.shape[2]
        let border = (wide.shape[0] - size) / 2
        for row in 0..<size {
            for column in 0..<size {
                let from = (row + border) * wide.shape[1] + column + border
                (narrow.value.pointer + (row * size + column) * channels).update(
                    from: wide.value.pointer + from * wide.shape[2], count: channels)
            }
        }
    }
}
