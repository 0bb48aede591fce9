extension SearchSpace {
    /// The networks in which every searchable layer makes the same choice: one for each combination of kernel and
    /// expansion that all layers offer, named "3x3 e6 everywhere".
    public var uniformArchitectures: [Architecture] {
        let layers = searchableLayers
        let sizes = Set(layers.flatMap { layer in layer.choices.compactMap(layer.size) })
        return sizes.sorted { ($0.expansion, $0.kernel) < ($1.expansion, $1.kernel) }.compactMap { size in
            let choices = layers.compactMap { $0.choice(of: size) }
            return choices.count == layers.count ? try? architecture(name: "\(size) everywhere", choices: choices) : nil
        }
    }

    /// Networks of the space that together make every choice of every layer.
    public var architecturesOfAllChoices: [Architecture] {
        let choices = searchableLayers.map(\.choices)
        return (0..<(choices.map(\.count).max() ?? 1)).compactMap { index in
            try? architecture(
                name: "\(name), choices \(index + 1)", choices: choices.map { $0[min(index, $0.count - 1)] })
        }
    }

    /// Random points of the space: every searchable layer draws one of its choices, all equally likely. Of interchangeable
    /// layers the last are skipped, as in every network that a search trains: see `SkipOrder`.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - seed: the same seed draws the same architectures.
    public func randomArchitectures(_ count: Int, seed: UInt64) -> [Architecture] {
        var random = SplitMix64(seed: seed)
        let layers = searchableLayers, choices = layers.map(\.choices), order = SkipOrder(layers)
        return (0..<count).map { index in
            let drawn = order.ordered(choices.map { random.element(of: $0) })
            do {
                return try architecture(name: "\(name), random \(index + 1)", choices: drawn)
            } catch {
                preconditionFailure("a layer's own choices are not of its space: \(error)")
            }
        }
    }
}
