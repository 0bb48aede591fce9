import ArgumentParser
import Datasets
import Exporter
import Files

/// How images of a folder are split and read.
struct PhotoOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The share of a folder's images that is kept for validation, if it has no folder val (default: 0.1).",
            valueName: "share"))
    var holdout: Double?

    @Flag(name: .customLong("no-cache"), help: "Decode a folder's images from their files each time; keep no decoded copy.")
    var avoidsCache = false

    static let usualHoldout = 0.1

    func validate() throws {
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout: expected a number above 0 and below 1, found \(holdout)")
        }
    }

    /// The images, read from a cache of decoded copies, which is made where there is none. Says on standard error how large
    /// it is before it is written. Where it cannot be written, says so and reads the files.
    ///
    /// - Parameters:
    ///   - shape: of the frames that are read.
    ///   - augmentation: what is read of them.
    /// - Throws: `FileError` where an image cannot be read.
    func cached(_ images: ImageDataset, shape: ImageShape, _ augmentation: Augmentation) throws -> ImageDataset {
        guard !avoidsCache, let files = images.files else { return images }
        let cache = ImageCache(of: files, side: ImageCache.side(for: shape, augmentation))
        if let found = cache.open() { return ImageDataset(found, shape: images.shape) }
        do throws(FileError) {
            let building = try cache.build()
            let size = "\((Double(building.byteCount) / 1_073_741_824).fixed(2)) GiB"
            if let free = building.freeBytes, free < building.byteCount {
                RunOptions.warn(
                    "a cache of decoded images would take \(size), and \(ImageCache.folder) has "
                        + "\((Double(free) / 1_073_741_824).fixed(2)) GiB left: the images are decoded each time")
                return images
            }
            writeError("caching \(files.count.grouped) decoded images of \(files.name), \(size), in \(ImageCache.folder)\n")
            var display = ProgressDisplay()
            while let done = try building.next() {
                display.show(fraction: Double(done) / Double(files.count), "\(done.grouped) of \(files.count.grouped) images")
            }
            return ImageDataset(try building.images, shape: images.shape)
        } catch {
            guard case .cannotWrite = error else { throw error }
            RunOptions.warn("\(error); the images are decoded each time")
            return images
        }
    }
}
