import Architectures
import Engine

extension TrainedWeights {
    /// Weights that look like trained ones, with running statistics that are not those of any images.
    public init(random architecture: Architecture, seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        try self.init(for: architecture) { tensor in
            let values: [Float] =
                switch tensor.role {
                case .weight: random.normals(tensor.count, deviation: 0.4)
                case .bias, .normalizationBias, .runningMean: random.normals(tensor.count, deviation: 0.3)
                case .normalizationWeight: random.normals(tensor.count, mean: 1, deviation: 0.5)
                case .runningVar: random.normals(tensor.count).map { 0.2 + $0 * $0 }
                }
            return (tensor.shape, values)
        }
    }
}
