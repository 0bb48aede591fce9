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

    @Flag(help: "Go on without the images of a folder that cannot be decoded; the run records which.")
    var skipBroken = false

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

    /// The images without broken ones. They are looked for where they are not known from a cache that was made of all.
    ///
    /// - Parameters:
    ///   - training: those that are trained on.
    ///   - test: those for evaluation.
    ///   - folder: that they are from.
    ///   - isSkipping: whether to go on without broken images.
    /// - Returns: the images, and the paths of those that were left out, from the folder on.
    /// - Throws: `FileError.invalid` where some are broken and are not to be skipped, with the first three.
    func sound(
        training: ImageDataset, test: ImageDataset, of folder: ImageFolder, isSkipping: Bool
    ) throws -> (training: ImageDataset, test: ImageDataset, skipped: [String]) {
        guard let trainingFiles = training.files, let testFiles = test.files else { return (training, test, []) }
        var scan = ImageFolderScan(folder.with(training: trainingFiles, validation: testFiles))
        var display = ProgressDisplay()
        decoding: while let event = scan.next() {
            guard case .decoded(let done, let total, let broken) = event else { break decoding }
            display.show(
                fraction: Double(done) / Double(total),
                "checking \(done.grouped) of \(total.grouped) images, \(broken) broken")
            if done == total { break decoding }
        }
        let broken = scan.broken
        if broken.isEmpty { return (training, test, []) }
        guard isSkipping else {
            let rest = broken.count - Self.told
            throw FileError.invalid(
                path: folder.path, place: "",
                problem: "expected images that can be decoded, found \(broken.count) that cannot: "
                    + broken.prefix(Self.told).map { "\($0.path) (\($0.problem))" }.joined(separator: "; ")
                    + (rest > 0 ? "; and \(rest) more, which `onepath data check` lists" : "")
                    + "; remove them, or give --skip-broken")
        }
        RunOptions.warn("\(folder.path): going on without \(broken.count) broken image\(broken.count == 1 ? "" : "s")")
        func without(_ part: ImageFolder.Part, _ files: ImageFileList, _ images: ImageDataset) -> ImageDataset {
            let places = broken.filter { $0.place.part == part }.map(\.place.index)
            return ImageDataset(FolderImages(files.without(places)), shape: images.shape)
        }
        let root = folder.path + "/"
        return (
            without(.training, trainingFiles, training), without(.validation, testFiles, test),
            broken.map { $0.path.hasPrefix(root) ? String($0.path.dropFirst(root.count)) : $0.path }
        )
    }

    /// How many broken images an error names.
    private static let told = 3
}
