/// Which of equal layers a network skips: the last ones.
///
/// Consecutive layers with the same shapes and the same choices are interchangeable: a network that skips the first and
/// keeps the second is the network that keeps the first and skips the second. Weights that are trained for both forms are
/// trained for neither, so that a search knows one form only (the elastic depth of Cai et al., 2020, "Once-for-All",
/// section 3.2).
///
///     let order = SkipOrder(space.searchableLayers)
///     order.ordered(choices)    // of three equal layers, (skip, 3x3, 5x5) becomes (3x3, 5x5, skip)
public struct SkipOrder: Hashable, Sendable {
    private let layers: [SearchSpace.Layer]
    /// All searchable layers, by their places: interchangeable ones together, each other one alone.
    package let groups: [Range<Int>]

    /// - Parameter layers: the searchable layers of a space, all of them, in their order.
    public init(_ layers: [SearchSpace.Layer]) {
        var groups: [Range<Int>] = [], first = 0
        for end in layers.indices.map({ $0 + 1 }) {
            if end < layers.count, layers[end].isInterchangeable(with: layers[end - 1]) { continue }
            groups.append(first..<end)
            first = end
        }
        self.layers = layers
        self.groups = groups
    }

    /// A network in the form that a search knows, which computes the same.
    ///
    /// - Parameter network: a choice of each layer.
    public func ordered(_ network: [LayerChoice]) -> [LayerChoice] {
        var network = network
        apply(to: &network) { layers[$0].size(of: $1) == nil }
        return network
    }

    /// Moves the layers that are kept before those that are skipped, in each group; else their order stays.
    ///
    /// - Parameters:
    ///   - layers: one element for each searchable layer.
    ///   - isSkipped: whether the layer at that place, which has that element, is skipped.
    package func apply<Element>(to layers: inout [Element], isSkipped: (_ layer: Int, Element) -> Bool) {
        for group in groups {
            var free = group.lowerBound
            for layer in group where !isSkipped(layer, layers[layer]) {
                layers.swapAt(free, layer)
                free += 1
            }
        }
    }
}

extension SearchSpace.Layer {
    /// Whether this layer follows another directly, and both may do the other's work or be skipped.
    fileprivate func isInterchangeable(with previous: SearchSpace.Layer) -> Bool {
        place == previous.place + 1 && maySkip && axes == previous.axes && stride == previous.stride
            && input == previous.input && output == previous.output
    }
}
