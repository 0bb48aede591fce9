import Architectures
import Engine
import HardwareProfiles
import SupernetSearch
import TestSupport

/// Searchable layers of so many choices each, and costs of theirs.
struct RandomLayers {
    let space: SearchSpace
    let counts: [Int]
    let layers: [SearchSpace.Layer]

    /// - Parameter counts: how many choices each layer has, none of which skips it.
    init(_ counts: [Int]) throws {
        self.counts = counts
        space = try Spaces.space(
            "counted", side: 4, stem: 2,
            stages: counts.enumerated().map { index, count in
                Spaces.stage(
                    "s\(index)", layers: 1, channels: 2, stride: 1, kernels: [3], expansions: Array(1...count), skip: false)
            }, head: 2, classes: 2)
        layers = space.searchableLayers
    }

    /// What those costs of the choices, one list a layer, come to in a quantity.
    func costs(_ quantity: CostQuantity, fixed: CostTable.Part, _ parts: [[CostTable.Part]]) -> CostTable {
        CostTable(
            quantity: quantity, fixed: fixed,
            layers: zip(layers, parts).map { CostTable.Layer(counts: $0.axes.map(\.optionCount), entries: $1) })
    }

    func scores(_ scores: [[Double]]) -> [ChoiceScores] {
        zip(layers, scores).map { ChoiceScores(choices: $0.choices, scores: $1) }
    }

    /// The network with those of the layers' choices, by their places.
    func network(_ indices: [Int]) -> [LayerChoice] { zip(layers, indices).map { $0.choices[$1] } }

    func indices(_ network: [LayerChoice]) -> [Int] { zip(layers, network).map { $0.choices.firstIndex(of: $1) ?? -1 } }

    /// What a ranking begins with where nothing is known of the parts.
    ///
    /// - Parameter first: the first candidate, by the places of its choices; nil for any.
    func proposals(keeping constraints: [Constraint] = [], first: [Int]? = nil) -> Proposals {
        let parts = layers.reduce(0) { $0 + $1.parts.count }
        return Proposals(
            layers: layers, partMeans: [Double](repeating: 0, count: parts), constraints: constraints,
            first: first.map(network) ?? (constraints.isEmpty ? network(counts.map { _ in 0 }) : nil))
    }

    /// A number from 0 to 1 for each choice.
    func randomLosses(_ random: inout RandomSource) -> [[Double]] {
        counts.map { count in (0..<count).map { _ in Double(random.uniform()) } }
    }

    /// The sum of the numbers of a network's choices.
    func sum(_ losses: [[Double]], of network: [Int]) -> Double { zip(losses, network).reduce(0) { $0 + $1.0[$1.1] } }

    /// All networks.
    var networks: [[LayerChoice]] {
        layers.reduce([[]]) { starts, layer in starts.flatMap { start in layer.choices.map { start + [$0] } } }
    }
}
