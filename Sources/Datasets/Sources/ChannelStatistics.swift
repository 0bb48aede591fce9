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

    /// Of values that were counted, exact to the last bit of a double before they are rounded.
    ///
    /// - Parameters:
    ///   - occurrences: [channels, 256], how often each value is there; as many values in every channel, at least one.
    ///   - channels: their number.
    init(occurrences: [Int], channels: Int) {
        let values = Double(occurrences[..<256].reduce(0, +))
        self.init(mean: [], standardDeviation: [])
        for channel in 0..<channels {
            let histogram = occurrences[(channel * 256)..<((channel + 1) * 256)]
            let sum = zip(0..., histogram).reduce(0) { $0 + $1.0 * $1.1 }
            let mean = Double(sum) / values
            let squares = zip(0..., histogram).reduce(0.0) {
                $0 + Double($1.1) * (Double($1.0) - mean) * (Double($1.0) - mean)
            }
            self.mean.append(Float(mean / 255))
            // A constant channel gets std 1: its values minus the mean are all zero.
            standardDeviation.append(squares > 0 ? Float((squares / values).squareRoot() / 255) : 1)
        }
    }
}
