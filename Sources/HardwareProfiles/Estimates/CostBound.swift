/// What most of a latency is spent on.
public enum CostBound: String, Hashable, Sendable {
    /// Arithmetic that the network asks for.
    case compute
    /// Weights and feature maps on their way.
    case memory
    /// Launches, and arithmetic on the padding of kernels that work in tiles.
    case overhead
}
