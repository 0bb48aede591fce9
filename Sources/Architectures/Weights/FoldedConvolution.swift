/// A convolution with the batch normalisation after it folded in, as inference runtimes run it.
public struct FoldedConvolution: Hashable, Sendable {
    /// In the layout of the convolution's tensor; the output channel is the last dimension.
    public var weights: [Float]
    /// One for every output channel.
    public var bias: [Float]

    public init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}

extension TrainedWeights {
    /// Folds a batch normalisation with its running mean and variance into the convolution before it.
    ///
    /// - Parameters:
    ///   - convolution: the name of the convolution's tensor: "stage1.2.expand".
    ///   - normalization: the tensors' name without their part: "stage1.2.expand_normalization".
    public func folded(_ convolution: String, normalization: String) -> FoldedConvolution {
        let scale = self["\(normalization).scale"], offset = self["\(normalization).offset"]
        let mean = self["\(normalization).mean"], variance = self["\(normalization).variance"]
        let factors = zip(scale, variance).map {
            Double($0) / (Double($1) + Architecture.normalizationEpsilon).squareRoot()
        }
        var weights = self[convolution]
        var channel = 0
        for index in weights.indices {
            weights[index] = Float(Double(weights[index]) * factors[channel])
            channel = channel + 1 == factors.count ? 0 : channel + 1
        }
        return FoldedConvolution(
            weights: weights, bias: offset.indices.map { Float(Double(offset[$0]) - Double(mean[$0]) * factors[$0]) })
    }
}
