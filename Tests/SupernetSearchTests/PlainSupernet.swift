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
    /// Milliseconds of every choice of every searchable layer, kernels × expansions, and of the rest.
    let latencies: [[[Double]]]
    let fixedMs: Double
    let kept: [LayerIndicators]

    /// The arguments of a layer's indicators and what they came to.
    struct Decision {
        var kernelArguments: [Double]
        var expansionArguments: [Double?]
        var indicators: LayerIndicators
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// - Parameter base: the decisions at the base point; nil to make them.
    private func decide(
        _ layer: SearchSpace.Layer, kernel: [Double], thresholds: (kernel: [Double], expansion: [Double]),
        kept: LayerIndicators, base: Decision?
    ) -> (decision: Decision, effective: [Double]) {
        let size = layer.kernels.last!, inputs = layer.input.channels
        let channels = inputs * layer.expansions.last!
        var made = base ?? Decision(kernelArguments: [], expansionArguments: [], indicators: kept)
        func indicator(_ argument: Double, kept: Double, base: (argument: Double, value: Double)?) -> Double {
            guard let base else { return kept * (argument > 0 ? 1 : 0) }
            return kept == 0 ? 0 : base.value + sigmoid(argument) - sigmoid(base.argument)
        }
        var effective = [Double](repeating: 0, count: kernel.count)
        var shellProduct = 1.0
        for (index, side) in layer.kernels.enumerated() {
            let inner = index == 0 ? 0 : layer.kernels[index - 1]
            let taps = (0..<size * size).filter { tap in
                let distance = max(abs(tap / size - size / 2), abs(tap % size - size / 2))
                return 2 * distance < side && 2 * distance >= inner
            }
            if index > 0 {
                let squares = taps.flatMap { tap in (0..<channels).map { kernel[tap * channels + $0] } }
                let argument = squares.reduce(0) { $0 + $1 * $1 } / Double(squares.count) - thresholds.kernel[index - 1]
                let value = indicator(
                    argument, kept: kept.kernel[index - 1],
                    base: base.map { ($0.kernelArguments[index - 1], $0.indicators.kernel[index - 1]) })
                shellProduct *= value
                if base == nil { made.kernelArguments.append(argument) }
                made.indicators.kernel[index - 1] = value
            }
            for tap in taps {
                for channel in 0..<channels { effective[tap * channels + channel] = shellProduct * kernel[tap * channels + channel] }
            }
        }
        for (index, ratio) in layer.expansions.enumerated() {
            guard index > 0 || layer.maySkip else {
                if base == nil { made.expansionArguments.append(nil) }
                made.indicators.expansion[index] = 1
                continue
            }
            let first = index == 0 ? 0 : layer.expansions[index - 1] * inputs
            let part = (0..<size * size).flatMap { tap in (first..<ratio * inputs).map { effective[tap * channels + $0] } }
            let threshold = thresholds.expansion[index - (layer.maySkip ? 0 : 1)]
            let argument = part.reduce(0) { $0 + $1 * $1 } / Double(part.count) - threshold
            let value = indicator(
                argument, kept: kept.expansion[index],
                base: base.map { ($0.expansionArguments[index]!, $0.indicators.expansion[index]) })
            if base == nil { made.expansionArguments.append(argument) }
            made.indicators.expansion[index] = value
        }
        return (made, effective)
    }

    /// The cost of each choice times how much it is chosen.
    private func milliseconds(_ indicators: LayerIndicators, _ table: [[Double]]) -> Double {
        func shares(_ nested: [Double]) -> [Double] {
            var product = 1.0, shares: [Double] = []
            for (index, value) in nested.enumerated() {
                product *= value
                shares.append(product * (1 - (index + 1 < nested.count ? nested[index + 1] : 0)))
            }
            return shares
        }
        var total = 0.0
        for (kernel, kernelShare) in shares([1] + indicators.kernel).enumerated() {
            for (expansion, expansionShare) in shares(indicators.expansion).enumerated() {
                total += kernelShare * expansionShare * table[kernel][expansion]
            }
        }
        return total
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
            var gate: [Double]?
            var branchGate = 1.0
            var kernel = values[layer.name + ".depthwise"]!
            if let (index, choices) = searchable[layer.name] {
                let (decision, effective) = decide(
                    choices, kernel: kernel,
                    thresholds: (
                        values[layer.name + ".thresholds.kernel"] ?? [], values[layer.name + ".thresholds.expansion"] ?? []
                    ), kept: kept[index], base: base?[index])
                kernel = effective
                let on = decision.indicators.expansion
                branchGate = on[0]
                gate = (0..<block.hiddenChannels).map { channel in
                    let slice = choices.expansions.firstIndex { channel < $0 * block.inputChannels }!
                    return on[1..<(slice + 1)].reduce(1, *)
                }
                runtime += milliseconds(decision.indicators, latencies[index])
                decisions.append(decision)
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
                    kernelSize: block.kernel, stride: block.stride, hiddenChannels: block.hiddenChannels,
                    outputChannels: block.outputChannels, expands: block.expandConvolution, residual: block.residual),
                gate: gate, branchGate: branchGate, next: { parameters.next()! })
        }
        var logits = normalized(
            current.pointwise(values["head.convolution"]!, outputs: space.headChannels), "head.normalization")
            .rectified.pooled.pointwise(values["classifier.weights"]!, outputs: space.classes)
        let bias = values["classifier.bias"]!
        for index in logits.values.indices { logits.values[index] += bias[index % space.classes] }
        return (logits.crossEntropy(labels: labels, smoothing: smoothing) + lambda * log(runtime), decisions)
    }
}
