import Files

/// Reads the images of a data set as 8-bit frames; for one thread.
public final class DatasetReader {
    private let reader: any ImageReader
    private let dataset: ImageDataset
    private let place: (Int) -> Int

    init(_ reader: any ImageReader, of dataset: ImageDataset, place: @escaping (Int) -> Int) {
        self.reader = reader
        self.dataset = dataset
        self.place = place
    }

    /// The size of an image as it is displayed.
    ///
    /// - Parameter image: in 0..<count of the data set.
    /// - Throws: `FileError` where the image cannot be read.
    public func size(of image: Int) throws(FileError) -> ImageSize { try reader.size(of: place(image)) }

    /// A part of an image, resized to the frame.
    ///
    /// - Parameters:
    ///   - image: in 0..<count of the data set.
    ///   - crop: lies within the image.
    /// - Returns: [height, width, channels]; the caller's to change until the next call.
    /// - Throws: `FileError` where the image cannot be read.
    public func frame(of image: Int, crop: CropRectangle) throws(FileError) -> UnsafeMutablePointer<UInt8> {
        try reader.frame(of: place(image), crop: crop)
    }

    /// An image as an evaluation sees it: stored images as they are, others as `CropRectangle.init(middleOf:for:)` says.
    ///
    /// - Parameter image: in 0..<count of the data set.
    /// - Returns: [height, width, channels]; the caller's to change until the next call.
    /// - Throws: `FileError` where the image cannot be read.
    public func middle(of image: Int) throws(FileError) -> UnsafeMutablePointer<UInt8> {
        let size = try size(of: image)
        return try frame(
            of: image,
            crop: dataset.isResizable ? CropRectangle(middleOf: size, for: dataset.shape) : CropRectangle(whole: size))
    }
}
