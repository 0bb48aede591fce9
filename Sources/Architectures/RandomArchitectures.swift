extension SearchSpace {
    /// Points of the space in which every searchable layer draws one of its choices, each as likely as another.
    ///
    /// - Parameter seed: the same seed draws the same architectures.
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
