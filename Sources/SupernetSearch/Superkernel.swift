import Architectures
import Engine

/// The shared depthwise kernel of a searchable layer, which holds every choice of the layer, nested, and decides
/// by its own norms which of them is used.
///
/// The kernel is [K, K, C] with the largest size K and the largest width C. Kernel sizes are nested as a core and
/// the shells around it, expansion ratios as slices of channels. A shell is used where its norm exceeds its
/// threshold and all smaller shells are used; so is a slice, by the norm of its part of the kernel after the shells
/// are decided. Where the layer may be skipped the first slice has a threshold too.
public final class Superkernel {
    /// The choices.
    public let layer: SearchSpace.Layer
    /// The shared kernel, [K, K, C].
    public let kernel: Parameter
    /// One for each shell.
    public let kernelThresholds: Parameter
    /// One for each slice that can be off: all where the layer may be skipped, else all but the first.
    public let expansionThresholds: Parameter
    public var parameters: [Parameter] { [kernel, kernelThresholds, expansionThresholds] }

    /// What the last `decide` or `select` came to.
    public private(set) var indicators: LayerIndicators
    /// Norm − threshold of each shell and of each slice, at the last `decide`.
    private var arguments: LayerIndicators
    private var kept: LayerIndicators
    /// What the backward pass has of each shell and of each slice: the derivatives by their products.
    private var products: LayerIndicators
    private let allOn: LayerIndicators

    private let block: InvertedBottleneck
    private let channels: Int
    /// Of each tap of the kernel, 0 for the core, else which shell, from 1.
    private let shellOfTap: [Int]
    private let slices: [Range<Int>]

    /// - Parameter block: the block at the layer's largest choice, with a gated hidden width; it receives the
    ///   effective kernel, the gates and what of it is computed.
    public init(layer: SearchSpace.Layer, block: InvertedBottleneck, random: inout RandomSource) {
        self.layer = layer
        self.block = block
        let size = layer.kernels.last!, inputChannels = layer.input.channels
        channels = layer.expansions.last! * inputChannels
        precondition(
            block.shape.kernelSize == size && block.shape.hiddenChannels == channels,
            "Superkernel \(layer.name): the block must have the layer's largest sizes")
        kernel = Parameter(name: block.name + ".depthwise", shape: [size, size, channels])
        kernel.initializeHe(fan: size * size, random: &random)
        kernelThresholds = Parameter(name: block.name + ".thresholds.kernel", shape: [layer.kernels.count - 1], decays: false)
        expansionThresholds = Parameter(
            name: block.name + ".thresholds.expansion", shape: [layer.expansions.count - (layer.maySkip ? 0 : 1)], decays: false)
        shellOfTap = (0..<size * size).map { tap in
            let distance = max(abs(tap / size - size / 2), abs(tap % size - size / 2))
            return layer.kernels.firstIndex { $0 / 2 >= distance }!
        }
        var first = 0
        slices = layer.expansions.map { expansion in
            defer { first = expansion * inputChannels }
            return first..<expansion * inputChannels
        }
        for case .block(let kernelSize, let expansion) in layer.choices.dropLast() {
            block.prepare(.part(kernelSize: kernelSize, hiddenChannels: expansion * inputChannels))
        }
        for expansion in layer.expansions.dropLast() {
            block.prepare(.probed(hiddenChannels: expansion * inputChannels))
        }
        allOn = .allOn(layer)
        indicators = allOn
        kept = allOn
        arguments = allOn
        products = allOn
    }

    /// How many leading slices have no threshold.
    private var fixedSlices: Int { layer.maySkip ? 0 : 1 }

    private func shellCount(_ shell: Int) -> Int { shellOfTap.count { $0 == shell } * channels }

    /// Decides what is used, and gives the block its effective kernel and its gates.
    ///
    /// - Parameters:
    ///   - kept: a factor, 0 or 1, on each indicator: the random drop-out of the warm-up. nil keeps all.
    ///   - differentiable: whether `backward(costs:)` follows, which needs what is off to be computed too.
    public func decide(kept: LayerIndicators? = nil, differentiable: Bool = true) {
        self.kept.copy(kept ?? allOn)
        for shell in indicators.kernel.indices {
            var squares = 0.0
            for tap in shellOfTap.indices where shellOfTap[tap] == shell + 1 {
                squares += sumOfSquares(kernel.value.pointer + tap * channels, 0..<channels)
            }
            arguments.kernel[shell] = Indicator.norm(squares: squares, count: shellCount(shell + 1))
                - Double(kernelThresholds.value.pointer[shell])
            indicators.kernel[shell] = self.kept.kernel[shell] * Indicator.value(arguments.kernel[shell])
        }
        writeEffectiveKernel()

        let effective = block.depthwise.kernel.value.pointer
        for index in slices.indices.dropFirst(fixedSlices) {
            var squares = 0.0
            for tap in shellOfTap.indices { squares += sumOfSquares(effective + tap * channels, slices[index]) }
            arguments.expansion[index] = Indicator.norm(squares: squares, count: shellOfTap.count * slices[index].count)
                - Double(expansionThresholds.value.pointer[index - fixedSlices])
            indicators.expansion[index] = self.kept.expansion[index] * Indicator.value(arguments.expansion[index])
        }
        setGates()
        setExtent(differentiable: differentiable)
    }

    /// Uses what it is told, whatever the norms; nothing that is off is computed.
    ///
    /// - Parameter indicators: each 0 or 1; the first slice's is 1 where the layer may not be skipped.
    public func select(_ indicators: LayerIndicators) {
        precondition(
            indicators.kernel.count == self.indicators.kernel.count
                && indicators.expansion.count == self.indicators.expansion.count
                && (layer.maySkip || indicators.expansion[0] == 1),
            "Superkernel \(layer.name): \(indicators) are not indicators of this layer")
        self.indicators.copy(indicators)
        selectAgain()
    }

    /// Uses what it used, with the kernel as it is now; nothing that is off is computed.
    func selectAgain() {
        writeEffectiveKernel()
        setGates()
        setExtent(differentiable: false)
    }

    /// The taps of the shells in use, zeros elsewhere.
    private func writeEffectiveKernel() {
        copyTapsInUse(of: kernel.value, to: block.depthwise.kernel.value)
        block.depthwise.usedKernelSize = layer.kernels[openShells]
    }

    /// The others become zero.
    private func copyTapsInUse(of from: Storage, to: Storage) {
        let open = openShells
        for (tap, shell) in shellOfTap.enumerated() {
            let to = to.pointer + tap * channels
            if shell <= open {
                to.update(from: from.pointer + tap * channels, count: channels)
            } else {
                to.update(repeating: 0, count: channels)
            }
        }
    }

    /// How many shells are in use.
    private var openShells: Int { NestedProducts.open(indicators.kernel[...]) }
    /// How many slices after the first are in use where it is.
    private var openSlices: Int { NestedProducts.open(indicators.expansion.dropFirst()) }

    /// The first slice switches the whole branch; the others only their channels.
    private func setGates() {
        block.hidden.openGate(ofFirst: slices[openSlices].upperBound)
        block.branch.gate = Float(indicators.expansion[0])
    }

    private func setExtent(differentiable: Bool) {
        let choice = choice, width = layer.input.channels
        if differentiable {
            let open = layer.expansions[openSlices]
            block.extent = open == layer.expansions.last ? .whole : .probed(hiddenChannels: open * width)
        } else if case .block(let kernelSize, let expansion) = choice {
            block.extent = choice == .block(kernel: layer.kernels.last!, expansion: layer.expansions.last!)
                ? .whole : .part(kernelSize: kernelSize, hiddenChannels: expansion * width)
        } else {
            block.extent = .none
        }
    }

    private func sumOfSquares(_ values: UnsafePointer<Float>, _ range: Range<Int>) -> Double {
        var total: Float = 0
        for index in range { total += values[index] * values[index] }
        return Double(total)
    }

    /// After the block's backward pass, where the indicators were decided: the gradients of the kernel and of the
    /// thresholds.
    ///
    /// - Parameter costs: the gradient of the costs' part of the loss by each indicator.
    public func backward(costs: LayerIndicators) {
        products.expansion[0] = Double(block.branch.gateGradient)
        for index in slices.indices.dropFirst() {
            products.expansion[index] = slices[index].reduce(0.0) { $0 + Double(block.hidden.gateGradient!.pointer[$1]) }
        }
        // The first slice's switches the branch, and is no factor of the others.
        func byExpansion(_ index: Int) -> Double {
            if index == 0 { return products.expansion[0] }
            return NestedProducts.derivative(at: index - 1, of: indicators.expansion.dropFirst()) {
                products.expansion[$0 + 1]
            }
        }

        // From here on `gradient` is by the effective kernel; the slices' norms add to it.
        let gradient = block.depthwise.kernel.gradient.pointer
        let effective = block.depthwise.kernel.value.pointer
        for index in slices.indices.dropFirst(fixedSlices) {
            let byArgument = kept.expansion[index] * (byExpansion(index) + costs.expansion[index])
                * Indicator.derivative(arguments.expansion[index])
            expansionThresholds.gradient.pointer[index - fixedSlices] = Float(-byArgument)
            let count = shellOfTap.count * slices[index].count
            let factor = Float(byArgument * Indicator.normDerivative(element: 1, count: count))
            for tap in shellOfTap.indices {
                for at in slices[index].lowerBound + tap * channels..<slices[index].upperBound + tap * channels {
                    gradient[at] += factor * effective[at]
                }
            }
        }

        for shell in products.kernel.indices { products.kernel[shell] = 0 }
        for (tap, shell) in shellOfTap.enumerated() where shell > 0 {
            var total: Float = 0
            for at in tap * channels..<(tap + 1) * channels { total += gradient[at] * kernel.value.pointer[at] }
            products.kernel[shell - 1] += Double(total)
        }
        writeKernelGradient()
        for shell in products.kernel.indices {
            let byKernel = NestedProducts.derivative(at: shell, of: indicators.kernel[...]) { products.kernel[$0] }
            let byArgument = kept.kernel[shell] * (byKernel + costs.kernel[shell])
                * Indicator.derivative(arguments.kernel[shell])
            kernelThresholds.gradient.pointer[shell] = Float(-byArgument)
            let factor = Float(byArgument * Indicator.normDerivative(element: 1, count: shellCount(shell + 1)))
            for tap in shellOfTap.indices where shellOfTap[tap] == shell + 1 {
                for at in tap * channels..<(tap + 1) * channels {
                    kernel.gradient.pointer[at] += factor * kernel.value.pointer[at]
                }
            }
        }
    }

    /// After the block's backward pass, where the indicators are given: the gradient of the kernel; the thresholds'
    /// is zero.
    public func backward() {
        kernelThresholds.gradient.fill(0)
        expansionThresholds.gradient.fill(0)
        writeKernelGradient()
    }

    /// Of the effective kernel's gradient, the taps in use.
    private func writeKernelGradient() { copyTapsInUse(of: block.depthwise.kernel.gradient, to: kernel.gradient) }

    /// The choice that the indicators make.
    public var choice: LayerChoice { indicators.choice(in: layer) }
}
