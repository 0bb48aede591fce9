import Architectures

extension SearchSpace {
    /// Points of the space in which every searchable layer draws one of its choices, each as likely as another.
    public func randomArchitectures(_ count: Int, seed: UInt64) throws -> [Architecture] {
        var random = SplitMix64(seed: seed)
        return try (0..<count).map { index in
            let choices = searchableLayers.map { $0.choices[Int.random(in: 0..<$0.choices.count, using: &random)] }
            return try architecture(name: "\(name), random \(index + 1)", choices: choices)
        }
    }
}
