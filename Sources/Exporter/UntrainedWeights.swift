import Architectures

extension TrainedWeights {
    /// Weights that nobody trained, the same for every call: for measuring how fast a network runs, not for
    /// classifying.
    ///
    /// Weights are uniform with the deviation √(2 / inputs of an output) (He et al., 2015), none of them zero; batch
    /// normalisation is the identity up to ε; biases are 0.
    public init(untrained architecture: Architecture) throws {
        var state: UInt64 = 0
        /// A number in -1...1 but for 0, by SplitMix64 (Steele, Lea and Flood, 2014).
        func draw() -> Float {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            mixed ^= mixed >> 31
            // An odd multiple of 2⁻²⁴, and so never 0.
            return Float(Int(mixed >> 40) * 2 + 1 - (1 << 24)) / Float(1 << 24)
        }
        try self.init(for: architecture) { tensor in
            let inputs: Int
            switch tensor.layout {
            case .vector:
                let isOne = tensor.name.hasSuffix(".scale") || tensor.name.hasSuffix(".variance")
                return (tensor.shape, [Float](repeating: isOne ? 1 : 0, count: tensor.count))
            case .convolution: inputs = tensor.shape[0] * tensor.shape[1] * tensor.shape[2]
            case .depthwise: inputs = tensor.shape[0] * tensor.shape[1]
            case .matrix: inputs = tensor.shape[0]
            }
            let limit = (6 / Float(inputs)).squareRoot()
            return (tensor.shape, (0..<tensor.count).map { _ in limit * draw() })
        }
    }
}
