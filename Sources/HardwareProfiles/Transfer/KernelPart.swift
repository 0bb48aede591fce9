/// A part of an operator's time that scales with one thing a core, its memory or its threads can do. The times that the
/// facts of a device give for the parts are ideal; what a runtime's kernels make of them is a factor for each part.
public enum KernelPart: Int, CaseIterable, Sendable {
    /// Multiply-adds of 1×1 convolutions on maps of more than 64 pixels, and on smaller ones.
    case gemm, smallGemm
    /// Multiply-adds of 3×3 convolutions in Winograd's form (Lavin and Gray, 2016, arXiv:1509.09308), of other
    /// convolutions, and of a network's first one.
    case winograd, convolution, stem
    /// Multiply-adds of depthwise windows up to 5×5 at stride 1 and at larger strides, and of larger ones. Measured
    /// blocks of phones say that a multiply-add of a 5×5 window takes 0.73 to 0.85 times as long as one of a 3×3 window;
    /// whole networks do not tell the two apart.
    case depthwise, stridedDepthwise, largeDepthwise
    /// Bytes of maps through the second level: of convolutions, of copies, of additions and products.
    case map, move, binary
    /// Values of separate activations.
    case swish, hardSwish
    /// Bytes of weights, which come from memory, and of maps that no cache keeps.
    case weights, memory
    /// The launch of an operator, and the wake-up and join of its threads.
    case launch, join
    /// Multiply-adds of fully connected and of grouped convolutions.
    case fullyConnected, grouped
    /// Values that are brought to and from 8 bits.
    case requantise

    /// The least factor that is possible: no kernel does more multiply-adds a cycle than its core can.
    var least: Double {
        switch self {
        case .gemm, .smallGemm, .convolution, .stem, .depthwise, .stridedDepthwise, .largeDepthwise, .fullyConnected, .grouped: 1
        // Tiles of 6×6 outputs need 64 products for 36 outputs, where the ideal time counts 36 for 16.
        case .winograd: 64.0 / 36 / (36.0 / 16)
        case .map, .move, .binary, .swish, .hardSwish, .weights, .memory, .launch, .join, .requantise: 0
        }
    }

    /// The name in a file.
    public var key: String {
        switch self {
        case .gemm: "gemm"
        case .smallGemm: "small_gemm"
        case .winograd: "winograd"
        case .convolution: "convolution"
        case .stem: "stem"
        case .depthwise: "depthwise"
        case .stridedDepthwise: "strided_depthwise"
        case .largeDepthwise: "large_depthwise"
        case .map: "map"
        case .move: "move"
        case .binary: "binary"
        case .swish: "swish"
        case .hardSwish: "hard_swish"
        case .weights: "weights"
        case .memory: "memory"
        case .launch: "launch"
        case .join: "join"
        case .fullyConnected: "fully_connected"
        case .grouped: "grouped"
        case .requantise: "requantise"
        }
    }
}
