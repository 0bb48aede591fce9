/// Mean and std of each channel, for normalisation: (value / 255 − mean) / std.
public struct ChannelStatistics: Sendable, Hashable {
    /// [channels], of value / 255.
    public var mean: [Float]
    /// [channels], of value / 255; positive.
    public var standardDeviation: [Float]

    /// - Parameters:
    ///   - mean: [channels], of value / 255.
    ///   - standardDeviation: [channels], of value / 255; positive.
    public init(mean: [Float], standardDeviation: [Float]) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }
}
