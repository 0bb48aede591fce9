/// The function that an operator applies to its output before it writes it.
public enum Activation: String, Hashable, Sendable, CaseIterable {
    case none
    /// The rectifier, also where a network bounds it at 6 (ReLU6): a runtime clamps at no further cost.
    case relu
    /// x · sigmoid(x) (SiLU; Ramachandran et al., 2017, arXiv:1710.05941).
    case swish
    /// x · relu6(x + 3) / 6 (Howard et al., 2019, arXiv:1905.02244).
    case hardSwish = "hard_swish"
    /// The logistic function, the gate of a squeeze-excite (Hu et al., 2018, arXiv:1709.01507).
    case sigmoid
    /// relu6(x + 3) / 6, the gate of MobileNetV3's squeeze-excite (Howard et al., 2019, arXiv:1905.02244).
    case hardSigmoid = "hard_sigmoid"

    /// What may follow a convolution or a product on the way through a network.
    static let forMaps: [Activation] = [.none, .relu, .swish, .hardSwish]
    /// What may end a squeeze-excite, whose factors lie between 0 and 1.
    static let forGates: [Activation] = [.sigmoid, .hardSigmoid]
}
