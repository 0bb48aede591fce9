import Datasets
import Files
import Foundation
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
            #expect(part.shape == ImageShape(height: 28, width: 28, channels: 1) && part.classes == 10)
            #expect(try part.pixels.count == count * 784)
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
        #expect(source.training.shape == ImageShape(height: 2, width: 3, channels: 1))
        #expect(try source.training.pixels == Array(0..<24))
        #expect(source.training.labels == [0, 1, 2, 1])
        #expect(try source.test.pixels == Array(100..<112))
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

    @Test("an absent file is named, and those that are there")
    func absentFile() throws {
        try writeFiles(leavingOut: "t10k-images-idx3-ubyte")
        #expect(
            try refusal()
                == .missing(
                    path: "\(directory.path)/t10k-images-idx3-ubyte",
                    what: "IDX file, plain or with .gz after its name, beside train-images-idx3-ubyte, "
                        + "train-labels-idx1-ubyte, t10k-labels-idx1-ubyte,"))
    }

    static let folders: [(files: [String], says: String)] = [
        ([], "an empty folder"), ([".DS_Store"], "an empty folder"),
        (["a.jpg", "b.JPEG", "c.jpg"], "a folder of 3 JPEG files"),
        (["a.png", "b.jpg", "c.png", "notes.txt"], "a folder of 2 PNG files, 1 JPEG file and 1 other file (notes.txt)"),
        (["images.zip"], "a folder of 1 ZIP file"),
        (
            ["a", "b", "c", "d", "train-images.idx3-ubyte"],
            "a folder of 5 other files (a, b, c, d, …)"
        ),
    ]

    @Test("a directory of anything else is told for what it is", arguments: folders)
    func otherFolders(files: [String], says: String) throws {
        for file in files {
            let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(
                atPath: directory.file(folder), withIntermediateDirectories: true)
            if !file.hasSuffix("/") { _ = try directory.write([0], to: file) }
        }
        // Whatever number of classes a space has.
        for classes in [nil, 10, 1000] {
            #expect(
                try refusal(classes: classes)
                    == .invalid(
                        path: directory.path, place: "",
                        problem: "expected a folder of JPEG or PNG images as <class>/… or train/<class>/… with val/<class>/…, "
                            + "or IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte, "
                            + "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), each plain or with .gz, found \(says)"))
        }
    }

    @Test("a folder of images has the classes that its sub-folders have, whatever number a space has")
    func photos() throws {
        let files = ["train/rose/1.jpg", "train/tulip/2.PNG", "train/iris/1.jpeg", "val/rose/3.jpg", "labels.csv"]
        for file in files {
            let folder = file.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: directory.file(folder), withIntermediateDirectories: true)
            _ = try directory.write([0], to: file)
        }
        for classes in [nil, 10, 1000] {
            let source = try ImageDataSource(named: directory.path, classes: classes, classesIn: "space.json")
            #expect(source.classNames == ["iris", "rose", "tulip"] && source.training.classes == 3)
            #expect(source.training.labels == [0, 1, 2] && source.test.labels == [1] && source.files.isEmpty)
            #expect(source.training.isResizable && source.folder?.leftOut.count == 1)
            let inputs = try source.provenanceInputs
            #expect(inputs.map(\.path) == [directory.path] && inputs[0].sha256.count == 64)
        }
    }

    @Test("a directory with folders is a folder of images, or is told for what it is")
    func folderOfImages() throws {
        try FileManager.default.createDirectory(atPath: directory.file("one/two"), withIntermediateDirectories: true)
        #expect(
            try refusal()
                == .invalid(
                    path: directory.path, place: "",
                    problem: "expected JPEG or PNG images in class folders, found a folder of 1 sub-folder (one)"))
        let photos = try PhotoFolder(["train/rose/1.jpg", "train/tulip/2.jpg", "val/rose/3.jpg", "labels.csv"])
        let source = try ImageDataSource(named: photos.path, classes: 1000)
        #expect(source.classNames == ["rose", "tulip"] && source.training.classes == 2 && source.test.labels == [0])
        #expect(source.folder?.lines == ["1 file .csv beside the class folders: labels.csv"] && source.files.isEmpty)
    }

    @Test("more classes than bytes tell apart are refused with the field that says so, and what the labels are")
    func manyClasses() throws {
        try writeFiles()
        let path = "\(directory.path)/train-labels-idx1-ubyte"
        for classes in [257, 1000, 65_536] {
            let error = try #require(
                #expect(throws: FileError.self) {
                    try ImageDataSource(named: directory.path, classes: classes, classesIn: "spaces/a.json")
                })
            #expect(
                error.description == "\(path): expected labels of \(classes) classes, as the field \"classes\" of "
                    + "spaces/a.json is \(classes), found labels from 0 to 2: those of an IDX file are bytes, which tell "
                    + "at most 256 classes apart")
        }
        #expect(try ImageDataSource(named: directory.path, classes: 256).training.classes == 256)
    }

    @Test("a label out of range names the field that says how many classes there are")
    func labelOutOfRange() throws {
        try writeFiles()
        let error = try #require(
            #expect(throws: FileError.self) {
                try ImageDataSource(named: directory.path, classes: 2, classesIn: "spaces/a.json")
            })
        #expect(
            error.description == "\(directory.path)/train-labels-idx1-ubyte: byte 10: expected a label from 0 to 1 for "
                + "image 2, as the field \"classes\" of spaces/a.json is 2, found 2")
    }

    @Test("names of classes are those that a directory gives, one a line")
    func classNames() throws {
        try writeFiles()
        #expect(try ImageDataSource(named: directory.path).classNames == nil)
        for (text, classes) in [("a\nb c\nd\n", 3), ("a\r\nb c\r\nd", 3), ("a\nb\nc\nd\n", 4), ("a\nb\nc\n\n \n", 3)] {
            _ = try directory.write(Array(text.utf8), to: "classes.txt")
            let source = try ImageDataSource(named: directory.path)
            #expect(source.classNames?.count == classes && source.training.classes == classes)
        }
        // As some editors save it.
        _ = try directory.write(Array("\u{FEFF}a\r\nb c\r\nd\r\n".utf8), to: "classes.txt")
        #expect(try ImageDataSource(named: directory.path).classNames == ["a", "b c", "d"])
        let refusals = [("", "expected the names"), ("a\n\nb\n", "line 2: expected the name"), ("\u{fe}", "expected a text in UTF-8")]
        for (text, says) in refusals {
            let bytes = text == "\u{fe}" ? [0xfe] : Array(text.utf8)
            let path = try directory.write(bytes, to: "classes.txt")
            let sentence = try refusal().description
            #expect(sentence.hasPrefix("\(path): ") && sentence.contains(says), "\(sentence)")
        }
        let path = try directory.write(Array("a\nb\n".utf8), to: "classes.txt")
        #expect(
            try refusal(classes: 3)
                == .invalid(path: path, place: "", problem: "expected 3 names of classes, one a line, found 2"))
        #expect(try FashionMNIST.source.get().classNames?.last == "Ankle boot")
        #expect(
            try ImageDataSource(named: "/usr/share/datasets/fashion-mnist").classNames
                == FashionMNIST.source.get().classNames)
    }

    @Test("an unknown name is refused with the known ones and what a directory must hold")
    func unknownName() throws {
        let error = try #require(#expect(throws: FileError.self) { try ImageDataSource(named: "no-such-data") })
        #expect(
            error.description
                == "no data set (one of: fashion-mnist; or a folder of JPEG or PNG images as <class>/… or train/<class>/… "
                + "with val/<class>/…, or one with train-images-idx3-ubyte, "
                + "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each plain or with .gz) "
                + "at no-such-data")
        let file = try directory.write([1], to: "file")
        let other = try #require(#expect(throws: FileError.self) { try ImageDataSource(named: file) })
        #expect(other.description.hasPrefix("cannot read \(file): expected a folder of JPEG or PNG images as <class>/"))
        let kinds: [([UInt8], String)] = [
            ([1], "a file"), ([0x50, 0x4B, 3, 4, 0], "a ZIP archive, to be unpacked first"),
            ([UInt8](repeating: 0, count: 257) + Array("ustar".utf8), "a tar archive, to be unpacked first"),
            ([0x1F, 0x8B, 8], "a file that is packed by gzip; gunzip unpacks it"),
            ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG file"), ([0, 0, 8, 3], "one IDX file"),
        ]
        for (bytes, kind) in kinds {
            let path = try directory.write(bytes, to: "file")
            let error = try #require(#expect(throws: FileError.self) { try ImageDataSource(named: path) })
            #expect(error.description.hasSuffix("found \(kind)"), "\(error)")
        }
    }
}
