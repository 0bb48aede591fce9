import Files

/// What a file of weights says that images, bytes over 255, were normalised with: one number a channel.
enum ImageNormalization {
    /// Means, and stds, far beyond those of any images, and such that single precision computes with them.
    static let means = -1e6...1e6
    static let deviations = 1e-6...1e6

    /// The numbers at `node`, one for each of `channels`, each within `range`.
    ///
    /// - Throws: `FileError.invalid`.
    static func numbers(
        at node: JSONNode, channels: Int, in range: ClosedRange<Double>
    ) throws -> [Double] {
        let values = try node.array { try $0.number(in: range) }
        guard values.count == channels else {
            throw node.problem("expected \(channels) numbers, one a channel, found \(values.count)")
        }
        return values
    }
}
