import Architectures
import HardwareProfiles
import SupernetSearch
import TestSupport

/// Searchable layers of so many choices each, and costs of theirs.
struct RandomLayers {
    let space: SearchSpace
    let layers: [SearchSpace.Layer]

    /// - Parameter counts: how many choices each layer has, none of which skips it.
    init(_ counts: [Int]) throws {
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

    /// All networks.
    var networks: [[LayerChoice]] {
        layers.reduce([[]]) { starts, layer in starts.flatMap { start in layer.choices.map { start + [$0] } } }
    }
}
