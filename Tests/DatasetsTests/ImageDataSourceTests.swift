import Datasets
import Files
import Testing
import TestSupport

/// Debian's package of Fashion-MNIST, read once for all tests.
enum FashionMNIST {
    static let source = Result { try ImageDataSource(named: "fashion-mnist") }
}

@Suite("Data sources")
struct ImageDataSourceTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Writes the four files of a data set of 2×3 pixels, with what is given in place of its own.
    private func writeFiles(replacing replacements: [String: [UInt8]] = [:], leavingOut absent: String? = nil) throws {
        let files = [
            "train-images-idx3-ubyte": idx(dimensions: [4, 2, 3], values: Array(0..<24)),
            "train-labels-idx1-ubyte": idx(dimensions: [4], values: [0, 1, 2, 1]),
            "t10k-images-idx3-ubyte": idx(dimensions: [2, 2, 3], values: Array(100..<112)),
            "t10k-labels-idx1-ubyte": idx(dimensions: [2], values: [2, 0]),
        ]
        for (name, bytes) in files.merging(replacements, uniquingKeysWith: { $1 }) where name != absent {
            _ = try directory.write(bytes, to: name)
        }
    }

    private func refusal(classes: Int? = nil) throws -> FileError {
        try #require(#expect(throws: FileError.self) { try ImageDataSource(named: directory.path, classes: classes) })
    }

    @Test("Fashion-MNIST is 60,000 and 10,000 images of ten equally frequent classes")
    func fashionMNIST() throws {
        let source = try FashionMNIST.source.get()
        for (part, name, count) in [(source.training, "training", 60_000), (source.test, "test", 10_000)] {
            #expect(part.name == "fashion-mnist \(name)")
            #expect(part.count == count)
            #expect([part.height, part.width, part.channels, part.classes] == [28, 28, 1, 10])
            #expect(part.pixels.count == count * 784)
            for label in 0..<10 {
                #expect(part.labels.count { $0 == label } == count / 10)
            }
        }
        #expect(source.training.labels.prefix(5) == [9, 0, 0, 3, 0])
        #expect(source.test.labels.prefix(5) == [9, 2, 1, 1, 6])
        #expect(
            source.files == ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map {
                "/usr/share/datasets/fashion-mnist/\($0)-ubyte.gz"
            })
        #expect(ImageDataSource.knownNames == ["fashion-mnist"])
    }

    @Test("a directory holds four files, plain or gzip")
    func directoryOfFiles() throws {
        let plain = idx(dimensions: [4], values: [0, 1, 2, 1])
        try writeFiles(replacing: ["train-labels-idx1-ubyte.gz": gzip(plain)], leavingOut: "train-labels-idx1-ubyte")
        let source = try ImageDataSource(named: directory.path)
        #expect([source.training.height, source.training.width, source.training.channels] == [2, 3, 1])
        #expect(source.training.pixels == Array(0..<24))
        #expect(source.training.labels == [0, 1, 2, 1])
        #expect(source.test.pixels == Array(100..<112))
        #expect(source.test.labels == [2, 0])
        #expect(source.files[1] == "\(directory.path)/train-labels-idx1-ubyte.gz")
    }

    @Test("a directory's number of classes is the one given, or what the training labels need")
    func classes() throws {
        try writeFiles()
        #expect(try ImageDataSource(named: directory.path).test.classes == 3)
        #expect(try ImageDataSource(named: directory.path, classes: 7).training.classes == 7)
        #expect(
            try refusal(classes: 2)
                == .invalid(
                    path: "\(directory.path)/train-labels-idx1-ubyte", place: "byte 10",
                    problem: "expected a label from 0 to 1 for image 2, found 2"))

        try writeFiles(replacing: ["t10k-labels-idx1-ubyte": idx(dimensions: [2], values: [0, 3])])
        #expect(
            try refusal()
                == .invalid(
                    path: "\(directory.path)/t10k-labels-idx1-ubyte", place: "byte 9",
                    problem: "expected a label from 0 to 2 for image 1, found 3"))
    }

    @Test("files that do not fit each other are refused")
    func disagreement() throws {
        try writeFiles(replacing: ["t10k-labels-idx1-ubyte": idx(dimensions: [3], values: [0, 1, 2])])
        #expect(
            try refusal()
                == .invalid(
                    path: "\(directory.path)/t10k-labels-idx1-ubyte", place: "byte 4",
                    problem: "expected 2 labels, one for each image of "
                        + "\(directory.path)/t10k-images-idx3-ubyte, found 3"))

        try writeFiles(replacing: ["t10k-images-idx3-ubyte": idx(dimensions: [2, 3, 2], values: Array(0..<12))])
        #expect(
            try refusal()
                == .invalid(
                    path: "\(directory.path)/t10k-images-idx3-ubyte", place: "byte 8",
                    problem: "expected images of 2x3 as in \(directory.path)/train-images-idx3-ubyte, found 3x2"))
    }

    @Test("an absent file is named")
    func absentFile() throws {
        try writeFiles(leavingOut: "t10k-images-idx3-ubyte")
        #expect(
            try refusal()
                == .missing(
                    path: "\(directory.path)/t10k-images-idx3-ubyte",
                    what: "IDX file, plain or with .gz after its name,"))
    }

    @Test("an unknown name is refused with the known ones and what a directory must hold")
    func unknownName() throws {
        let error = try #require(#expect(throws: FileError.self) { try ImageDataSource(named: "no-such-data") })
        #expect(
            error.description == "no data set (one of: fashion-mnist; or a directory with train-images-idx3-ubyte, "
                + "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz) "
                + "at no-such-data")
        let file = try directory.write([1], to: "file")
        let other = try #require(#expect(throws: FileError.self) { try ImageDataSource(named: file) })
        #expect(other.description.hasPrefix("cannot read \(file): expected a directory with train-images"))
    }
}
