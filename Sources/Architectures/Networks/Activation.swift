/// The function that an operator applies to its output before it writes it.
public enum Activation: String, Hashable, Sendable, CaseIterable {
    case none
    case relu
    /// min(max(x, 0), 6) (Howard et al., 2017, arXiv:1704.04861).
    case relu6
    /// x · sigmoid(x) (SiLU; Ramachandran et al., 2017, arXiv:1710.05941).
    case swish
    /// x · relu6(x + 3) / 6 (Howard et al., 2019, arXiv:1905.02244).
    case hardSwish = "hard_swish"
    /// The logistic function, the gate of a squeeze-excite (Hu et al., 2018, arXiv:1709.01507).
    case sigmoid
    /// relu6(x + 3) / 6, the gate of MobileNetV3's squeeze-excite (Howard et al., 2019, arXiv:1905.02244).
    case hardSigmoid = "hard_sigmoid"

    /// The activations that may follow a convolution or a fully connected operator.
    static let forMaps: [Activation] = [.none, .relu, .relu6, .swish, .hardSwish]
    /// The gates that a squeeze-excite may end with; their values lie between 0 and 1.
    static let forGates: [Activation] = [.sigmoid, .hardSigmoid]

    /// The name in keys of costs: ReLU6 costs what ReLU does, because a runtime clamps from both sides at once.
    var costName: String { self == .relu6 ? Activation.relu.rawValue : rawValue }
}
