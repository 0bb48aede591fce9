import Architectures

/// What of an operator takes time, each kind in its own unit, so that a sum over operators is the work of a layer.
///
/// The kinds are those that the float kernels of TensorFlow Lite tell apart (reference-era, before XNNPACK): matrix
/// products by Eigen's block-panel kernel, and a depthwise convolution of its own that reads and writes its maps once
/// a window position.
struct Work {
    enum Kind: Int, CaseIterable {
        /// Multiply-accumulates of matrix products: dense convolutions and fully connected operators.
        case product
        /// Multiply-accumulates on the padding of the products' register tiles.
        case productPadding
        /// Multiply-accumulates of depthwise windows that stand on the map, at stride 1.
        case depthwise
        /// The same at larger strides, where neighbouring windows share fewer loads.
        case stridedDepthwise
        /// Bytes of weights.
        case weights
        /// Bytes of the maps of depthwise convolutions, which little arithmetic hides.
        case depthwiseMaps
        /// Bytes of the maps of every other operator.
        case maps
        /// Kernel launches.
        case launches

        var bound: CostBound {
            switch self {
            case .product, .depthwise, .stridedDepthwise: .compute
            case .weights, .depthwiseMaps, .maps: .memory
            case .productPadding, .launches: .overhead
            }
        }
    }

    /// One amount a kind; as it happens, there are as many kinds as a vector of this size has places.
    private(set) var amounts: SIMD8<Double> = .zero

    subscript(kind: Kind) -> Double {
        get { amounts[kind.rawValue] }
        set { amounts[kind.rawValue] = newValue }
    }

    /// The work of all `operators` together.
    init(_ operators: [Operator]) {
        for step in operators { add(step) }
    }

    private mutating func add(_ step: Operator) {
        self[.launches] += 1
        self[.weights] += Double(step.weightBytes)
        let mapBytes = Double(step.inputBytes + step.outputBytes)
        switch step.kind {
        case .convolution, .groupedConvolution:
            self[.product] += Double(step.macs)
            let padding = ProductTile.paddedCount(of: step.output) - step.output.count
            self[.productPadding] += Double(step.macs / step.output.count * padding)
            self[.maps] += mapBytes
        case .fullyConnected:
            self[.product] += Double(step.macs)
            self[.maps] += mapBytes
        case .depthwiseConvolution:
            let windows =
                Self.taps(side: step.input.height, step) * Self.taps(side: step.input.width, step)
                * step.output.channels
            self[step.stride == 1 ? .depthwise : .stridedDepthwise] += Double(windows)
            self[.depthwiseMaps] += mapBytes
        case .globalAveragePool, .add, .multiply, .maxPool, .averagePool, .concatenate, .normalize, .activate,
            .elementwise, .memoryMove:
            self[.maps] += mapBytes
        }
    }

    /// How many places of a window stand on the map rather than on its padding, along one side, over all positions:
    /// the kernel does not compute the others.
    private static func taps(side: Int, _ step: Operator) -> Int {
        stride(from: 0, to: side, by: step.stride).reduce(0) { total, centre in
            let first = centre - step.kernel / 2
            return total + min(side, first + step.kernel) - max(0, first)
        }
    }
}

/// The register tile of Eigen's block-panel kernel for 64-bit Arm: products are computed for 12 output channels
/// (three vectors of four) and four pixels at a time, so that a matrix which is no multiple pays for the next one.
private enum ProductTile {
    static let channels = 12
    static let pixels = 4

    /// The number of values of an output of that shape, filled up to whole tiles.
    static func paddedCount(of output: FeatureShape) -> Int {
        roundedUp(output.height * output.width, to: pixels) * roundedUp(output.channels, to: channels)
    }

    private static func roundedUp(_ value: Int, to unit: Int) -> Int { (value + unit - 1) / unit * unit }
}
