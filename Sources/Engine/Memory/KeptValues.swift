import CKernels

/// The number of values that layers keep besides their maps, trained tensors and running statistics, computed from
/// their sizes; including the sums of one thread.
public enum KeptValues {
    /// For a normalised map: the coefficients for reading it and its gradient, sums and their shift, and ones where there is
    /// no gate; for a gated one, its gate and the gate's gradient.
    public static func normalizedMap(channels: Int, gated: Bool = false) -> Int {
        let period = FeatureMap.period(of: channels)
        return 14 * period + (gated ? period + channels : 0)
    }

    /// For a pointwise convolution and its output: the transposed weights.
    public static func pointwise(inputs: Int, outputs: Int) -> Int {
        inputs * outputs + normalizedMap(channels: outputs)
    }

    /// For a block: those of its convolutions, the packed kernel and its gradient, and the factors at its end.
    ///
    /// - Parameters:
    ///   - shape: the block's sizes.
    ///   - inputChannels: of the block's input.
    ///   - gated: whether channels of the hidden width can be closed.
    public static func block(_ shape: InvertedBottleneck.Shape, inputChannels: Int, gated: Bool) -> Int {
        let hidden = shape.hiddenChannels, outputs = shape.outputChannels, lanes = Int(ONEPATH_LANES)
        let padded = (hidden + lanes - 1) / lanes * lanes
        return (shape.expands ? pointwise(inputs: inputChannels, outputs: hidden) : 0)
            + 2 * shape.kernelSize * shape.kernelSize * padded + normalizedMap(channels: hidden, gated: gated)
            + pointwise(inputs: hidden, outputs: outputs) + 2 * FeatureMap.period(of: outputs)
    }
}
