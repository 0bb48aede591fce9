import Files
import Glibc

/// A data set in its two parts, found by its name or in a directory.
///
///     let data = try ImageDataSource(named: "fashion-mnist")
///     print(data.training.count, data.test.count)  // 60000 10000
public struct ImageDataSource: Sendable {
    /// What may be trained on.
    public let training: ImageDataset
    /// What is only ever evaluated; of the same image size and classes.
    public let test: ImageDataset
    /// What the classes are called, in the order of their labels; nil for a directory, whose files do not say.
    public let classNames: [String]?
    /// The paths of the files that were read.
    public let files: [String]

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

    /// The names that stand for a data set; any other text is the path of a directory.
    public static var knownNames: [String] { known.map(\.name) }

    /// Reads a data set: four IDX files, `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or, with `.gz` after its name, gzip.
    /// A plain file is taken before a gzip one.
    ///
    /// - Parameters:
    ///   - nameOrDirectory: one of `knownNames`, or a directory that holds the four files.
    ///   - classes: how many classes the labels in a directory tell apart, in 1...256: every label must be below.
    ///     The files do not say; without it, the greatest training label does. A known name brings its own number.
    /// - Throws: `FileError`: `missing` for an unknown name or an absent file, `unreadable`, or `invalid` for a
    ///   damaged file and for files that do not fit each other.
    public init(named nameOrDirectory: String, classes: Int? = nil) throws(FileError) {
        let known = Self.known.first { $0.name == nameOrDirectory }
        let directory = known?.directory ?? nameOrDirectory
        try Self.checkDirectory(directory, known: known)

        let trainingPart = try Part(in: directory, prefix: "train", classes: known?.classNames.count ?? classes)
        let classes = known?.classNames.count ?? classes ?? Int(trainingPart.labels.max()!) + 1
        let testPart = try Part(in: directory, prefix: "t10k", classes: classes)
        guard (testPart.height, testPart.width) == (trainingPart.height, trainingPart.width) else {
            throw .invalid(
                path: testPart.imagesPath, place: "byte 8",
                problem: "expected images of \(trainingPart.height)x\(trainingPart.width) as in "
                    + "\(trainingPart.imagesPath), found \(testPart.height)x\(testPart.width)")
        }
        training = trainingPart.dataset(name: "\(nameOrDirectory) training", classes: classes)
        test = testPart.dataset(name: "\(nameOrDirectory) test", classes: classes)
        classNames = known?.classNames
        files = [trainingPart, testPart].flatMap { [$0.imagesPath, $0.labelsPath] }
    }

    private static func checkDirectory(_ directory: String, known: Known?) throws(FileError) {
        let contents = "a directory with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte "
            + "and t10k-labels-idx1-ubyte, each plain or with .gz"
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw .lastFailure(
                path: directory,
                what: known.map { "data set \($0.name) (Debian's package \($0.package))" }
                    ?? "data set (\(NearestText.question(on: directory, among: knownNames).map { $0 + " " } ?? "")one of: \(knownNames.joined(separator: ", ")); or \(contents))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadable(path: directory, reason: "expected \(contents), found a file")
        }
    }

    /// Images and labels of one part, of equal number.
    private struct Part {
        let imagesPath: String
        let labelsPath: String
        let height: Int
        let width: Int
        let pixels: [UInt8]
        let labels: [UInt8]

        init(in directory: String, prefix: String, classes: Int?) throws(FileError) {
            imagesPath = try Self.file("\(prefix)-images-idx3-ubyte", in: directory)
            labelsPath = try Self.file("\(prefix)-labels-idx1-ubyte", in: directory)
            let images = try IDXFile.images(at: imagesPath)
            labels = try IDXFile.labels(at: labelsPath, classes: classes ?? 256)
            guard labels.count == images.count else {
                throw .invalid(
                    path: labelsPath, place: "byte 4",
                    problem: "expected \(images.count) labels, one for each image of \(imagesPath), "
                        + "found \(labels.count)")
            }
            (height, width, pixels) = (images.height, images.width, images.pixels)
        }

        func dataset(name: String, classes: Int) -> ImageDataset {
            ImageDataset(
                name: name, height: height, width: width, channels: 1, classes: classes, pixels: pixels, labels: labels)
        }

        private static func file(_ name: String, in directory: String) throws(FileError) -> String {
            for path in ["\(directory)/\(name)", "\(directory)/\(name).gz"] where access(path, F_OK) == 0 {
                return path
            }
            throw .missing(path: "\(directory)/\(name)", what: "IDX file, plain or with .gz after its name,")
        }
    }
}
