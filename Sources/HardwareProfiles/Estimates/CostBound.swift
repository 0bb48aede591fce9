/// What takes most of a latency.
public enum CostBound: String, Hashable, Sendable {
    /// The arithmetic of the network.
    case compute
    /// The movement of weights and feature maps.
    case memory
    /// Launches, and arithmetic on the padding of tiles.
    case overhead
}
