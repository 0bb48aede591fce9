import Architectures
import Engine
import SupernetSearch

extension SearchSpace {
    /// Indicators of 0 and 1 drawn with equal chance, whatever is nested in what.
    func randomIndicators(_ random: inout RandomSource) -> [LayerIndicators] {
        searchableLayers.map { layer in LayerIndicators(layer.parts.map { _ in Double(random.below(2)) }) }
    }
}
