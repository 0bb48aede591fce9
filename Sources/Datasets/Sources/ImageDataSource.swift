import Files
import Glibc

/// A data set with its two parts, found by its name or in a directory.
///
///     let data = try ImageDataSource(named: "fashion-mnist")
///     print(data.training.count, data.test.count)  // 60000 10000
public struct ImageDataSource: Sendable {
    /// The training images.
    public let training: ImageDataset
    /// The test images, only for evaluation; of the same size and classes.
    public let test: ImageDataset
    /// The names of the classes, in the order of their labels; nil for IDX files without names.
    public let classNames: [String]?
    /// The paths of the files that were read; of a folder of images none, because each is read when it is needed.
    public let files: [String]
    /// The folder of images; nil where the images are of IDX files.
    public let folder: ImageFolder?

    /// A data set that a Debian package installs.
    private struct Known {
        let name: String
        let directory: String
        let package: String
        let classNames: [String]
    }

    private static let known = [
        Known(
            name: "fashion-mnist", directory: "/usr/share/datasets/fashion-mnist", package: "dataset-fashion-mnist",
            classNames: [
                "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
                "Ankle boot",
            ])
    ]

    private static let namesFile = "classes.txt"

    /// The names of known data sets; any other text is the path of a directory.
    public static var knownNames: [String] { known.map(\.name) }

    /// The shape of the frames of a folder's images until a network says another: that of ImageNet's networks.
    private static let usualShape = ImageShape(height: 224, width: 224, channels: 3)

    /// Reads a data set: a folder of images, one sub-folder for each class (see `ImageFolder`), or four IDX files,
    /// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each
    /// plain or, with `.gz` after its name, gzip.
    /// A plain file takes precedence over a gzip one. Colour images, [count, height, width, 3], are in files with `idx4` in
    /// their names. A directory may also contain `classes.txt`, the names of the
    /// classes in the order of their labels, one a line.
    ///
    /// - Parameters:
    ///   - nameOrDirectory: one of `knownNames`, or a directory that holds images or the four files.
    ///   - classes: the number of classes of IDX files: every label must be smaller. Without it, the names of the
    ///     classes or the largest training label give the number. A known data set and a folder of images have their own
    ///     number.
    ///   - source: the file that has the number in its field "classes", for errors.
    ///   - holdout: the share of a folder's images that is kept for validation where it has no folder for them.
    /// - Throws: `FileError`: `missing` for an unknown name or an absent file, `unreadable`, or `invalid` for a
    ///   damaged file, for files that do not fit each other, and for a directory of anything else, which the error
    ///   describes.
    public init(
        named nameOrDirectory: String, classes: Int? = nil, classesIn source: String? = nil, holdout: Double = 0.1
    ) throws(FileError) {
        let known = Self.known.first { $0.name == nameOrDirectory }
        let directory = known?.directory ?? nameOrDirectory
        if known == nil, Self.holdsFolders(directory) {
            let folder = try ImageFolder(at: directory, holdout: holdout)
            training = ImageDataset(FolderImages(folder.training), shape: Self.usualShape)
            test = ImageDataset(FolderImages(folder.validation), shape: Self.usualShape)
            classNames = folder.classNames
            files = []
            self.folder = folder
            return
        }
        try Self.checkDirectory(directory, known: known)

        let expected = known == nil ? source.map { "the field \"classes\" of \($0)" } : nil
        let names = if let known { known.classNames } else { try Self.classNames(in: directory, classes: classes) }
        if let names, let classes, known == nil, names.count != classes {
            throw .invalid(
                path: "\(directory)/\(Self.namesFile)", place: "",
                problem: "expected \(classes) names of classes, one a line"
                    + (expected.map { ", as \($0) is \(classes)" } ?? "") + ", found \(names.count)")
        }
        let given = known?.classNames.count ?? classes ?? names?.count
        let trainingPart = try Part(in: directory, prefix: "train", classes: given, source: expected)
        let greatest = Int(trainingPart.labels.max()!)
        if let given, given > IDXFile.classLimit {
            throw .invalid(
                path: trainingPart.labelsPath, place: "",
                problem: "expected labels of \(given) classes"
                    + (expected.map { ", as \($0) is \(given)" } ?? "") + ", found labels from 0 to \(greatest): those "
                    + "of an IDX file are bytes, which tell at most \(IDXFile.classLimit) classes apart")
        }
        let classes = given ?? greatest + 1
        let testPart = try Part(in: directory, prefix: "t10k", classes: classes, source: expected)
        guard testPart.shape == trainingPart.shape else {
            throw .invalid(
                path: testPart.imagesPath, place: "byte 8",
                problem: "expected images of \(trainingPart.sides) as in \(trainingPart.imagesPath), found "
                    + testPart.sides)
        }
        training = trainingPart.dataset(name: "\(nameOrDirectory) training", classes: classes)
        test = testPart.dataset(name: "\(nameOrDirectory) test", classes: classes)
        classNames = names
        folder = nil
        files = [trainingPart, testPart].flatMap { [$0.imagesPath, $0.labelsPath] }
    }

    /// All that was read, as it is now: files by their contents, a folder of images by the list of its files.
    public var provenanceInputs: [Provenance.Input] {
        get throws(FileError) {
            guard let folder else { return try .files(files) }
            let digest = FileDigest.sha256(ofText: folder.training.digest + folder.validation.digest)
            return [Provenance.Input(path: AbsolutePath.of(folder.path), sha256: digest)]
        }
    }

    /// The augmentation that suits the images: of a folder, that of photos; of small pictures, such as those of CIFAR-10,
    /// shifts by an eighth of their side, because a part of one shows little. Images that cannot be read decide nothing: it
    /// is for a scan to name them.
    ///
    /// - Parameter side: the shorter side of the frames that are read, in pixels, which are what is shifted.
    public func usualAugmentation(ofFrames side: Int) -> Augmentation {
        guard folder != nil else { return .fashionMNIST }
        let sample = training.spread(Self.sizeSample), reader = sample.makeReader()
        let greatest = (0..<sample.count).reduce(0) { greatest, image in
            max(greatest, (try? reader.size(of: image)).map { min($0.height, $0.width) } ?? 0)
        }
        return greatest > Self.smallSide ? .photo : Augmentation(maximumShift: min(greatest, side) / 8, mirror: true)
    }

    /// The number of images whose sizes say what the others are like.
    private static let sizeSample = 20
    private static let smallSide = 64

    /// Whether there is a folder with sub-folders, and no IDX file, at a path.
    private static func holdsFolders(_ directory: String) -> Bool {
        let names = DirectoryEntries.names(in: directory).filter { !$0.hasPrefix(".") }
        let isIDX = ["train", "t10k"].contains { prefix in
            let paths = [Part.imagesPath(prefix, in: directory), Part.path(of: Part.labelsName(prefix), in: directory)]
            return paths.contains { access($0, F_OK) == 0 }
        }
        return !isIDX && names.contains { Folder.exists(at: "\(directory)/\($0)") }
    }

    private static func checkDirectory(_ directory: String, known: Known?) throws(FileError) {
        let contents = "\(ImageFolderLayout.expectation), or one with train-images-idx3-ubyte, train-labels-idx1-ubyte, "
            + "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz"
        var status = stat()
        guard stat(directory, &status) == 0 else {
            let question = NearestText.question(on: directory, among: knownNames).map { $0 + " " } ?? ""
            let names = knownNames.joined(separator: ", ")
            throw .lastFailure(
                path: directory,
                what: known.map { "data set \($0.name) (Debian's package \($0.package))" }
                    ?? "data set (\(question)one of: \(names); or \(contents))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadable(
                path: directory, reason: "expected \(contents), found \(FolderContents.kind(ofFile: directory))")
        }
        let files = ["train", "t10k"].flatMap { [Part.imagesName($0), Part.labelsName($0)] }
        let paths = ["train", "t10k"].flatMap { prefix in
            [Part.imagesPath(prefix, in: directory), Part.path(of: Part.labelsName(prefix), in: directory)]
        }
        let found = zip(files, paths).filter { _, path in access(path, F_OK) == 0 }.map { name, _ in name }
        if found.isEmpty {
            throw .invalid(
                path: directory, place: "",
                problem: "expected \(ImageFolderLayout.expectation), or IDX files "
                    + "(\(files.joined(separator: ", "))), each plain or with .gz, found "
                    + FolderContents.summary(of: directory))
        }
        if let absent = files.first(where: { !found.contains($0) }) {
            throw .missing(
                path: "\(directory)/\(absent)",
                what: "IDX file, plain or with .gz after its name, beside \(found.joined(separator: ", ")),")
        }
    }

    /// The names of the classes from the directory or from the known data set; nil where there are none.
    private static func classNames(in directory: String, classes: Int?) throws(FileError) -> [String]? {
        let path = "\(directory)/\(namesFile)"
        guard access(path, F_OK) == 0 else {
            let names = known.first { $0.directory == directory }?.classNames
            return names?.count == classes ?? names?.count ? names : nil
        }
        var lines = try TextFile.lines(path, what: "names of classes")
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        if let empty = lines.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
            throw .invalid(path: path, place: "line \(empty + 1)", problem: "expected the name of a class, found none")
        }
        guard !lines.isEmpty else {
            throw .invalid(path: path, place: "", problem: "expected the names of classes, one a line, found none")
        }
        return lines
    }

    /// Images and labels of one part, of equal number.
    private struct Part {
        let imagesPath: String
        let labelsPath: String
        let shape: ImageShape
        let pixels: [UInt8]
        let labels: [UInt8]

        /// Reads the part with that prefix from its two files in a directory.
        init(in directory: String, prefix: String, classes: Int?, source: String?) throws(FileError) {
            imagesPath = Self.imagesPath(prefix, in: directory)
            labelsPath = Self.path(of: Self.labelsName(prefix), in: directory)
            let images = try IDXFile.images(at: imagesPath)
            labels = try IDXFile.labels(at: labelsPath, classes: classes ?? IDXFile.classLimit, source: source)
            guard labels.count == images.count else {
                throw .invalid(
                    path: labelsPath, place: "byte 4",
                    problem: "expected \(images.count) labels, one for each image of \(imagesPath), "
                        + "found \(labels.count)")
            }
            (shape, pixels) = (images.shape, images.pixels)
        }

        func dataset(name: String, classes: Int) -> ImageDataset {
            ImageDataset(name: name, shape: shape, classes: classes, pixels: pixels, labels: labels)
        }

        /// "28x28", or "32x32x3" of colour images.
        var sides: String { shape.channels == 1 ? "\(shape.height)x\(shape.width)" : "\(shape)" }

        static func imagesName(_ prefix: String) -> String { "\(prefix)-images-idx3-ubyte" }
        /// Of colour images.
        private static func colourImagesName(_ prefix: String) -> String { "\(prefix)-images-idx4-ubyte" }
        /// The path of the grey images, or of the colour images where only those are there.
        static func imagesPath(_ prefix: String, in directory: String) -> String {
            let paths = [imagesName(prefix), colourImagesName(prefix)].map { path(of: $0, in: directory) }
            return paths.first { access($0, F_OK) == 0 } ?? paths[0]
        }

        static func labelsName(_ prefix: String) -> String { "\(prefix)-labels-idx1-ubyte" }

        /// The path of the file with that name, or with .gz where only that exists.
        static func path(of name: String, in directory: String) -> String {
            let paths = ["\(directory)/\(name)", "\(directory)/\(name).gz"]
            return paths.first { access($0, F_OK) == 0 } ?? paths[0]
        }
    }
}
