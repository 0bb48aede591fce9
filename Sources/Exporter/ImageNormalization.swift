import Files

/// The mean and std in a file of weights for the normalisation of images (bytes divided by 255): one number for each
/// channel.
package enum ImageNormalization {
    /// The allowed means and stds: far beyond those of any images, and without overflow in single precision.
    package static let means = -1e6...1e6
    package static let deviations = 1e-6...1e6

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
