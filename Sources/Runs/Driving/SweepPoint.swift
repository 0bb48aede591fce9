import Architectures
import HardwareProfiles
import Training

/// A network of a sweep.
public struct SweepPoint: Sendable {
    public enum Kind: String, Sendable {
        case found
        /// The largest network of the space.
        case largest
        /// The same choice in every layer.
        case uniform
        case random
    }

    public let name: String
    public let kind: Kind
    public let network: Network
    public let estimate: CostEstimate
    /// The evaluation on the test images with the weights inherited from the warm-up.
    public let inherited: Evaluation
    /// For a found network, the final evaluation of its search's supernet.
    public let searched: Evaluation?
}

extension SweepPlan {
    /// The networks to compare with, besides random ones: the largest of the space, and all different ones with the
    /// same choice in every layer.
    public static func comparedNetworks(of space: SearchSpace) -> [(kind: SweepPoint.Kind, network: Architecture)] {
        let largest = space.largest
        let named = try? space.architecture(name: "largest", choices: space.searchableLayers.map(\.largest))
        return [(.largest, named ?? largest)]
            + space.uniformArchitectures.filter { $0.choices != largest.choices }.map { (.uniform, $0) }
    }
}
