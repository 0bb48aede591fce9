/// What keeps a network from fitting its training images too closely, besides weight decay.
public struct Regularization: Hashable, Sendable {
    /// The part of the target probability that all classes share (label smoothing; Szegedy et al., 2016,
    /// arXiv:1512.00567), in 0..<1.
    public var labelSmoothing: Float
    /// The probability that a value before the classifier is dropped in a step, in 0..<1.
    public var dropout: Float

    public init(labelSmoothing: Float = 0.1, dropout: Float = 0.2) {
        self.labelSmoothing = labelSmoothing
        self.dropout = dropout
    }
}
