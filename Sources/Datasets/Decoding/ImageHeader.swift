/// What the beginning of an image file tells about the image.
public struct ImageHeader: Hashable, Sendable {
    /// A kind of image file, by its contents and not by its name.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// JPEG (ITU-T T.81), baseline, extended or progressive, Huffman-coded, 8 bits a sample.
        case jpeg = "JPEG"
        /// PNG (W3C Recommendation, second edition).
        case png = "PNG"
    }

    public let format: Format
    /// How the stored image has to be turned for display.
    public let orientation: Orientation
    /// Rows as they are stored, from 1 to 65,535.
    public let storedHeight: Int
    /// Columns as they are stored, from 1 to 65,535.
    public let storedWidth: Int

    /// Rows of the image as it is displayed.
    public var height: Int { orientation.isTransposed ? storedWidth : storedHeight }
    /// Columns of the image as it is displayed.
    public var width: Int { orientation.isTransposed ? storedHeight : storedWidth }

    /// The largest number of pixels of an image that is decoded. An image of more is refused before memory is asked for.
    public static let greatestPixelCount = 1 << 28

    init(format: Format, orientation: Orientation, storedHeight: Int, storedWidth: Int) {
        self.format = format
        self.orientation = orientation
        self.storedHeight = storedHeight
        self.storedWidth = storedWidth
    }
}
