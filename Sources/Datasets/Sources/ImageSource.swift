import Files

/// Labelled images, wherever they are: in memory, in the files of a folder, in a cache.
///
/// A source tells labels at once and images on demand: a reader crops an image and resizes the crop to the frame that is
/// asked.
public protocol ImageSource: Sendable {
    /// What the images are, for messages: "fashion-mnist training".
    var name: String { get }
    var count: Int { get }
    /// The number of classes.
    var classes: Int { get }
    /// The shape of all images; nil where they may differ, and are resized to the frame that is asked.
    var storedShape: ImageShape? { get }
    /// Whether the images of a class follow each other, so that the first images are not a sample of all.
    var isOrderedByClass: Bool { get }
    /// The SHA-256 of what determines all images and labels.
    var digest: String { get }

    /// The label of an image, in 0..<classes.
    ///
    /// - Parameter image: in 0..<count.
    func label(of image: Int) -> Int

    /// A reader for one thread.
    ///
    /// - Parameter shape: of the frames that it reads; the stored shape where there is one.
    func makeReader(shape: ImageShape) -> any ImageReader
}

/// Reads images of a source as frames of one shape, one after the other, into its own memory; for one thread.
public protocol ImageReader: AnyObject {
    /// The size of an image as it is displayed, before any crop.
    ///
    /// - Parameter image: in 0..<count of its source.
    /// - Throws: `FileError` where the image cannot be read.
    func size(of image: Int) throws(FileError) -> ImageSize

    /// A part of an image, resized to the frame.
    ///
    /// - Parameters:
    ///   - image: in 0..<count of its source.
    ///   - crop: lies within the image.
    /// - Returns: [height, width, channels] of the frame, each value 0...255; the caller's to change until the next call.
    /// - Throws: `FileError` where the image cannot be read.
    func frame(of image: Int, crop: CropRectangle) throws(FileError) -> UnsafeMutablePointer<UInt8>
}
