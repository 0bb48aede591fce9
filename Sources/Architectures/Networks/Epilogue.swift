extension Operator {
    /// What an operator does to its values before it writes them.
    public struct Epilogue: Hashable, Sendable {
        /// Whether batch normalisation follows, which a runtime folds into the weights and a bias.
        public var hasNormalization: Bool
        /// Whether a trained bias is added to every output channel.
        public var hasBias: Bool
        public var activation: Activation

        public init(hasNormalization: Bool = false, hasBias: Bool = false, activation: Activation = .none) {
            self.hasNormalization = hasNormalization
            self.hasBias = hasBias
            self.activation = activation
        }
    }
}
