import ArgumentParser
import Datasets
import Exporter
import Files
import Runs

/// How images of a folder are split and read.
struct PhotoOptions: ParsableArguments {
    @OptionGroup var split: HoldoutOption

    @Flag(name: .customLong("no-cache"), help: "Decode a folder's images from their files each time; keep no decoded copy.")
    var avoidsCache = false

    @Flag(help: "Go on without the images of a folder that cannot be decoded; the run records which.")
    var skipBroken = false

    /// The first of these options that was given; nil where none was. For commands that read no images then.
    var given: String? {
        [(split.holdout != nil, "--holdout"), (avoidsCache, "--no-cache"), (skipBroken, "--skip-broken")]
            .first(where: \.0)?.1
    }

    /// The same options, without caches where a run had none: what it is evaluated on are the pixels that it was tested on.
    ///
    /// - Parameter run: that is evaluated; nil for none.
    func following(_ run: NetworkFiles?) -> PhotoOptions { uncached(run?.isUncached == true) }

    /// The same options, without caches where `isUncached` is true.
    private func uncached(_ isUncached: Bool) -> PhotoOptions {
        var options = self
        if isUncached { options.avoidsCache = true }
        return options
    }

    /// The images of a run, without broken ones, read from caches of decoded copies.
    ///
    /// All are decoded once before a run, to find the broken ones; not where there are caches of all, for those are made of
    /// sound images only.
    ///
    /// - Parameters:
    ///   - training: those that are trained on.
    ///   - test: those for evaluation.
    ///   - images: that both are from.
    ///   - shape: of the frames that are read.
    ///   - augmentation: of the training.
    ///   - old: those of the run that is resumed. It goes on without the images and without the caches that it began without,
    ///     or it would see other pixels.
    /// - Returns: the images, and the paths of those that were left out, from the folder on.
    /// - Throws: `FileError.invalid` where some are broken and are not to be skipped, with the first three; `.cannotWrite`
    ///   where the copies that a run began with are gone, and cannot be made again.
    func prepared(
        training: ImageDataset, test: ImageDataset, of images: ImageDataSource, shape: ImageShape,
        augmentation: Augmentation, resuming old: RunImages?
    ) throws -> (training: ImageDataset, test: ImageDataset, skipped: [String]) {
        guard let folder = images.folder else { return (training, test, []) }
        let options = uncached(old?.isUncached == true), recorded = old?.skipped ?? []
        var training = training.without(recorded, in: folder.path), test = test.without(recorded, in: folder.path)
        if let trainingCopies = options.cachedBefore(training, shape: shape, augmentation),
            let testCopies = options.cachedBefore(test, shape: shape, .none)
        {
            return (trainingCopies, testCopies, recorded)
        }
        let broken: [String]
        (training, test, broken) = try sound(
            training: training, test: test, of: folder, isSkipping: skipBroken || !recorded.isEmpty)
        let trainingCopies = try options.cached(training, shape: shape, augmentation)
        let testCopies = trainingCopies.files == nil ? try options.cached(test, shape: shape, .none) : test
        // All images are copies, or none: a run records one of the two, and is resumed and evaluated so.
        let areCopies = trainingCopies.files == nil && testCopies.files == nil
        if let old, !old.isUncached, !areCopies {
            throw FileError.cannotWrite(
                path: ImageCache.folder,
                reason: "the run began with decoded copies of the images, and goes on only with them: make room for them there")
        }
        return areCopies ? (trainingCopies, testCopies, recorded + broken) : (training, test, recorded + broken)
    }

    private func cache(of images: ImageDataset, shape: ImageShape, _ augmentation: Augmentation) -> ImageCache? {
        avoidsCache ? nil : images.files.map { ImageCache(of: $0, side: ImageCache.side(for: shape, augmentation)) }
    }

    /// The images of the cache that was made before; nil where there is none.
    private func cachedBefore(_ images: ImageDataset, shape: ImageShape, _ augmentation: Augmentation) -> ImageDataset? {
        cache(of: images, shape: shape, augmentation)?.open().map { ImageDataset($0, shape: images.shape) }
    }

    /// The images, read from a cache of decoded copies, which is made where there is none. Says on standard error how large
    /// it is before it is written. Where it cannot be written, says so and reads the files.
    ///
    /// - Parameters:
    ///   - shape: of the frames that are read.
    ///   - augmentation: what is read of them.
    /// - Throws: `FileError` where an image cannot be read.
    func cached(_ images: ImageDataset, shape: ImageShape, _ augmentation: Augmentation) throws -> ImageDataset {
        guard let cache = cache(of: images, shape: shape, augmentation) else { return images }
        if let found = cache.open() { return ImageDataset(found, shape: images.shape) }
        do throws(FileError) {
            let building = try cache.build()
            let size = "\(building.byteCount.mebibytes) MiB", count = images.count.grouped
            if let free = building.freeBytes, free < building.byteCount {
                RunOptions.warn(
                    "a cache of decoded images would take \(size), and \(ImageCache.folder) has "
                        + "\(free.mebibytes) MiB left: the images are decoded each time")
                return images
            }
            writeError("caching \(count) decoded images of \(images.name), \(size), in \(ImageCache.folder)\n")
            var display = ProgressDisplay()
            while let done = try building.next() {
                display.show(fraction: Double(done) / Double(images.count), "\(done.grouped) of \(count) images")
            }
            return ImageDataset(try building.images, shape: images.shape)
        } catch {
            guard case .cannotWrite = error else { throw error }
            RunOptions.warn("\(error); the images are decoded each time")
            return images
        }
    }

    /// The images without broken ones, which are looked for.
    ///
    /// - Parameters:
    ///   - training: those that are trained on.
    ///   - test: those for evaluation.
    ///   - folder: that they are from.
    ///   - isSkipping: whether to go on without broken images.
    /// - Returns: the images, and the paths of those that were left out, from the folder on.
    /// - Throws: `FileError.invalid` where some are broken and are not to be skipped, with the first three.
    private func sound(
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
        RunOptions.warn("\(folder.path): going on without \(broken.count.counted("broken image"))")
        func without(_ part: ImageFolder.Part, _ files: ImageFileList, _ images: ImageDataset) throws -> ImageDataset {
            let places = broken.filter { $0.place.part == part }.map(\.place.index)
            if places.count == files.count, !places.isEmpty {
                throw FileError.invalid(
                    path: folder.path, place: "",
                    problem: "expected \(part) images that can be decoded, found \(places.count) that all cannot")
            }
            let rest = files.without(places), counts = zip(files.classCounts, rest.classCounts)
            RunOptions.warn(
                ofClasses: zip(files.classNames, counts).filter { $0.1.0 > 0 && $0.1.1 == 0 }.map(\.0),
                without: "sound image for \(part)", in: folder.path)
            return ImageDataset(FolderImages(rest), shape: images.shape)
        }
        return (
            try without(.training, trainingFiles, training), try without(.validation, testFiles, test),
            broken.map { ImageDataset.path($0.path, from: folder.path) }
        )
    }

    /// The images of a dry run: without broken ones, which are looked for, if those are to be skipped.
    ///
    /// - Parameters:
    ///   - training: those that are trained on.
    ///   - test: those for evaluation.
    ///   - images: that both are from.
    /// - Throws: `FileError.invalid` where all of them are broken.
    func planned(
        training: ImageDataset, test: ImageDataset, of images: ImageDataSource
    ) throws -> (training: ImageDataset, test: ImageDataset) {
        guard skipBroken, let folder = images.folder else { return (training, test) }
        let sound = try sound(training: training, test: test, of: folder, isSkipping: true)
        return (sound.training, sound.test)
    }

    /// Images without broken ones, if those are to be skipped.
    ///
    /// - Parameters:
    ///   - part: what the images are.
    ///   - source: that they are from.
    ///   - recorded: the images that the run was begun without.
    func withoutBroken(
        _ images: ImageDataset, as part: ImageFolder.Part, of source: ImageDataSource, without recorded: [String] = []
    ) throws -> ImageDataset {
        guard let folder = source.folder else { return images }
        let rest = images.without(recorded, in: folder.path)
        guard skipBroken, let files = rest.files else { return rest }
        let none = ImageDataset(FolderImages(files.without(Array(0..<files.count))), shape: rest.shape)
        return switch part {
        case .training: try sound(training: rest, test: none, of: folder, isSkipping: true).training
        case .validation: try sound(training: none, test: rest, of: folder, isSkipping: true).test
        }
    }

    /// How many broken images an error names.
    private static let told = 3
}

extension ImageDataset {
    /// The images of a folder without some of them.
    ///
    /// - Parameters:
    ///   - paths: of those, from the folder on.
    ///   - folder: its path.
    func without(_ paths: [String], in folder: String) -> ImageDataset {
        guard !paths.isEmpty, let files else { return self }
        let left = Set(paths)
        return ImageDataset(
            FolderImages(files.without((0..<files.count).filter { left.contains(Self.path(files.path(at: $0), from: folder)) })),
            shape: shape)
    }

    fileprivate static func path(_ path: String, from folder: String) -> String {
        path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
    }
}

extension RunImages {
    /// Takes in what became of a run's images before it began.
    ///
    /// - Parameters:
    ///   - training: those that are trained on, as they are read.
    ///   - count: how many there were with the broken ones.
    ///   - skipped: the paths of the broken ones, from the folder on.
    mutating func prepared(_ training: ImageDataset, of count: Int, skipped: [String]) {
        self.skipped = skipped
        skippedTraining = count - training.count
        isUncached = training.files != nil
    }
}
