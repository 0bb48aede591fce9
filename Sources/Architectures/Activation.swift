/// The function that an operator applies to its output before it writes it.
public enum Activation: String, Hashable, Sendable {
    case none
    case relu
    /// The logistic function, the gate of a squeeze-excite (Hu et al., 2018, arXiv:1709.01507).
    case sigmoid
}
