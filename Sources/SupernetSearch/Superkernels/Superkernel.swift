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
    /// One threshold for each of the layer's parts. They are not trained with the weights: see `ThresholdDescent`.
    public var thresholds: [Double]

    /// The result of the last `decide` or `select`.
    public private(set) var indicators: LayerIndicators
    /// For each part, the derivative of the loss with respect to the product of its indicator and the earlier ones of its
    /// axis, at the last `backward(probing: true)`. Where an earlier one is 0, or the layer is skipped, it says nothing.
    public private(set) var derivatives: LayerIndicators

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
        thresholds = [Double](repeating: 0, count: parts.count)
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
        indicators = .allOn(layer)
        derivatives = indicators
    }

    /// Decides which parts are used by their norms, and uses them; parts that are off are not computed.
    public func decide() {
        for index in parts.indices { indicators.values[index] = Indicator.value(argument(ofPart: index)) }
        use(probing: false)
    }

    /// Uses the given indicators and ignores the norms.
    ///
    /// - Parameters:
    ///   - indicators: each 0 or 1.
    ///   - probing: whether `backward(probing: true)` follows, for which the parts that are off must be computed too.
    public func select(_ indicators: LayerIndicators, probing: Bool = false) {
        precondition(
            indicators.values.count == parts.count,
            "Superkernel \(layer.name): \(indicators) are not indicators of this layer")
        self.indicators.copy(indicators)
        use(probing: probing)
    }

    /// Keeps the indicators and uses the present kernel; parts that are off are not computed.
    func selectAgain() { use(probing: false) }

    private func use(probing: Bool) {
        writeEffectiveKernel(probing: probing)
        setGates()
        setExtent(probing: probing)
    }

    /// The part's norm less its threshold: the part is on where this is positive.
    private func argument(ofPart index: Int) -> Double { norm(ofPart: index) - thresholds[index] }

    private func norm(ofPart index: Int) -> Double {
        let part = parts[index]
        let squares = part.norm.reduce(0.0) { $0 + Self.sumOfSquares(kernel.value.pointer + $1.tap * channels, $1.channels) }
        return Indicator.norm(squares: squares, count: part.normCount)
    }

    /// Sets every threshold just below the norm of its part, so that all parts are on.
    package func startThresholds() {
        for index in parts.indices { setArgument(ofPart: index, to: Indicator.reach * norm(ofPart: index)) }
    }

    /// Moves the arguments of the indicators by moving their thresholds, as far as `Indicator.reach` allows.
    ///
    /// - Parameter steps: one for each part, as parts of the reach; positive towards on.
    package func moveArguments(by steps: LayerIndicators) {
        for index in parts.indices {
            let reach = Indicator.reach * norm(ofPart: index)
            let argument = argument(ofPart: index) + reach * steps.values[index]
            setArgument(ofPart: index, to: min(max(argument, -reach), reach))
        }
    }

    private func setArgument(ofPart index: Int, to argument: Double) {
        thresholds[index] = norm(ofPart: index) - argument
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

    private func writeEffectiveKernel(probing: Bool) {
        copyTapsInUse(of: kernel.value, to: block.depthwise.kernel.value)
        // The channels of a block that is off are computed with the kernel that they would have if it were on.
        block.depthwise.usedKernelSize = isCoupled && probing ? largest.kernel : sizeIfPresent.kernel
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

    private func setExtent(probing: Bool) {
        let size = sizeIfPresent, hiddenChannels = size.expansion * layer.input.channels
        if probing {
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

    /// Computes the gradient of the kernel, after the block's backward pass.
    ///
    /// - Parameter probing: whether to compute `derivatives` too, for which `select` must have been told so.
    public func backward(probing: Bool = false) {
        let effectiveGradient = block.depthwise.kernel.gradient
        if probing { for index in parts.indices { derivatives.values[index] = derivative(ofPart: index, effectiveGradient) } }
        copyTapsInUse(of: effectiveGradient, to: kernel.gradient)
    }

    /// - Parameter effectiveGradient: of the effective kernel.
    private func derivative(ofPart index: Int, _ effectiveGradient: Storage) -> Double {
        let part = parts[index]
        if part.isLayer { return Double(block.branch.gateGradient) }
        let byChannels = part.channels.reduce(0.0) { $0 + Double(block.hidden.gateGradient!.pointer[$1]) }
        return part.taps.reduce(byChannels) { total, span in
            let first = span.tap * channels
            var byTap: Float = 0
            for at in first + span.channels.lowerBound..<first + span.channels.upperBound {
                byTap += effectiveGradient.pointer[at] * kernel.value.pointer[at]
            }
            return total + Double(byTap)
        }
    }

    /// The choice that the indicators make.
    public var choice: LayerChoice { indicators.choice(axes) }
}
