import Architectures
import Testing

extension SearchSpace {
    /// The choices that give the searchable layers blocks of those sizes; nil skips.
    func choices(_ sizes: [BlockSize?]) throws -> [LayerChoice] {
        try zip(searchableLayers, sizes).map { layer, size in
            let choice = try #require(layer.choices.first { layer.size(of: $0) == size }, "\(layer.name) has no such choice")
            #expect(size == nil || layer.choice(of: size!) == choice)
            return choice
        }
    }
}
