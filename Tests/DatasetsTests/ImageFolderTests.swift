import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite("Folders of images")
struct ImageFolderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Makes empty files at these paths, which are enough to be listed.
    private func make(_ paths: [String]) throws {
        for path in paths {
            let folder = (directory.file(path) as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            _ = try directory.write([1, 2, 3], to: path)
        }
    }

    private func names(_ list: ImageFileList) -> [String] { (0..<list.count).map(list.name) }
    private func labels(_ list: ImageFileList) -> [Int] { (0..<list.count).map(list.label) }

    private func problem(_ path: String? = nil) throws -> String {
        let error = try #require(
            #expect(throws: FileError.self) { try ImageFolder(at: path ?? directory.path) })
        return error.description.replacing(directory.path, with: "photos")
    }

    @Test("with train and val are read as they are, classes in the order of their names, whatever those are")
    func trainAndVal() throws {
        try make([
            "train/Zebra/a.JPG", "train/zebra finch/2.jpeg", "train/zebra finch/1.png", "train/Äffin/x.jpe",
            "train/Zebra/more/deep/b.jfif", "val/Zebra/v.jpg", "val/Äffin/w.PNG", "train/empty/.hidden.jpg",
        ])
        let folder = try ImageFolder(at: directory.path)
        #expect(folder.classNames == ["Zebra", "zebra finch", "Äffin"])
        #expect(names(folder.training) == [
            "Zebra/a.JPG", "Zebra/more/deep/b.jfif", "zebra finch/1.png", "zebra finch/2.jpeg", "Äffin/x.jpe",
        ])
        #expect(labels(folder.training) == [0, 0, 1, 1, 2])
        #expect(names(folder.validation) == ["Zebra/v.jpg", "Äffin/w.PNG"] && labels(folder.validation) == [0, 2])
        #expect(folder.training.path(of: 0) == directory.file("train/Zebra/a.JPG") && folder.training.size(of: 0) == 3)
        #expect(folder.validationFolder == "val" && folder.emptyClasses == ["empty"])
        #expect(folder.classesWithoutValidation == ["zebra finch"] && folder.skipped.count == 0)
    }

    @Test(
        "take the first of val, validation and test, in any case, for validation",
        arguments: [(["Test"], "Test"), (["test", "Validation"], "Validation"), (["test", "validation", "VAL"], "VAL")])
    func validationNames(present: [String], expected: String) throws {
        try make(["TRAIN/a/1.jpg", "TRAIN/b/1.jpg"] + present.map { "\($0)/a/\($0).jpg" })
        let folder = try ImageFolder(at: directory.path)
        #expect(folder.validationFolder == expected && names(folder.validation) == ["a/\(expected).jpg"])
    }

    @Test("without a folder for validation keep a share of every class, which adding files does not move")
    func holdout() throws {
        let cats = (0..<400).map { "cats/\($0).jpg" }, dogs = (0..<400).map { "dogs/\($0).jpg" }
        try make(cats + dogs)
        let folder = try ImageFolder(at: directory.path)
        #expect(folder.validationFolder == nil && folder.classNames == ["cats", "dogs"])
        let held = Set(names(folder.validation))
        #expect(held.isDisjoint(with: names(folder.training)) && held.union(names(folder.training)) == Set(cats + dogs))
        // A binomial share of 0.1 of 400 has a std of 6.
        for label in 0..<2 { #expect((16...64).contains(labels(folder.validation).count { $0 == label })) }

        try make((0..<300).map { "cats/new-\($0).jpg" } + (0..<300).map { "owls/\($0).jpg" })
        try FileManager.default.removeItem(atPath: directory.file("dogs/7.jpg"))
        let grown = try ImageFolder(at: directory.path)
        let still = Set(cats + dogs).subtracting(["dogs/7.jpg"])
        #expect(Set(names(grown.validation)).intersection(still) == held.subtracting(["dogs/7.jpg"]))

        // Moved as a whole, with train alone, and with another share.
        let halves = try ImageFolder(at: directory.path, holdout: Holdout(share: 0.5))
        #expect(held.subtracting(["dogs/7.jpg"]).isSubset(of: names(halves.validation)))
        #expect((500...900).contains(halves.validation.count))
    }

    @Test("are listed without hidden files and those of file managers; others are counted and named")
    func skipped() throws {
        try make([
            "a/1.jpg", "a/2.jpg", "a/Thumbs.db", "a/.DS_Store", "a/desktop.ini", "a/notes.txt", "a/deep/film.gif", "b/1.jpg",
            "b/2.jpg", "README.md", ".git/x.jpg",
        ])
        let folder = try ImageFolder(at: directory.path, holdout: Holdout(share: 0.5))
        #expect(folder.training.count + folder.validation.count == 4)
        #expect(folder.skipped.count == 3)
        #expect(folder.skipped.counts == ["not named as a JPEG or PNG file": 2, "beside the folders of classes": 1])
        let text = folder.skipped.description
        #expect(text.hasPrefix("3 files were left out: ") && text.contains("a/notes.txt") && text.contains("README.md"))
    }

    @Test("follow links, but not in a circle; a name that is no text is named")
    func links() throws {
        try make(["a/1.jpg", "b/1.jpg", "elsewhere.d/7.jpg"])
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: directory.file("a/linked"), withDestinationPath: directory.file("elsewhere.d"))
        try manager.createSymbolicLink(atPath: directory.file("a/linked/back"), withDestinationPath: directory.file("a"))
        try manager.createSymbolicLink(atPath: directory.file("b/2.jpg"), withDestinationPath: directory.file("b/1.jpg"))
        try manager.createSymbolicLink(atPath: directory.file("b/gone.jpg"), withDestinationPath: directory.file("none"))


        let path: [CChar] = Array((directory.path + "/b/x").utf8CString.dropLast()) + [-1, CChar(UInt8(ascii: ".")), 106, 112, 103, 0]
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
        #expect(descriptor >= 0)
        close(descriptor)

        let folder = try ImageFolder(at: directory.path, holdout: Holdout(share: 0.5))
        let all = Set(names(folder.training) + names(folder.validation))
        #expect(all == ["a/1.jpg", "a/linked/7.jpg", "b/1.jpg", "b/2.jpg", "elsewhere.d/7.jpg"])
        #expect(folder.skipped.counts == [
            "a link back to a folder that holds it": 1, "No such file or directory": 1, "its name is no UTF-8": 1,
        ])
    }

    @Test("that hold no images, one class, or another thing are refused with what is there")
    func refusals() throws {
        #expect(try problem(directory.file("nowhere")).contains("nowhere"))
        try make(["a/1.txt", "b/2.gif"])
        let none = try problem()
        #expect(none.hasPrefix("photos: expected folders of JPEG or PNG images, one for each class") && none.contains("GIF"))
        try make(["a/1.jpg"])
        #expect(try problem() == "photos: expected at least two classes with images, found one: a")
        try make(["train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/c/1.jpg"])
        #expect(
            try problem() == "photos/val/c: expected the classes of photos/train (a, b), found one that has no training images")
    }

    @Test("have a digest that changes with every file, and not with the place of the folder")
    func digest() throws {
        try make(["one/a/1.jpg", "one/a/2.jpg", "one/b/1.jpg"])
        try FileManager.default.copyItem(atPath: directory.file("one"), toPath: directory.file("two"))
        for name in ["one", "two"] {
            for file in ["a/1.jpg", "a/2.jpg", "b/1.jpg"] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: directory.file("\(name)/\(file)"))
            }
        }
        func digest(_ name: String) throws -> [String] {
            let folder = try ImageFolder(at: directory.file(name), holdout: Holdout(share: 0.5))
            return [folder.training.digest, folder.validation.digest]
        }
        let first = try digest("one")
        #expect(try digest("two") == first && Set(first).count == 2)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_001)], ofItemAtPath: directory.file("two/a/1.jpg"))
        #expect(try digest("two") != first)
        _ = try directory.write([1, 2, 3, 4], to: "one/b/1.jpg")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: directory.file("one/b/1.jpg"))
        #expect(try digest("one") != first)
    }
}
