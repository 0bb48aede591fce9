extension TrainedWeights {
    /// Untrained weights, the same for every call: for measuring the speed of a network, not for classification.
    ///
    /// Weights are uniform with std √(2 / fan-in) (He et al., 2015), none of them zero; batch normalisation is the
    /// identity up to ε; biases are 0.
    public init(untrained architecture: Architecture) throws {
        var values = UntrainedValues()
        try self.init(for: architecture) { tensor in
            let inputs: Int
            switch tensor.layout {
            case .vector:
                let isOne = tensor.role == .normalizationWeight || tensor.role == .runningVar
                return (tensor.shape, [Float](repeating: isOne ? 1 : 0, count: tensor.count))
            case .convolution: inputs = tensor.shape[0] * tensor.shape[1] * tensor.shape[2]
            case .depthwise: inputs = tensor.shape[0] * tensor.shape[1]
            case .matrix: inputs = tensor.shape[0]
            }
            return (tensor.shape, values.kernel(inputs: inputs, count: tensor.count))
        }
    }
}
