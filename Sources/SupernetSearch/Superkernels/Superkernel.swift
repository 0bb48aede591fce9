import Architectures
import Engine

/// The shared depthwise kernel of a searchable layer, which holds every choice of the layer, nested, and decides
/// by its own norms which of them is used.
///
/// The kernel is [K, K, C] with the largest size K and the largest width C. Kernel sizes are nested as a core and
/// the shells around it, expansion ratios as slices of channels. A shell is used where its norm exceeds its
/// threshold and all smaller shells are used; so is a slice, by the norm of its part of the kernel after the shells
/// are decided. Where the layer may be skipped the first slice has a threshold too. Where kernel and expansion are coupled, what
/// a block adds to the one before, shell and slice together, has one threshold.
public final class Superkernel {
    /// The choices.
    public let layer: SearchSpace.Layer
    /// The shared kernel, [K, K, C].
    public let kernel: Parameter
    /// One for each of the layer's parts.
    public let thresholds: Parameter
    public var parameters: [Parameter] { [kernel, thresholds] }

    /// What the last `decide` or `select` came to.
    public private(set) var indicators: LayerIndicators
    /// Norm − threshold of each part, at the last `decide`.
    private var arguments: LayerIndicators
    private var kept: LayerIndicators
    /// What the backward pass has of each part: the derivative by the product of its indicator and those before.
    private var products: LayerIndicators
    private let allOn: LayerIndicators

    private let block: InvertedBottleneck
    private let channels: Int
    private let axes: [AxisParts]
    private let parts: [SuperkernelPart]
    /// Of each part, its axis.
    private let axisOfPart: [AxisParts]
    /// The axis that decides whether there is a layer at all.
    private let skipAxis: Int?
    private let sizes: [LayerChoice: BlockSize]
    private let largest: BlockSize
    private let isCoupled: Bool

    /// - Parameters:
    ///   - layer: what it decides on.
    ///   - block: the block at the layer's largest choice, with a gated hidden width; it receives the effective kernel,
    ///     the gates and what of it is computed.
    ///   - random: draws the kernel.
    public init(layer: SearchSpace.Layer, block: InvertedBottleneck, random: inout RandomSource) {
        self.layer = layer
        self.block = block
        let largest = layer.largestSize, inputChannels = layer.input.channels
        self.largest = largest
        channels = largest.expansion * inputChannels
        precondition(
            block.shape.kernelSize == largest.kernel && block.shape.hiddenChannels == channels,
            "Superkernel \(layer.name): the block must have the layer's largest sizes")
        kernel = Parameter(name: block.name + ".depthwise", shape: [largest.kernel, largest.kernel, channels])
        kernel.initializeHe(fan: largest.kernel * largest.kernel, random: &random)
        parts = SuperkernelPart.parts(of: layer)
        thresholds = Parameter(name: block.name + ".thresholds", shape: [parts.count], decays: false)
        axes = layer.axisParts
        axisOfPart = axes.flatMap { axis in axis.range.map { _ in axis } }
        skipAxis = layer.axes.firstIndex(of: .skip)
        isCoupled = parts.contains { !$0.taps.isEmpty && !$0.channels.isEmpty }
        sizes = Dictionary(uniqueKeysWithValues: layer.indexVectors.compactMap { choice in
            layer.size(of: choice).map { (choice, $0) }
        })
        for size in layer.choices.compactMap(layer.size) where size != largest {
            block.prepare(.part(kernelSize: size.kernel, hiddenChannels: size.expansion * inputChannels))
        }
        for expansion in Set(sizes.values.map(\.expansion)).sorted() where expansion != largest.expansion {
            block.prepare(.probed(hiddenChannels: expansion * inputChannels))
        }
        allOn = .allOn(layer)
        indicators = allOn
        kept = allOn
        arguments = allOn
        products = allOn
    }

    /// Decides what is used, and gives the block its effective kernel and its gates.
    ///
    /// - Parameters:
    ///   - kept: a factor, 0 or 1, on each indicator: the random drop-out of the warm-up. nil keeps all.
    ///   - differentiable: whether `backward(costs:)` follows, which needs what is off to be computed too.
    public func decide(kept: LayerIndicators? = nil, differentiable: Bool = true) {
        self.kept.copy(kept ?? allOn)
        for index in parts.indices where !parts[index].followsShells { decide(index, by: kernel.value) }
        writeEffectiveKernel(differentiable: differentiable)
        for index in parts.indices where parts[index].followsShells { decide(index, by: block.depthwise.kernel.value) }
        setGates()
        setExtent(differentiable: differentiable)
    }

    /// Decides on a part by its norm in a kernel.
    private func decide(_ index: Int, by kernel: Storage) {
        let part = parts[index]
        var squares = 0.0
        for span in part.norm { squares += Self.sumOfSquares(kernel.pointer + span.tap * channels, span.channels) }
        arguments.values[index] = Indicator.norm(squares: squares, count: part.normCount)
            - Double(thresholds.value.pointer[index])
        indicators.values[index] = kept.values[index] * Indicator.value(arguments.values[index])
    }

    /// Uses what it is told, whatever the norms; nothing that is off is computed.
    ///
    /// - Parameter indicators: each 0 or 1.
    public func select(_ indicators: LayerIndicators) {
        precondition(
            indicators.values.count == parts.count,
            "Superkernel \(layer.name): \(indicators) are not indicators of this layer")
        self.indicators.copy(indicators)
        selectAgain()
    }

    /// Uses what it used, with the kernel as it is now; nothing that is off is computed.
    func selectAgain() {
        writeEffectiveKernel(differentiable: false)
        setGates()
        setExtent(differentiable: false)
    }

    /// The sizes that the indicators make, as if the layer were not skipped.
    private var sizeIfPresent: BlockSize {
        var choice = LayerChoice()
        for (axis, parts) in axes.enumerated() {
            choice[axis] = axis == skipAxis ? 1 : NestedProducts.open(indicators.values[parts.range])
        }
        guard let size = sizes[choice] else { preconditionFailure("Superkernel \(layer.name): no sizes of \(choice)") }
        return size
    }

    /// Whether the layer is there.
    private var presence: Double { skipAxis.map { indicators.values[axes[$0].range.lowerBound] } ?? 1 }

    private func writeEffectiveKernel(differentiable: Bool) {
        copyTapsInUse(of: kernel.value, to: block.depthwise.kernel.value)
        // The channels of a block that is off are computed with the kernel that they would have.
        block.depthwise.usedKernelSize = isCoupled && differentiable ? largest.kernel : sizeIfPresent.kernel
    }

    /// The others become zero.
    private func copyTapsInUse(of from: Storage, to: Storage) {
        to.copy(from: from)
        for axis in axes {
            for index in axis.range.dropFirst(NestedProducts.open(indicators.values[axis.range])) {
                for span in parts[index].taps {
                    (to.pointer + span.tap * channels + span.channels.lowerBound).update(repeating: 0, count: span.channels.count)
                }
            }
        }
    }

    /// The whole branch is switched where the layer may be skipped, else only channels are.
    private func setGates() {
        block.hidden.openGate(ofFirst: sizeIfPresent.expansion * layer.input.channels)
        block.branch.gate = Float(presence)
    }

    private func setExtent(differentiable: Bool) {
        let size = sizeIfPresent, hiddenChannels = size.expansion * layer.input.channels
        if differentiable {
            block.extent = size.expansion == largest.expansion ? .whole : .probed(hiddenChannels: hiddenChannels)
        } else if presence == 1 {
            block.extent = size == largest ? .whole : .part(kernelSize: size.kernel, hiddenChannels: hiddenChannels)
        } else {
            block.extent = .none
        }
    }

    private static func sumOfSquares(_ values: UnsafePointer<Float>, _ range: Range<Int>) -> Double {
        var total: Float = 0
        for index in range { total += values[index] * values[index] }
        return Double(total)
    }

    /// After the block's backward pass, where the indicators were decided: the gradients of the kernel and of the
    /// thresholds.
    ///
    /// - Parameter costs: the gradient of the costs' part of the loss by each indicator.
    public func backward(costs: LayerIndicators) {
        for (index, part) in parts.enumerated() {
            products.values[index] = part.isLayer
                ? Double(block.branch.gateGradient)
                : part.channels.reduce(0.0) { $0 + Double(block.hidden.gateGradient!.pointer[$1]) }
        }
        // From here on this is by the effective kernel; norms of what the shells leave of it add to it.
        let effectiveGradient = block.depthwise.kernel.gradient
        for index in parts.indices where parts[index].followsShells {
            addGradients(ofPart: index, costs: costs, to: effectiveGradient, at: block.depthwise.kernel.value)
        }
        for (index, part) in parts.enumerated() {
            for span in part.taps {
                var total: Float = 0
                for at in span.channels {
                    total += effectiveGradient.pointer[span.tap * channels + at] * kernel.value.pointer[span.tap * channels + at]
                }
                products.values[index] += Double(total)
            }
        }
        copyTapsInUse(of: effectiveGradient, to: kernel.gradient)
        for index in parts.indices where !parts[index].followsShells {
            addGradients(ofPart: index, costs: costs, to: kernel.gradient, at: kernel.value)
        }
    }

    /// Writes the gradient of a part's threshold, and adds that of its norm to a kernel's gradient.
    private func addGradients(ofPart index: Int, costs: LayerIndicators, to gradient: Storage, at kernel: Storage) {
        let part = parts[index], axis = axisOfPart[index].range
        let byIndicator = NestedProducts.derivative(at: index - axis.lowerBound, of: indicators.values[axis]) {
            products.values[axis.lowerBound + $0]
        }
        let byArgument = kept.values[index] * (byIndicator + costs.values[index])
            * Indicator.derivative(arguments.values[index])
        thresholds.gradient.pointer[index] = Float(-byArgument)
        let factor = Float(byArgument * Indicator.normDerivative(element: 1, count: part.normCount))
        for span in part.norm {
            let first = span.tap * channels
            for at in first + span.channels.lowerBound..<first + span.channels.upperBound {
                gradient.pointer[at] += factor * kernel.pointer[at]
            }
        }
    }

    /// After the block's backward pass, where the indicators are given: the gradient of the kernel; the thresholds'
    /// is zero.
    public func backward() {
        thresholds.gradient.fill(0)
        copyTapsInUse(of: block.depthwise.kernel.gradient, to: kernel.gradient)
    }

    /// The choice that the indicators make.
    public var choice: LayerChoice { indicators.choice(axes) }
}
