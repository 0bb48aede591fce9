import Architectures
import HardwareProfiles
import TestSupport

/// Latencies and MACs of which a network has the fewer of the one the more it has of the other: six layers add one
/// together, to the one as much as they do not to the other.
struct OpposedCosts {
    private let layers: [SearchSpace.Layer]

    static func space() throws -> SearchSpace {
        try Spaces.space(
            "opposed", side: 8, stem: 4,
            stages: [Spaces.stage("a", layers: 6, channels: 4, stride: 1, kernels: [3], expansions: Array(1...11), skip: false)],
            head: 4, classes: 2)
    }

    init(_ space: SearchSpace) { layers = space.searchableLayers }

    /// That of the two quantities; nil of others.
    func table(_ quantity: CostQuantity) -> CostTable? {
        guard [.latency, .macs].contains(quantity) else { return nil }
        return CostTable(quantity: quantity, fixed: .zero, layers: layers.map { layer in
            layer.costs { size in
                let share = Double(size.expansion - 1) / 10
                return quantity == .latency ? share : 1 - share
            }
        })
    }
}
