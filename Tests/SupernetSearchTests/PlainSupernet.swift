import Architectures
import Engine
import SupernetSearch
import TestSupport

/// A supernet's cross-entropy written out from its definition, in double precision, as a function of all that is trained and
/// of how far each part is on.
struct PlainSupernet {
    let space: SearchSpace
    let images: PlainImages
    let labels: [Int32]
    let smoothing: Double

    /// What the parts that are on make of a block.
    private struct Effect {
        var kernel: [Double]
        /// Of each hidden channel.
        var gate: [Double]
        var branchGate = 1.0
    }

    /// The taps of a kernel of that size in the middle of one of `side`, less those of a smaller one.
    private func taps(_ kernel: Int, side: Int, without smaller: Int = 0) -> [Int] {
        (0..<side * side).filter { tap in
            let distance = max(abs(tap / side - side / 2), abs(tap % side - side / 2))
            return 2 * distance < kernel && 2 * distance >= smaller
        }
    }

    /// Kernel and expansion each for itself.
    ///
    /// - Parameter products: for each part, the product of its indicator and the earlier ones of its axis.
    private func effect(of products: [Double], in layer: SearchSpace.Layer, kernel: [Double]) -> Effect {
        var products = products[...]
        let size = layer.kernels.last!, inputs = layer.input.channels
        let channels = inputs * layer.expansions.last!
        var effect = Effect(kernel: kernel, gate: [Double](repeating: 1, count: channels))
        for (inner, side) in zip(layer.kernels, layer.kernels.dropFirst()) {
            let shell = taps(side, side: size, without: inner).flatMap { tap in tap * channels..<(tap + 1) * channels }
            let on = products.removeFirst()
            for place in shell { effect.kernel[place] = on * kernel[place] }
        }
        if layer.maySkip { effect.branchGate = products.removeFirst() }
        for (inner, ratio) in zip(layer.expansions, layer.expansions.dropFirst()) {
            let on = products.removeFirst()
            for channel in inner * inputs..<ratio * inputs { effect.gate[channel] = on }
        }
        return effect
    }

    /// Kernel and expansion together: where a part is off its channels are closed, and what its block adds around the channels
    /// of the one before is zero.
    private func effect(
        of products: [Double], in layer: SearchSpace.Layer, coupled blocks: [BlockSize], kernel: [Double]
    ) -> Effect {
        var products = products[...]
        let side = blocks.last!.kernel, inputs = layer.input.channels
        let channels = inputs * blocks.last!.expansion
        var effect = Effect(kernel: kernel, gate: [Double](repeating: 1, count: channels))
        func places(_ taps: [Int], _ range: Range<Int>) -> [Int] {
            taps.flatMap { tap in range.map { tap * channels + $0 } }
        }
        func places(_ block: BlockSize) -> [Int] {
            places(taps(block.kernel, side: side), 0..<block.expansion * inputs)
        }
        for (before, block) in zip(blocks, blocks.dropFirst()) {
            let known = Set(places(before)), added = places(block).filter { !known.contains($0) }
            let on = products.removeFirst()
            for place in added where place % channels < before.expansion * inputs {
                effect.kernel[place] = on * kernel[place]
            }
            for channel in before.expansion * inputs..<block.expansion * inputs { effect.gate[channel] = on }
        }
        // Whether the layer is there comes last.
        if layer.maySkip { effect.branchGate = products.removeFirst() }
        return effect
    }

    /// The cross-entropy.
    ///
    /// - Parameters:
    ///   - values: of all parameters, by name.
    ///   - products: of each searchable layer, for each of its parts: how far it is on.
    func crossEntropy(_ values: [String: [Double]], products: [[Double]]) -> Double {
        func normalized(_ images: PlainImages, _ name: String) -> PlainImages {
            images.normalized(scale: values[name + ".scale"]!, offset: values[name + ".offset"]!)
        }
        var current = normalized(
            images.spatial(
                values["stem.convolution"]!, size: space.stem.kernel, stride: space.stem.stride,
                outputs: space.stem.outputChannels), "stem.normalization").rectified
        let searchable = Dictionary(
            uniqueKeysWithValues: space.searchableLayers.enumerated().map { ($1.name, (index: $0, layer: $1)) })
        for layer in space.largest.network.layers {
            guard case .block(let block) = layer.content else { continue }
            var effect: Effect?
            var kernel = values[layer.name + ".depthwise"]!
            if let (index, choices) = searchable[layer.name] {
                let blocks = choices.axes.lazy.compactMap { if case .block(let sizes) = $0 { sizes } else { nil } }.first
                let made = blocks.map { self.effect(of: products[index], in: choices, coupled: $0, kernel: kernel) }
                    ?? self.effect(of: products[index], in: choices, kernel: kernel)
                kernel = made.kernel
                effect = made
            }
            var next = (block.expandConvolution ? ["expand", "expand_normalization.scale", "expand_normalization.offset"] : [])
                .map { values["\(layer.name).\($0)"]! }
            next.append(kernel)
            next += [
                "depthwise_normalization.scale", "depthwise_normalization.offset", "project",
                "project_normalization.scale", "project_normalization.offset",
            ].map { values["\(layer.name).\($0)"]! }
            var parameters = next.makeIterator()
            current = current.invertedBottleneck(
                InvertedBottleneck.Shape(
                    kernelSize: block.shape.kernel, stride: block.shape.stride,
                    hiddenChannels: block.shape.hiddenChannels, outputChannels: block.shape.outputChannels,
                    expands: block.expandConvolution, residual: block.residual),
                gate: effect?.gate, branchGate: effect?.branchGate ?? 1, next: { parameters.next()! })
        }
        var logits = normalized(
            current.pointwise(values["head.convolution"]!, outputs: space.headChannels), "head.normalization")
            .rectified.pooled.pointwise(values["classifier.weights"]!, outputs: space.classes)
        let bias = values["classifier.bias"]!
        for index in logits.values.indices { logits.values[index] += bias[index % space.classes] }
        return logits.crossEntropy(labels: labels, smoothing: smoothing)
    }
}

/// A table's multilinear interpolation, from its definition: each index vector counts as much as it is chosen.
///
/// - Parameters:
///   - table: of every index vector, the first axis running fastest.
///   - counts: how many options each axis has.
///   - indicators: of the parts, axis by axis.
func multilinear(_ table: [Double], counts: [Int], at indicators: [Double]) -> Double {
    table.indices.reduce(0) { total, place in
        var share = 1.0, first = 0, rest = place
        for count in counts {
            let option = rest % count, nested = indicators[first..<first + count - 1]
            // All parts up to the option are on, and the next is not.
            share *= nested.prefix(option).reduce(1, *) * (option < count - 1 ? 1 - nested[first + option] : 1)
            first += count - 1
            rest /= count
        }
        return total + share * table[place]
    }
}
