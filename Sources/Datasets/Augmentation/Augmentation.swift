import Engine
import Glibc

/// The random augmentation of a training image each time it is used.
///
/// An image is first mirrored left to right with probability 1/2, then shifted by a whole number of rows and of
/// columns, each uniform in −maximumShift...maximumShift; pixels from outside have the raw value 0. Then a square
/// around a uniformly drawn pixel, as far as it lies within the frame, is set to the mean of the training images
/// (DeVries and Taylor, 2017, "Improved Regularization of Convolutional Neural Networks with Cutout").
///
/// Images that are resized, such as photos, are first cropped to a random part and change their colours a little (Szegedy
/// et al., 2015, "Going Deeper with Convolutions"; Howard, 2013, "Some Improvements on Deep Convolutional Neural Network
/// Based Image Classification").
///
/// At last, two images of a batch may exchange a rectangle, and the same part of their classes (Yun et al., 2019, "CutMix:
/// Regularization Strategy to Train Strong Classifiers with Localizable Features").
public struct Augmentation: Sendable, Hashable {
    /// The largest shift in each direction, in pixels; not negative.
    public var maximumShift: Int
    /// Whether images are mirrored half of the time.
    public var mirror: Bool
    /// The side of the square that is erased, in pixels; 0 erases nothing.
    public var erasedSide: Int
    /// The part of an image's area that is cropped, drawn uniformly, within 0...1; nil for what an evaluation sees. Only of
    /// images that are resized.
    public var cropArea: ClosedRange<Double>?
    /// Brightness, contrast and saturation are each multiplied by a number drawn from 1 − jitter...1 + jitter; 0 changes
    /// nothing. Of colour images.
    public var jitter: Double
    /// The probability that two images of a batch exchange a rectangle, in 0...1.
    public var cutMix: Double

    /// The proportions, width by height, of the part that is cropped; drawn uniformly on a logarithmic scale.
    static let cropAspect = 3.0 / 4...4.0 / 3

    /// - Parameters:
    ///   - maximumShift: the largest shift in each direction, in pixels; not negative.
    ///   - mirror: whether images are mirrored half of the time.
    ///   - erasedSide: the side of the square that is erased, in pixels; not negative.
    ///   - cropArea: the part of an image's area that is cropped; nil for what an evaluation sees.
    ///   - jitter: the largest change of brightness, contrast and saturation, at least 0 and below 1.
    ///   - cutMix: the probability that two images of a batch exchange a rectangle, in 0...1.
    public init(
        maximumShift: Int, mirror: Bool, erasedSide: Int = 0, cropArea: ClosedRange<Double>? = nil, jitter: Double = 0,
        cutMix: Double = 0
    ) {
        self.maximumShift = maximumShift
        self.mirror = mirror
        self.erasedSide = erasedSide
        self.cropArea = cropArea
        self.jitter = jitter
        self.cutMix = cutMix
    }

    /// No augmentation.
    public static let none = Augmentation(maximumShift: 0, mirror: false)

    /// For Fashion-MNIST, clothes of 28×28 pixels: shifts by up to two pixels, and mirror images.
    public static let fashionMNIST = Augmentation(maximumShift: 2, mirror: true)

    /// For photos: random resized crops of a quarter of the image at the least, mirror images, and colours.
    public static let photo = Augmentation(maximumShift: 0, mirror: true, cropArea: 0.25...1, jitter: 0.2)

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
            erasedRows: Self.range(around: random.below(height), side: erasedSide, within: height),
            erasedColumns: Self.range(around: random.below(width), side: erasedSide, within: width))
    }

    /// The rectangle that two images of a batch exchange; without rows or columns where each keeps its own.
    ///
    /// It lies around a uniformly drawn pixel, and its area, before what lies outside of the frame is cut off, is drawn
    /// uniformly.
    ///
    /// - Parameters:
    ///   - height: rows of the frame.
    ///   - width: columns of the frame.
    func exchanged(height: Int, width: Int, from random: inout RandomSource) -> (rows: Range<Int>, columns: Range<Int>) {
        guard random.uniform(in: 0...1) < cutMix else { return (0..<0, 0..<0) }
        let side = random.uniform(in: 0...1).squareRoot()
        return (
            rows: Self.range(around: random.below(height), side: Int(Double(height) * side), within: height),
            columns: Self.range(around: random.below(width), side: Int(Double(width) * side), within: width)
        )
    }

    /// The rows or columns of a rectangle that lie within the frame.
    private static func range(around middle: Int, side: Int, within size: Int) -> Range<Int> {
        let first = middle - side / 2
        return max(first, 0)..<max(min(first + side, size), max(first, 0))
    }

    /// A random part of an image, or what an evaluation sees of it.
    ///
    /// A part of the drawn area and proportions may not fit into the image; after ten tries the middle is taken, as large as
    /// the proportions allow.
    ///
    /// - Parameters:
    ///   - size: of the image.
    ///   - shape: of the frame.
    package func crop(of size: ImageSize, for shape: ImageShape, from random: inout RandomSource) -> CropRectangle {
        guard let cropArea else { return CropRectangle(middleOf: size, for: shape) }
        let wholeWidth = Double(size.width), wholeHeight = Double(size.height)
        for _ in 0..<10 {
            let area = wholeWidth * wholeHeight * random.uniform(in: cropArea)
            let aspect = exp(random.uniform(in: log(Self.cropAspect.lowerBound)...log(Self.cropAspect.upperBound)))
            let width = (area * aspect).squareRoot().rounded(), height = (area / aspect).squareRoot().rounded()
            guard width >= 1, width <= wholeWidth, height >= 1, height <= wholeHeight else { continue }
            return CropRectangle(
                top: Double(random.below(size.height - Int(height) + 1)),
                left: Double(random.below(size.width - Int(width) + 1)), height: height, width: width)
        }
        let aspect = min(max(wholeWidth / wholeHeight, Self.cropAspect.lowerBound), Self.cropAspect.upperBound)
        let width = min(wholeWidth, wholeHeight * aspect), height = min(wholeHeight, wholeWidth / aspect)
        return CropRectangle(top: (wholeHeight - height) / 2, left: (wholeWidth - width) / 2, height: height, width: width)
    }

    /// Changes brightness, contrast and saturation by random factors, in a random order.
    ///
    /// - Parameter pixels: a frame of that shape.
    package func changeColours(_ pixels: UnsafeMutablePointer<UInt8>, of shape: ImageShape, from random: inout RandomSource) {
        guard jitter > 0, shape.channels == 3 else { return }
        let count = shape.height * shape.width
        // An array would be allocated for every image.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 3) { order in
            for index in order.indices { order[index] = index }
            random.shuffle(order)
            for change in order {
                let factor = random.uniform(in: 1 - jitter...1 + jitter)
                switch change {
                case 0: ColorJitter.adjustBrightness(pixels, count: count, factor: factor)
                case 1: ColorJitter.adjustContrast(pixels, count: count, factor: factor)
                default: ColorJitter.adjustSaturation(pixels, count: count, factor: factor)
                }
            }
        }
    }
}
