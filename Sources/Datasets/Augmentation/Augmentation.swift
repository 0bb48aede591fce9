import Engine

/// The random augmentation of a training image each time it is used.
///
/// An image is first mirrored left to right with probability 1/2, then shifted by a whole number of rows and of
/// columns, each uniform in −maximumShift...maximumShift; pixels from outside have the raw value 0. Then a square
/// around a uniformly drawn pixel, as far as it lies within the frame, is set to the mean of the training images
/// (DeVries and Taylor, 2017, "Improved Regularization of Convolutional Neural Networks with Cutout").
public struct Augmentation: Sendable, Hashable {
    /// The largest shift in each direction, in pixels; not negative.
    public var maximumShift: Int
    /// Whether images are mirrored half of the time.
    public var mirror: Bool
    /// The side of the square that is erased, in pixels; 0 erases nothing.
    public var erasedSide: Int

    /// - Parameters:
    ///   - maximumShift: the largest shift in each direction, in pixels; not negative.
    ///   - mirror: whether images are mirrored half of the time.
    ///   - erasedSide: the side of the square that is erased, in pixels; not negative.
    public init(maximumShift: Int, mirror: Bool, erasedSide: Int = 0) {
        self.maximumShift = maximumShift
        self.mirror = mirror
        self.erasedSide = erasedSide
    }

    /// No augmentation.
    public static let none = Augmentation(maximumShift: 0, mirror: false)

    /// For Fashion-MNIST, clothes of 28×28 pixels: shifts by up to two pixels, and mirror images.
    public static let fashionMNIST = Augmentation(maximumShift: 2, mirror: true)

    /// Always draws five numbers, so that the draws of one setting never depend on another.
    ///
    /// - Parameters:
    ///   - height: rows of the frame.
    ///   - width: columns of the frame.
    func placement(height: Int, width: Int, from random: inout RandomSource) -> Placement {
        Placement(
            rowShift: random.below(2 * maximumShift + 1) - maximumShift,
            columnShift: random.below(2 * maximumShift + 1) - maximumShift,
            isMirrored: random.below(2) == 1 && mirror,
            erasedRows: erased(around: random.below(height), of: height),
            erasedColumns: erased(around: random.below(width), of: width))
    }

    /// The rows or columns of the erased square that lie within the frame.
    private func erased(around middle: Int, of size: Int) -> Range<Int> {
        let first = middle - erasedSide / 2
        return max(first, 0)..<max(min(first + erasedSide, size), max(first, 0))
    }
}
