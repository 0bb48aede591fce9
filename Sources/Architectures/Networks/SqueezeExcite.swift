/// A squeeze-excite (Hu et al., 2018, arXiv:1709.01507): every channel is multiplied by a gate, which two fully
/// connected operators compute from the means of all channels.
public struct SqueezeExcite: Hashable, Sendable {
    /// The width of the squeeze divided by the input channels of the block (not by its hidden ones), above 0.
    public var ratio: Double {
        didSet { check() }
    }
    /// The activation after the first product.
    public var activation: Activation
    /// The activation after the second product, which makes the factors.
    public var gate: Activation

    public init(ratio: Double, activation: Activation = .relu, gate: Activation = .sigmoid) {
        self.ratio = ratio
        self.activation = activation
        self.gate = gate
        check()
    }

    private func check() {
        precondition(ratio > 0, "a squeeze-excite needs a ratio above 0, got \(ratio)")
    }

    /// The channels between the two products, for a block of `inputChannels`: at least 1.
    func squeezedChannels(inputChannels: Int) -> Int { max(1, Int((ratio * Double(inputChannels)).rounded())) }
}
