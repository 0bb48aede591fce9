import Engine

/// How a training image is changed at random each time it is seen.
///
/// An image is first mirrored left to right (or not, with equal chance), then shifted by a whole number of rows
/// and of columns, each drawn evenly from −maximumShift...maximumShift; what moves in from outside has the raw
/// value 0.
public struct Augmentation: Sendable, Hashable {
    /// The largest shift in each direction, in pixels; not negative.
    public var maximumShift: Int
    /// Whether images are mirrored half of the time.
    public var mirror: Bool

    /// - Parameters:
    ///   - maximumShift: the largest shift in each direction, in pixels; not negative.
    ///   - mirror: whether images are mirrored half of the time.
    public init(maximumShift: Int, mirror: Bool) {
        self.maximumShift = maximumShift
        self.mirror = mirror
    }

    /// Images as they are stored.
    public static let none = Augmentation(maximumShift: 0, mirror: false)

    /// What suits clothes of 28×28 pixels: shifts by up to two pixels, and mirror images.
    public static let fashionMNIST = Augmentation(maximumShift: 2, mirror: true)

    /// Always draws three numbers, so that what one setting draws never depends on another.
    func placement(from random: inout RandomSource) -> Placement {
        Placement(
            rowShift: random.below(2 * maximumShift + 1) - maximumShift,
            columnShift: random.below(2 * maximumShift + 1) - maximumShift,
            isMirrored: random.below(2) == 1 && mirror)
    }
}
