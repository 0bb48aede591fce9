extension SearchSpace {
    /// The networks in which every searchable layer makes the same choice, as far as it offers it: one for each kernel and
    /// expansion of the space, named "3x3 e6 everywhere".
    public var uniformArchitectures: [Architecture] {
        let layers = searchableLayers
        let kernels = Set(layers.flatMap(\.kernels)).sorted(), expansions = Set(layers.flatMap(\.expansions)).sorted()
        return expansions.flatMap { expansion in
            kernels.compactMap { kernel in
                let choice = LayerChoice.block(kernel: kernel, expansion: expansion)
                let choices = layers.compactMap { $0.choices.contains(choice) ? choice : nil }
                return choices.count == layers.count
                    ? try? architecture(name: "\(choice) everywhere", choices: choices) : nil
            }
        }
    }

    /// Points of the space in which every searchable layer draws one of its choices, each as likely as another.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - seed: the same seed draws the same architectures.
    public func randomArchitectures(_ count: Int, seed: UInt64) -> [Architecture] {
        var random = SplitMix64(seed: seed)
        let choices = searchableLayers.map(\.choices)
        return (0..<count).map { index in
            let drawn = choices.map { $0[Int.random(in: 0..<$0.count, using: &random)] }
            do {
                return try architecture(name: "\(name), random \(index + 1)", choices: drawn)
            } catch {
                preconditionFailure("a layer's own choices are not of its space: \(error)")
            }
        }
    }
}
