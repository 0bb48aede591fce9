import Architectures

extension SearchSpace {
    /// A choice for every searchable layer, another mixture for every `round`.
    func choices(round: Int) -> [LayerChoice] {
        searchableLayers.enumerated().map { index, layer in
            layer.choices[(round * (index + 3) + index) % layer.choices.count]
        }
    }
}
