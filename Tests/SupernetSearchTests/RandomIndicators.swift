import Architectures
import Engine
import SupernetSearch

extension SearchSpace {
    /// Indicators of 0 and 1 drawn with equal chance, whatever is nested in what.
    func randomIndicators(_ random: inout RandomSource) -> [LayerIndicators] {
        searchableLayers.map { layer in
            var indicators = LayerIndicators.allOn(layer)
            for index in indicators.kernel.indices { indicators.kernel[index] = Double(random.below(2)) }
            for index in indicators.expansion.indices where index > 0 || layer.maySkip {
                indicators.expansion[index] = Double(random.below(2))
            }
            return indicators
        }
    }
}
