import Architectures

/// The constants of an operator for a runtime, with batch normalisation folded in.
package struct OperatorWeights {
    /// Convolution: [k, k, Cin, Cout]; depthwise: [k, k, C]; fully connected: [Cin, Cout]; else empty.
    package var kernel: [Float]
    /// One for every output channel; empty for an operator without weights.
    package var bias: [Float]

    package init(kernel: [Float], bias: [Float]) {
        self.kernel = kernel
        self.bias = bias
    }

    /// Folds the batch normalisation after the operator into the constants, with its running mean and variance.
    package func folded(
        scale: [Float], offset: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) -> OperatorWeights {
        let factors = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
        return OperatorWeights(
            kernel: kernel.enumerated().map { $1 * factors[$0 % factors.count] },
            bias: bias.indices.map { (bias[$0] - mean[$0]) * factors[$0] + offset[$0] })
    }

    /// Constants to measure with: they look random, and keep the values of a deep network near 1 (He et al., 2015,
    /// arXiv:1502.01852), because processors are slower on denormal numbers.
    init(toMeasure step: Operator) {
        let fanIn: Int
        switch step.kind {
        case .convolution: fanIn = step.kernel * step.kernel * step.input.channels
        case .depthwiseConvolution: fanIn = step.kernel * step.kernel
        case .fullyConnected: fanIn = step.input.channels
        default:
            self.init(kernel: [], bias: [])
            return
        }
        let variance: Float
        switch step.activation {
        // These activations halve the variance, roughly.
        case .relu, .relu6, .swish, .hardSwish: variance = 2
        case .none, .sigmoid, .hardSigmoid: variance = 1
        }
        let bound = (3 * variance / Float(fanIn)).squareRoot()
        let count = fanIn * step.output.channels
        self.init(
            kernel: [Float](unsafeUninitializedCapacity: count) { values, written in
                // Weyl's sequence of the golden ratio: even over the range, and quick.
                var state: UInt32 = 0x9E37_79B9
                for index in 0..<count {
                    state &+= 0x9E37_79B9
                    let mixed = (state ^ (state >> 15)) &* 0x2C1B_3C6D
                    values[index] = (Float(mixed >> 8) * 0x1p-23 - 1) * bound
                }
                written = count
            },
            bias: [Float](repeating: 0.01, count: step.output.channels))
    }
}
