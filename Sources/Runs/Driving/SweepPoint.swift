import Architectures
import HardwareProfiles
import Training

/// A network of a sweep.
public struct SweepPoint: Sendable {
    public enum Kind: String, Sendable {
        case found
        /// The largest of the space: what all others are smaller than.
        case largest
        /// Of one choice in every layer.
        case uniform
        case random
    }

    public let name: String
    public let kind: Kind
    public let network: Network
    public let estimate: CostEstimate
    /// How it classifies the test images with the weights that it inherits from the warm-up.
    public let inherited: Evaluation
    /// Of a found network, how the supernet of its search did in the end.
    public let searched: Evaluation?
}

extension SweepPlan {
    /// What found networks are compared with beside random ones: the largest of the space, and those of one choice everywhere
    /// that are not the same.
    public static func comparedNetworks(of space: SearchSpace) -> [(kind: SweepPoint.Kind, network: Architecture)] {
        let largest = space.largest
        let named = try? space.architecture(name: "largest", choices: space.searchableLayers.map(\.largest))
        return [(.largest, named ?? largest)]
            + space.uniformArchitectures.filter { $0.choices != largest.choices }.map { (.uniform, $0) }
    }
}
