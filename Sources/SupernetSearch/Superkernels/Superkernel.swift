import Architectures
import Engine

/// The shared depthwise kernel of a searchable layer. It contains every choice of the layer, nested, and selects one by
/// the norms of its parts.
///
/// The kernel is [K, K, C] with the largest size K and the largest width C. Kernel sizes are nested as a core and
/// the shells around it, expansion ratios as slices of channels. A shell is used where its norm exceeds its
/// threshold and all smaller shells are used; so is a slice, by the norm of its part of the kernel after the shells
/// are decided. If the layer may be skipped, the first slice has a threshold too. If kernel and expansion are coupled,
/// the part that a block adds to the one before, shell and slice together, has one threshold.
public final class Superkernel {
    /// The choices.
    public let layer: SearchSpace.Layer
    /// The shared kernel, [K, K, C].
    public let kernel: Parameter
    /// One threshold for each of the layer's parts.
    public let thresholds: Parameter
    public var parameters: [Parameter] { [kernel, thresholds] }

    /// The result of the last `decide` or `select`.
    public private(set) var indicators: LayerIndicators
    /// Norm − threshold of each part, at the last `decide`.
    private var arguments: LayerIndicators
    private var kept: LayerIndicators
    /// For each part, the derivative of the loss with respect to the product of its indicator and the earlier ones.
    private var products: LayerIndicators
    private let allOn: LayerIndicators

    private let block: InvertedBottleneck
    private let channels: Int
    private let axes: [AxisParts]
    private let parts: [SuperkernelPart]
    /// The axis of each part.
    private let axisOfPart: [AxisParts]
    /// The axis that decides whether the layer is skipped.
    private let skipAxis: Int?
    private let sizes: [LayerChoice: BlockSize]
    private let largest: BlockSize
    private let isCoupled: Bool

    /// - Parameter block: the block of the layer's largest choice, with a gated hidden width; it receives the effective
    ///   kernel, the gates and the extent to compute.
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

    /// Decides which parts are used, and sets the block's effective kernel and its gates.
    ///
    /// - Parameters:
    ///   - kept: a factor, 0 or 1, on each indicator: the random drop-out of the warm-up. nil keeps all.
    ///   - differentiable: whether `backward(costs:)` follows, for which the parts that are off must be computed too.
    public func decide(kept: LayerIndicators? = nil, differentiable: Bool = true) {
        self.kept.copy(kept ?? allOn)
        for index in parts.indices where !parts[index].followsShells { decide(index, by: kernel.value) }
        writeEffectiveKernel(differentiable: differentiable)
        for index in parts.indices where parts[index].followsShells { decide(index, by: block.depthwise.kernel.value) }
        setGates()
        setExtent(differentiable: differentiable)
    }

    /// Decides whether a part is used by its norm in a kernel.
    private func decide(_ index: Int, by kernel: Storage) {
        let part = parts[index]
        var squares = 0.0
        for span in part.norm { squares += Self.sumOfSquares(kernel.pointer + span.tap * channels, span.channels) }
        arguments.values[index] = Indicator.norm(squares: squares, count: part.normCount)
            - Double(thresholds.value.pointer[index])
        indicators.values[index] = kept.values[index] * Indicator.value(arguments.values[index])
    }

    /// Uses the given indicators and ignores the norms; parts that are off are not computed.
    ///
    /// - Parameter indicators: each 0 or 1.
    public func select(_ indicators: LayerIndicators) {
        precondition(
            indicators.values.count == parts.count,
            "Superkernel \(layer.name): \(indicators) are not indicators of this layer")
        self.indicators.copy(indicators)
        selectAgain()
    }

    /// Keeps the indicators and uses the present kernel; parts that are off are not computed.
    func selectAgain() {
        writeEffectiveKernel(differentiable: false)
        setGates()
        setExtent(differentiable: false)
    }

    /// The sizes that the indicators select, as if the layer were not skipped.
    private var sizeIfPresent: BlockSize {
        var choice = LayerChoice()
        for (axis, parts) in axes.enumerated() {
            choice[axis] = axis == skipAxis ? 1 : NestedProducts.open(indicators.values[parts.range])
        }
        guard let size = sizes[choice] else { preconditionFailure("Superkernel \(layer.name): no sizes of \(choice)") }
        return size
    }

    /// Whether the layer is not skipped.
    private var presence: Double { skipAxis.map { indicators.values[axes[$0].range.lowerBound] } ?? 1 }

    private func writeEffectiveKernel(differentiable: Bool) {
        copyTapsInUse(of: kernel.value, to: block.depthwise.kernel.value)
        // The channels of a block that is off are computed with the kernel that they would have if it were on.
        block.depthwise.usedKernelSize = isCoupled && differentiable ? largest.kernel : sizeIfPresent.kernel
    }

    /// All other taps become zero.
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

    /// Closes the whole branch if the layer is skipped, else only channels.
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

    /// Computes the gradients of the kernel and of the thresholds, after `decide` and the block's backward pass.
    ///
    /// - Parameter costs: the gradient of the loss's cost terms with respect to each indicator.
    public func backward(costs: LayerIndicators) {
        for (index, part) in parts.enumerated() {
            products.values[index] = part.isLayer
                ? Double(block.branch.gateGradient)
                : part.channels.reduce(0.0) { $0 + Double(block.hidden.gateGradient!.pointer[$1]) }
        }
        // From here on this is the gradient of the effective kernel; the norms of slices, computed on that kernel, add
        // to it.
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

    /// Writes the gradient of a part's threshold, and adds that through its norm to a kernel's gradient.
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

    /// Computes the gradient of the kernel after `select` and the block's backward pass; that of the thresholds is
    /// zero.
    public func backward() {
        thresholds.gradient.fill(0)
        copyTapsInUse(of: block.depthwise.kernel.gradient, to: kernel.gradient)
    }

    /// The choice that the indicators make.
    public var choice: LayerChoice { indicators.choice(axes) }
}
