import Datasets
import Files
import Foundation
import Testing
import TestSupport

private let folderEach = "expected a folder for each class with its JPEG or PNG images, found"
private let anyImages = "expected JPEG or PNG images in class folders, found"
private let withoutIt = "; without that folder, a share of the training images is kept for validation"
private let twoClasses = "expected images of at least two classes, found"

@Suite("Folders of images")
struct ImageFolderTests {
    private static let cats = (0..<20).map { "cat/\($0).jpg" }
    private static let dogs = (0..<20).map { "dog/\($0).jpg" }
    /// Of the twenty, those whose hash is below one half, as Python computes it.
    private static let heldOutCats = [1, 4, 5, 9, 11, 12, 13, 15, 16, 17, 19]
    private static let heldOutDogs = [3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]

    @Test("have training and validation images in folders of their own, whose names may be in any case", arguments: [
        ("train", "val"), ("Train", "Validation"), ("TRAIN", "test"), ("train", "Valid"), ("Training", "Testing"),
        ("training_set", "test_set"),
    ])
    func split(training: String, validation: String) throws {
        let photos = try PhotoFolder([
            "\(training)/dog/b.jpg", "\(training)/cat/2.JPG", "\(training)/cat/10.png", "\(validation)/dog/x.jpeg",
        ])
        let folder = try photos.listed()
        #expect(folder.path == photos.path)
        #expect(folder.trainingFolder == training && folder.validationFolder == validation && folder.holdout == 0)
        #expect(folder.classNames == ["cat", "dog"])
        #expect(folder.training.paths == ["cat/10.png", "cat/2.JPG", "dog/b.jpg"])
        #expect(folder.training.labels == [0, 0, 1] && folder.validation.labels == [1])
        #expect(folder.training.path(at: 1) == "\(photos.path)/\(training)/cat/2.JPG")
        #expect(folder.validation.path(at: 0) == "\(photos.path)/\(validation)/dog/x.jpeg")
        #expect(folder.training.size(at: 2) == "\(training)/dog/b.jpg".utf8.count)
        #expect(folder.classesWithoutValidation == ["cat"] && folder.classesWithoutTraining.isEmpty)
        #expect(folder.leftOut.isEmpty)
    }

    @Test("take val before validation before test, and report the others")
    func validationFolders() throws {
        let photos = try PhotoFolder([
            "train/a/1.jpg", "train/b/1.jpg", "test/a/t.jpg", "validation/a/v.jpg", "val/b/w.jpg", "extra/c/1.jpg",
        ])
        #expect(try photos.listed().validation.paths == ["b/w.jpg"])
        try photos.remove("val")
        let folder = try photos.listed()
        #expect(folder.validationFolder == "validation" && folder.validation.paths == ["a/v.jpg"])
        #expect(folder.lines == ["2 folders beside the training images: extra, test"])
        try photos.remove("validation")
        #expect(try photos.listed().validation.paths == ["a/t.jpg"])
    }

    @Test("hold out a share by the hash of each path, the same in train and without it", arguments: ["", "train/"])
    func holdout(parent: String) throws {
        let photos = try PhotoFolder((Self.cats + Self.dogs).map { parent + $0 })
        let folder = try photos.listed(holdout: 0.5)
        #expect(folder.trainingFolder == (parent.isEmpty ? nil : "train") && folder.validationFolder == nil)
        #expect(folder.holdout == 0.5)
        let expected = Self.heldOutCats.map { "cat/\($0).jpg" } + Self.heldOutDogs.map { "dog/\($0).jpg" }
        #expect(folder.validation.paths.sorted() == expected.sorted())
        #expect(Set(folder.training.paths + folder.validation.paths) == Set(Self.cats + Self.dogs))
        #expect(folder.training.count + folder.validation.count == 40)
        #expect(folder.training.path(at: 0) == "\(photos.path)/\(parent)cat/0.jpg")
        #expect(try photos.listed(holdout: 0).validation.count == 0)
    }

    @Test("move no file to the other side when files are added and removed")
    func stability() throws {
        let photos = try PhotoFolder(Self.cats + Self.dogs)
        let before = try photos.listed(holdout: 0.3)
        try photos.write((20..<60).map { "cat/\($0).jpg" } + ["ape/1.jpg", "ape/2.jpg"])
        for name in ["cat/3.jpg", "dog/7.jpg"] { try photos.remove(name) }
        let after = try photos.listed(holdout: 0.3)
        let gone = Set(["cat/3.jpg", "dog/7.jpg"])
        #expect(Set(before.validation.paths).subtracting(gone).isSubset(of: after.validation.paths))
        #expect(Set(before.training.paths).subtracting(gone).isSubset(of: after.training.paths))
        #expect(after.training.count + after.validation.count == 80)
        // A larger share adds to what was held out.
        #expect(Set(after.validation.paths).isSubset(of: try photos.listed(holdout: 0.6).validation.paths))
    }

    @Test("give the labels in the order of the bytes of the names, with spaces and any characters")
    func names() throws {
        let classes = ["Zebra", "a b  c", "größe", "日本", "é", "e\u{301}", "it's \"quoted\""]
        let photos = try PhotoFolder(
            classes.map { "train/\($0)/photo 1 ü.jpg" } + ["val/日本/x.png", "val/e\u{301}/1.png", "val/é/2.png", "val/é/3.png"])
        let folder = try photos.listed()
        // "é" in one scalar and in two are names of two folders, which Swift's == takes for one.
        #expect(
            folder.classNames.map { Array($0.utf8) }
                == classes.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(folder.training.labels == Array(0..<7))
        // By bytes: Z, a, e with its accent, g, i, é, 日.
        #expect(folder.validation.labels == [2, 5, 5, 6])
        #expect(folder.validation.paths.map { $0.suffix(5) } == ["1.png", "2.png", "3.png", "x.png"])
        for index in 0..<7 { #expect(access(folder.training.path(at: index), R_OK) == 0) }
        for index in 0..<4 { #expect(access(folder.validation.path(at: index), R_OK) == 0) }
    }

    @Test("take images by the endings of their names and the files of sub-folders, and name what is left out")
    func leftOut() throws {
        let images = [
            "cat/1.jpg", "cat/2.JPEG", "cat/3.jpe", "cat/4.Jfif", "cat/5.png", "cat/deep/er/6.PNG", "dog/x.jpg/y.png",
        ]
        let photos = try PhotoFolder(images.map { "train/\($0)" } + [
            "train/cat/.hidden.jpg", "train/cat/.DS_Store", "train/cat/Thumbs.db", "train/.git/x.jpg", "desktop.ini",
            "train/cat/a.gif", "train/cat/deep/b.GIF", "train/dog/c.gif", "train/dog/d.gif", "train/dog/e.gif",
            "train/cat/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg", "train/__MACOSX/x.jpg", "train/lost+found/1.jpg",
            "train/$RECYCLE.BIN/1.jpg", "train/System Volume Information/1.jpg", "train/cat/notes", "train/dog/jpg", "train/dog/x.jpg.part", "train/beside.jpg", "readme.txt",
        ])
        try photos.makeFolder("train/empty")
        #expect(mkfifo(photos.file("train/dog/pipe.jpg"), 0o600) == 0)
        let folder = try photos.listed(holdout: 0)
        #expect(folder.training.paths == images)
        #expect(folder.classNames == ["cat", "dog"])
        #expect(folder.lines == [
            "1 class folder without images: train/empty",
            "5 files .gif: train/cat/a.gif, train/cat/deep/b.GIF, train/dog/c.gif, train/dog/d.gif, …",
            "2 files without an ending: train/cat/notes, train/dog/jpg",
            "1 file .part: train/dog/x.jpg.part",
            "1 file .jpg beside the class folders: train/beside.jpg",
            "1 file .txt beside the class folders: readme.txt",
            "1 name that is no file: train/dog/pipe.jpg",
        ])
    }

    @Test("follow links to files and folders; a file with two links is three images")
    func links() throws {
        let photos = try PhotoFolder(["elsewhere/cats/1.jpg", "elsewhere/dog.jpg", "photos/dog/1.jpg"])
        try photos.link("photos/cat", to: "../elsewhere/cats")
        try photos.link("photos/dog/2.jpg", to: "1.jpg")
        try photos.link("photos/dog/3.jpg", to: photos.file("elsewhere/dog.jpg"))
        try photos.link("photos/dog/4.jpg", to: "nowhere")
        try photos.link("photos/dog/more", to: "nowhere")
        try photos.link("photos/eel", to: "nowhere")
        let folder = try ImageFolder(at: photos.file("photos//"), holdout: 0)
        #expect(folder.path == photos.file("photos"))
        #expect(folder.training.paths == ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg", "dog/3.jpg"])
        #expect(folder.training.size(at: 2) == "photos/dog/1.jpg".utf8.count)
        #expect(folder.lines == [
            "3 unreadable files: dog/4.jpg: No such file or directory, dog/more: No such file or directory, "
                + "eel: No such file or directory"
        ])
        #expect(try ImageFolder(at: photos.file("photos"), holdout: 0).training.digest == folder.training.digest)
    }

    @Test("skip links that lead in a circle, once each, and report them")
    func circles() throws {
        let photos = try PhotoFolder(["cat/1.jpg", "cat/in/2.jpg", "cat/own/3.jpg", "dog/1.jpg"])
        for (name, target) in [
            ("cat/in/up", ".."), ("cat/self", "."), ("all", "."), ("dog/root", "/"), ("dog/parent", "../.."),
            ("dog/one", "../cat/in"), ("dog/two", "../cat/in"),
        ] { try photos.link(name, to: target) }
        let folder = try photos.listed(holdout: 0)
        #expect(folder.classNames == ["cat", "dog"])
        #expect(folder.training.paths == [
            "cat/1.jpg", "cat/in/2.jpg", "cat/own/3.jpg", "dog/1.jpg", "dog/one/2.jpg", "dog/one/up/1.jpg",
            "dog/one/up/own/3.jpg",
        ])
        let line = try #require(folder.leftOut.first)
        #expect(folder.leftOut.count == 1 && line.reason == .repeatedLink && line.count == 8)
        // "one" leads to "in", whose "up" leads to the cats, where "in" is a circle by now.
        #expect(
            line.description == "8 links to a folder that is listed already: all, cat/in/up, cat/self, dog/one/up/in, …")
    }

    @Test("end on links that double with every folder")
    func doublingLinks() throws {
        let photos = try PhotoFolder(["cat/1.jpg", "dog/1.jpg"])
        for level in 0..<15 {
            try photos.makeFolder("cat/a\(level)")
            for name in ["l", "r"] { try photos.link("cat/a\(level)/\(name)", to: "../a\(level + 1)") }
        }
        try photos.write(["cat/a15/x.jpg"])
        let folder = try photos.listed(holdout: 0)
        #expect(folder.training.count < 20)
        #expect(folder.training.paths.contains("cat/a15/x.jpg"))
    }

    @Test("report images whose path is not UTF-8, and refuse such a class")
    func notUTF8() throws {
        let photos = try PhotoFolder(["cat/1.jpg", "dog/1.jpg"])
        func create(_ name: [UInt8]) -> Bool {
            let path = Array((photos.path + "/").utf8CString.dropLast()) + name.map { CChar(bitPattern: $0) } + [0]
            let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
            defer { close(descriptor) }
            return descriptor >= 0
        }
        try #require(create(Array("cat/caf".utf8) + [0xE9] + Array(".jpg".utf8)))
        let folder = try photos.listed(holdout: 0)
        #expect(folder.training.count == 2)
        #expect(folder.lines == ["1 image whose path is not UTF-8: cat/caf\\xE9.jpg"])
        let name = Array((photos.path + "/").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0]
        try #require(mkdir(name, 0o700) == 0)
        #expect(photos.refusal() == "PHOTOS: expected folders with names in UTF-8, found \\xE9: rename it")
    }

    @Test("are refused in one sentence that tells what is there", arguments: [
        (["a.jpg", "b.jpg", "c.txt"], "PHOTOS: \(folderEach) a folder of 2 JPEG files and 1 other file (c.txt)"),
        ([], "PHOTOS: \(folderEach) an empty folder"),
        (["cat/1.gif", "dog/1.gif"], "PHOTOS: \(anyImages) a folder of 2 sub-folders (cat, dog) with 2 GIF files"),
        (["cat/1.jpg", "cat/2.jpg"], "PHOTOS: \(twoClasses) one class folder with images, \"cat\" with 2"),
        (
            ["train/cat/1.jpg", "train/dog/1.gif", "val/cat/1.jpg"],
            "PHOTOS/train: \(twoClasses) one class folder with images, \"cat\" with 1"
        ),
        (
            ["photos/cat/1.jpg", "photos/dog/1.jpg"],
            "PHOTOS: \(twoClasses) one class folder with images, \"photos\" with 2; if the classes are further down, give "
                + "PHOTOS/photos"
        ),
        (["train/1.jpg", "val/1.jpg"], "PHOTOS/train: \(folderEach) a folder of 1 JPEG file"),
        (["train/cat/1.jpg", "train/dog/1.jpg", "val/1.jpg"], "PHOTOS/val: \(folderEach) a folder of 1 JPEG file\(withoutIt)"),
        (
            ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.gif"],
            "PHOTOS/val: \(anyImages) a folder of 1 sub-folder (cat) with 1 GIF file"
        ),
        (
            ["train/cat/1.jpg", "train/dog/1.jpg", "val/cats/1.jpg", "val/dog/1.jpg", "val/x/1.jpg"],
            "PHOTOS/val/cats: expected validation images of a class that has images in PHOTOS/train, where there are none "
                + "in \"cats\" and 1 more folder; did you mean cat?"
        ),
        (
            ["train/cat/1.jpg", "train/caf\u{E9}/1.jpg", "val/cafe\u{301}/1.jpg"],
            "PHOTOS/val/café: expected validation images of a class that has images in PHOTOS/train, where there are none "
                + "in \"café\"; rename it: a folder there has the same letters, which Unicode writes in two ways"
        ),
        (
            ["cat/1.jpg", "big\ndog/1.jpg"],
            "PHOTOS: expected names of classes in one line without control characters, found \"big\\ndog\": rename the folder"
        ),
        (
            ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg", "val/\u{1B}[31mdog/1.jpg"],
            "PHOTOS/val: expected names of classes in one line without control characters, found \"\\u{1B}[31mdog\": "
                + "rename the folder"
        ),
        (["val/cat/1.jpg", "val/dog/1.jpg"], "no folder of training images beside val at PHOTOS/train"),
        (["train/cat/1.jpg", "Train/dog/1.jpg"], "PHOTOS: expected one folder train, found Train and train"),
        (
            ["cat/1.jpg", "dog/1.jpg"],
            "PHOTOS: expected images to evaluate with, but a share of 0.1 of 2 images held out are none: put some into a "
                + "folder val beside train, or hold out more"
        ),
    ] as [([String], String)])
    func refusals(files: [String], message: String) throws {
        #expect(try PhotoFolder(files).refusal() == message)
    }

    @Test("are refused where the path is a file, nothing or the root of the file system")
    func otherPaths() throws {
        let photos = try PhotoFolder()
        try photos.write([0x50, 0x4B, 3, 4], to: "photos.zip")
        let what = "expected a folder of JPEG or PNG images as <class>/… or train/<class>/… with val/<class>/…"
        for (path, message) in [
            (photos.file("photos.zip"), "cannot read PATH: \(what), found a ZIP archive, to be unpacked first"),
            (photos.file("none"), "no folder of images at PATH"), ("/", "PATH: \(what), found the root of the file system"),
            ("//", "PATH: \(what), found the root of the file system"), ("", "no folder of images at PATH"),
        ] {
            let error = #expect(throws: FileError.self) { try ImageFolder(at: path) }
            #expect(error?.description == message.replacing("PATH", with: path), "\(path)")
        }
    }

    @Test("of a class \"train\" beside others are no training images")
    func trainAsClass() throws {
        let photos = try PhotoFolder(["train/1.jpg", "plane/1.jpg", "car/1.jpg"])
        let folder = try photos.listed(holdout: 0)
        #expect(folder.classNames == ["car", "plane", "train"] && folder.trainingFolder == nil)
    }

    @Test("are refused where folders are too deep, and where images are lost among other files")
    func mistakes() throws {
        let photos = try PhotoFolder(["cat/1.jpg", "dog/1.jpg"])
        let deep = (0..<16).map { "d\($0)" }.joined(separator: "/")
        try photos.write(["cat/\(deep)/1.jpg"])
        #expect(try photos.listed(holdout: 0).training.count == 3)
        try photos.write(["cat/\(deep)/more/1.jpg"])
        #expect(
            photos.refusal() == "PHOTOS/cat/\(deep): expected at most 16 folders inside each other in the class folder "
                + "cat, found more, as more")

        let home = try PhotoFolder(["cat/1.jpg", "dog/1.jpg", "dog/note.txt"], many: true)
        for index in 0..<20_000 {
            if link(home.file("dog/note.txt"), home.file("\(index % 2 == 0 ? "cat" : "dog")/\(index).txt")) != 0 {
                // A file system that has no room for so many names of a file.
                try home.write(["\(index % 2 == 0 ? "cat" : "dog")/\(index).txt"])
            }
        }
        #expect(home.refusal().hasPrefix(
            "PHOTOS: expected a folder of JPEG or PNG images as <class>/… or train/<class>/… with val/<class>/…, found 2 "
                + "images among more than 20000 other files (20001 files .txt: cat/0.txt, "))
    }

    @Test("have at most 65,536 classes, which labels of 16 bits tell apart")
    func classLimit() throws {
        let photos = try PhotoFolder(["original.jpg"], many: true)
        for index in 0..<65_537 {
            #expect(mkdir(photos.file("c\(100_000 + index)"), 0o700) == 0)
            if index % 1000 == 0 || index > 65_500 { try photos.write(["c\(100_000 + index)/1.jpg"]) }
        }
        #expect(photos.refusal() == "PHOTOS: expected at most 65536 class folders, found 65537")
        try photos.remove("c100000")
        let folder = try photos.listed(holdout: 0)
        // Those without images are no classes.
        #expect(folder.classNames.count == 65 + 36 && folder.training.labels == Array(0..<101))
        #expect(folder.leftOut.first?.count == 65_536 - 101 && folder.leftOut.first?.reason == .emptyClass)
        for index in 1..<65_537 where index % 1000 != 0 && index <= 65_500 {
            let path = photos.file("c\(100_000 + index)/1.jpg")
            // Most file systems let a file have some tens of thousands of names.
            if link(photos.file("original.jpg"), path) != 0 { try photos.write(["c\(100_000 + index)/1.jpg"]) }
        }
        let full = try photos.listed(holdout: 0)
        #expect(full.classNames.count == 65_536 && full.training.labels.last == 65_535)
        #expect(full.training.path(at: 65_535) == photos.file("c165536/1.jpg"))
    }

    @Test("name the most frequent endings of other files, and count the others together")
    func manyEndings() throws {
        let photos = try PhotoFolder((0..<30).map { "cat/x.e\(10 + $0)" } + ["cat/1.jpg", "dog/1.jpg", "dog/y.e39"])
        let lines = try photos.listed(holdout: 0).lines
        #expect(lines.count == 21)
        #expect(lines[0] == "10 files of other kinds: cat/x.e29, cat/x.e30, cat/x.e31, cat/x.e32, …")
        #expect(lines[1] == "2 files .e39: cat/x.e39, dog/y.e39" && lines[20] == "1 file .e28: cat/x.e28")
    }

    @Test("are refused where a folder cannot be read", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        let photos = try PhotoFolder(["cat/1.jpg", "dog/1.jpg", "dog/in/2.jpg"])
        #expect(chmod(photos.file("dog/in"), 0) == 0)
        #expect(photos.refusal() == "cannot read PHOTOS/dog/in: Permission denied")
        #expect(chmod(photos.file("dog/in"), 0o700) == 0)
    }

    @Test("give the same lists with any number of threads, and the first failure")
    func threads() throws {
        let photos = try PhotoFolder((0..<300).map { "c\($0 % 100)/sub\($0 % 3)/\($0).jpg" } + ["c5/x.gif"])
        let one = try photos.listed(threads: 1)
        for threads in [2, 3, 8] {
            let other = try photos.listed(threads: threads)
            #expect(other.training.paths == one.training.paths && other.training.labels == one.training.labels)
            #expect(other.validation.digest == one.validation.digest && other.leftOut == one.leftOut)
        }
        let deep = (0..<17).map { "d\($0)" }.joined(separator: "/")
        for name in ["c30", "c31", "c7", "c95"] { try photos.write(["\(name)/\(deep)/1.jpg"]) }
        for _ in 0..<20 { #expect(photos.refusal().hasPrefix("PHOTOS/c30/")) }
    }

    @Test("name classes that differ only in case, in spaces, or in how an accent is written")
    func similarClasses() throws {
        let names = ["cat", "Cat ", "caf\u{e9}", "cafe\u{301}", "red  apple", "red apple", "red-apple", "dog"]
        let folder = try PhotoFolder(names.map { "train/\($0)/1.jpg" } + ["val/dog/1.jpg"]).listed()
        #expect(folder.classNames.count == 8)
        #expect(folder.similarClasses.map(\.count) == [2, 2, 2])
        // In the order of bytes; two strings of one text are told apart by them.
        #expect(folder.similarClasses.map { $0.map { Array($0.utf8) } } == [
            ["Cat ", "cat"], ["cafe\u{301}", "caf\u{e9}"], ["red  apple", "red apple"],
        ].map { $0.map { Array($0.utf8) } })
        #expect(try PhotoFolder(["train/cat/1.jpg", "train/dog/1.jpg", "val/dog/1.jpg"]).listed().similarClasses.isEmpty)
    }

    @Test("go on without some images, with the same classes")
    func without() throws {
        let photos = try PhotoFolder([
            "train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg",
        ])
        let folder = try photos.listed()
        let rest = folder.without([
            ImagePlace(part: .training, index: 2), ImagePlace(part: .training, index: 0),
            ImagePlace(part: .validation, index: 0),
        ])
        #expect(rest.training.paths == ["a/2.jpg"] && rest.validation.paths == ["b/1.jpg"])
        #expect(rest.validation.labels == [1] && rest.classNames == ["a", "b"])
        #expect(rest.classesWithoutTraining == ["b"] && rest.classesWithoutValidation == ["a"])
        #expect(folder.without([]).training.digest == folder.training.digest)
        #expect(rest.training.digest != folder.training.digest)
    }
}
