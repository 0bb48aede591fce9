import Architectures
import Engine
import Glibc
import SupernetSearch
import TestSupport

/// A supernet's training loss written out from its definition, in double precision, as a smooth function of all that
/// is trained.
///
/// Indicators are made smooth where they stand: an indicator that is i at the base point is
/// i + sigmoid(argument) − sigmoid(argument at the base point). There the loss has the value of the hard decisions, and
/// the derivative that backpropagation through the sigmoid is meant to have.
struct PlainSupernet {
    let space: SearchSpace
    let images: PlainImages
    let labels: [Int32]
    let smoothing: Double
    let lambda: Double
    /// Milliseconds of every index vector of every searchable layer, and of the rest.
    let latencies: [[Double]]
    let fixedMs: Double
    let kept: [LayerIndicators]

    /// The arguments of a layer's indicators and what they came to.
    struct Decision {
        var arguments: [Double] = []
        var indicators: [Double] = []
    }

    /// What a decision makes of a block.
    private struct Effect {
        var kernel: [Double]
        /// Of each hidden channel.
        var gate: [Double]
        var branchGate = 1.0
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// Decides on a layer's parts, one after the other, in their order.
    private struct Deciding {
        var made = Decision()
        let thresholds: [Double]
        let kept: [Double]
        let base: Decision?
        let sigmoid: (Double) -> Double

        /// The next part's indicator, by the mean of the squares of some elements.
        mutating func next(_ elements: [Double]) -> Double {
            let index = made.indicators.count
            let argument = elements.reduce(0) { $0 + $1 * $1 } / Double(elements.count) - thresholds[index]
            made.arguments.append(argument)
            if let base {
                made.indicators.append(
                    kept[index] == 0 ? 0 : base.indicators[index] + sigmoid(argument) - sigmoid(base.arguments[index]))
            } else {
                made.indicators.append(kept[index] * (argument > 0 ? 1 : 0))
            }
            return made.indicators[index]
        }
    }

    /// The taps of a kernel of that size in the middle of one of `side`, less those of a smaller one.
    private func taps(_ kernel: Int, side: Int, without smaller: Int = 0) -> [Int] {
        (0..<side * side).filter { tap in
            let distance = max(abs(tap / side - side / 2), abs(tap % side - side / 2))
            return 2 * distance < kernel && 2 * distance >= smaller
        }
    }

    /// Kernel and expansion each for itself.
    private func decide(_ layer: SearchSpace.Layer, kernel: [Double], _ deciding: inout Deciding) -> Effect {
        let size = layer.kernels.last!, inputs = layer.input.channels
        let channels = inputs * layer.expansions.last!
        var effect = Effect(kernel: kernel, gate: [Double](repeating: 1, count: channels))
        var shellProduct = 1.0
        for (inner, side) in zip(layer.kernels, layer.kernels.dropFirst()) {
            let shell = taps(side, side: size, without: inner).flatMap { tap in tap * channels..<(tap + 1) * channels }
            shellProduct *= deciding.next(shell.map { kernel[$0] })
            for place in shell { effect.kernel[place] = shellProduct * kernel[place] }
        }
        func slice(_ range: Range<Int>) -> [Double] {
            (0..<size * size).flatMap { tap in range.map { effect.kernel[tap * channels + $0] } }
        }
        if layer.maySkip { effect.branchGate = deciding.next(slice(0..<layer.expansions[0] * inputs)) }
        var sliceProduct = 1.0
        for (inner, ratio) in zip(layer.expansions, layer.expansions.dropFirst()) {
            let range = inner * inputs..<ratio * inputs
            sliceProduct *= deciding.next(slice(range))
            for channel in range { effect.gate[channel] = sliceProduct }
        }
        return effect
    }

    /// Kernel and expansion together: a part's norm is that of the elements that its block has beyond the one before. Where it
    /// is off its channels are closed, and what it adds around the channels before is zero.
    private func decide(
        _ layer: SearchSpace.Layer, coupled blocks: [BlockSize], kernel: [Double], _ deciding: inout Deciding
    ) -> Effect {
        let side = blocks.last!.kernel, inputs = layer.input.channels
        let channels = inputs * blocks.last!.expansion
        var effect = Effect(kernel: kernel, gate: [Double](repeating: 1, count: channels))
        func places(_ taps: [Int], _ range: Range<Int>) -> [Int] {
            taps.flatMap { tap in range.map { tap * channels + $0 } }
        }
        func places(_ block: BlockSize) -> [Int] {
            places(taps(block.kernel, side: side), 0..<block.expansion * inputs)
        }
        var product = 1.0
        for (before, block) in zip(blocks, blocks.dropFirst()) {
            let known = Set(places(before)), added = places(block).filter { !known.contains($0) }
            product *= deciding.next(added.map { kernel[$0] })
            for place in added where place % channels < before.expansion * inputs {
                effect.kernel[place] = product * kernel[place]
            }
            for channel in before.expansion * inputs..<block.expansion * inputs { effect.gate[channel] = product }
        }
        // Whether the layer is there comes last.
        if layer.maySkip { effect.branchGate = deciding.next(places(blocks[0]).map { kernel[$0] }) }
        return effect
    }

    /// The loss, and the decisions it was made under.
    ///
    /// - Parameters:
    ///   - values: of all parameters, by name.
    ///   - base: the decisions at the base point; nil to make them.
    func loss(_ values: [String: [Double]], base: [Decision]? = nil) -> (loss: Double, decisions: [Decision]) {
        func normalized(_ images: PlainImages, _ name: String) -> PlainImages {
            images.normalized(scale: values[name + ".scale"]!, offset: values[name + ".offset"]!)
        }
        var current = normalized(
            images.spatial(
                values["stem.convolution"]!, size: space.stem.kernel, stride: space.stem.stride,
                outputs: space.stem.outputChannels), "stem.normalization").rectified
        var decisions: [Decision] = []
        var runtime = fixedMs
        let searchable = Dictionary(
            uniqueKeysWithValues: space.searchableLayers.enumerated().map { ($1.name, (index: $0, layer: $1)) })
        for layer in space.largest.network.layers {
            guard case .block(let block) = layer.content else { continue }
            var effect: Effect?
            var kernel = values[layer.name + ".depthwise"]!
            if let (index, choices) = searchable[layer.name] {
                var deciding = Deciding(
                    thresholds: values[layer.name + ".thresholds"] ?? [], kept: kept[index].values, base: base?[index],
                    sigmoid: sigmoid)
                let blocks = choices.axes.lazy.compactMap { if case .block(let sizes) = $0 { sizes } else { nil } }.first
                let made = blocks.map { decide(choices, coupled: $0, kernel: kernel, &deciding) }
                    ?? decide(choices, kernel: kernel, &deciding)
                kernel = made.kernel
                effect = made
                runtime += multilinear(
                    latencies[index], counts: choices.axes.map(\.optionCount), at: deciding.made.indicators)
                decisions.append(deciding.made)
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
        return (logits.crossEntropy(labels: labels, smoothing: smoothing) + lambda * log(runtime), decisions)
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
