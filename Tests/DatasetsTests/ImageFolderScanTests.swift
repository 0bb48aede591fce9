import Datasets
import Files
import Foundation
import Testing
import TestSupport

@Suite("Scans of folders of images")
struct ImageFolderScanTests {
    /// An image here is a text "height width", and what follows.
    private static let measure: ImageFolderScan.Measure = { path throws(FileError) in
        let text = String(decoding: try BinaryFile.read(path, what: "image"), as: UTF8.self)
        let sides = text.split(separator: " ").prefix(2).compactMap { Int($0) }
        guard sides.count == 2 else {
            throw .invalid(path: path, place: "byte 0", problem: "expected an image")
        }
        return (sides[0], sides[1])
    }

    private func scan(
        _ folder: ImageFolder, threads: Int
    ) throws -> (check: ImageFolderCheck, events: [ImageFolderScan.Event]) {
        var scan = ImageFolderScan(folder, threads: threads, measure: Self.measure)
        var events: [ImageFolderScan.Event] = []
        while let event = scan.next() { events.append(event) }
        #expect(scan.next() == nil)
        guard case .finished(let check) = try #require(events.last) else { throw CocoaError(.featureUnsupported) }
        return (check, events)
    }

    private func photos() throws -> PhotoFolder {
        let photos = try PhotoFolder()
        for index in 0..<200 {
            let (part, name) = (index % 4 == 0 ? "val" : "train", index % 2 == 0 ? "cat" : "dog")
            // Most have the same size as others, and none the same bytes.
            try photos.write(Array("\(100 + index) \(500 - index) \(index)".utf8), to: "\(part)/\(name)/\(index).jpg")
        }
        return photos
    }

    @Test("find every broken file and tell what it really is")
    func broken() throws {
        let photos = try photos()
        try photos.write([0x50, 0x4B, 3, 4, 0], to: "train/cat/archive.jpg")
        try photos.write(Array("<!DOCTYPE html>".utf8), to: "train/dog/gone.jpg")
        try photos.write([], to: "val/cat/empty.png")
        let folder = try photos.listed()
        try photos.remove("val/cat/8.jpg")
        let check = try scan(folder, threads: 2).check
        #expect(check.broken.map(\.path) == [
            "train/cat/archive.jpg", "train/dog/gone.jpg", "val/cat/8.jpg", "val/cat/empty.png",
        ].map(photos.file))
        #expect(check.broken.map(\.found) == [
            "a ZIP archive, to be unpacked first", "a web page or XML, perhaps the page of a file instead of the file",
            "nothing", "an empty file",
        ])
        #expect(check.broken.map(\.problem) == [
            "byte 0: expected an image", "byte 0: expected an image", "no longer there", "byte 0: expected an image",
        ])
        let sound = check.soundFolder
        #expect(sound.training.count == 150 && sound.validation.count == 49)
        #expect(!sound.training.paths.contains("cat/archive.jpg") && !sound.validation.paths.contains("cat/empty.png"))
        #expect(try scan(sound, threads: 1).check.broken.isEmpty)
    }

    @Test("tell sizes, and count the images by them")
    func sizes() throws {
        let photos = try photos()
        let check = try scan(try photos.listed(), threads: 2).check
        // Heights 100...299, widths 301...500.
        let heights = try #require(check.heights), widths = try #require(check.widths)
        #expect((heights.least, heights.median, heights.most) == (100, 199, 299))
        #expect((widths.least, widths.median, widths.most) == (301, 400, 500))
        #expect(check.shorterSides == check.heights)
        #expect(heights.histogram.map(\.from) == [96, 128, 160, 192, 224, 256])
        #expect(heights.histogram.map(\.images) == [28, 32, 32, 32, 32, 44])
        #expect(widths.histogram.map(\.images) == [19, 64, 64, 53])
    }

    @Test("find copies across training and validation, and those with two labels")
    func duplicates() throws {
        let photos = try photos()
        let copy = Array("64 48 the same".utf8), large = [UInt8](repeating: 0x20, count: 300_000)
        for name in ["train/cat/x.jpg", "train/cat/y.jpg", "val/cat/x.jpg", "val/cat/z.jpg"] {
            try photos.write(copy, to: name)
        }
        // Of the same size and with the same middle, but not the same.
        for (name, end) in [("train/cat/l.jpg", "1"), ("train/dog/l.jpg", "1"), ("val/dog/l.jpg", "2")] {
            try photos.write(Array("9 9".utf8) + large + Array(end.utf8), to: name)
        }
        // Broken files are no copies, whatever they hold.
        for name in ["train/cat/b.jpg", "val/cat/b.jpg"] { try photos.write(Array("none".utf8), to: name) }
        let check = try scan(try photos.listed(), threads: 2).check
        func paths(_ places: [ImagePlace]) -> [String] { places.map { check.folder[$0.part].path(at: $0.index) } }
        #expect(check.duplicates.map { paths($0.places) } == [
            ["train/cat/l.jpg", "train/dog/l.jpg"],
            ["train/cat/x.jpg", "train/cat/y.jpg", "val/cat/x.jpg", "val/cat/z.jpg"],
        ].map { $0.map(photos.file) })
        #expect(check.duplicates[1].sha256 == FileDigest.sha256(of: [copy[...]]))
        #expect(check.leaks.map { paths([$0.training, $0.validation]) } == [
            ["train/cat/x.jpg", "val/cat/x.jpg"], ["train/cat/x.jpg", "val/cat/z.jpg"],
        ].map { $0.map(photos.file) })
        #expect(check.contradictions == [check.duplicates[0]])
        #expect(check.broken.count == 2)
    }

    @Test("give the same result with any number of threads, and tell how far they are")
    func threads() throws {
        let photos = try photos()
        for name in ["train/cat/x.jpg", "val/dog/y.jpg"] { try photos.write(Array("1 2 3".utf8), to: name) }
        for index in 0..<20 { try photos.write([UInt8(index)], to: "train/dog/broken\(index).jpg") }
        let folder = try photos.listed()
        let one = try scan(folder, threads: 1)
        for threads in [2, 5] {
            let other = try scan(folder, threads: threads)
            #expect(other.check.json == one.check.json && other.check.broken == one.check.broken)
        }
        var last = 0, totals: [Int] = []
        for event in one.events {
            switch event {
            case .decoded(let images, let total, let broken):
                #expect(images > last && total == 222 && broken <= 20)
                last = images
            case .compared(let images, let total):
                #expect(images <= total)
                if images == total { totals.append(total) }
            case .finished: break
            }
        }
        #expect(last == 222)
        // Nearly all share their size, and two the bytes in their middle.
        #expect(totals.count == 2 && totals[0] > 190 && totals[1] == 2)
    }

    @Test("have a document")
    func json() throws {
        let photos = try PhotoFolder(["train/dog/note.txt"])
        for name in ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg"] {
            try photos.write(Array("30 40 \(name)".utf8), to: name)
        }
        try photos.write(Array("30 40 train/cat/1.jpg".utf8), to: "val/cat/2.jpg")
        try photos.write([0xFF, 0xD8, 0xFF], to: "train/dog/cut.jpg")
        let json = try scan(try photos.listed(), threads: 2).check.json
        #expect(json["schema"] == "onepath.data-check/1" && json["path"] == .string(photos.path))
        #expect(json["training_folder"] == "train" && json["validation_folder"] == "val" && json["holdout"] == 0.0)
        #expect(json["classes"] == [
            ["name": "cat", "training": 1, "validation": 2], ["name": "dog", "training": 2, "validation": 0],
        ])
        let bin: JSON = ["from": 0, "below": 32, "images": 4]
        #expect(json["height"] == ["min": 30, "median": 30, "max": 30, "histogram": [bin]])
        #expect(json["broken"] == [[
            "path": .string(photos.file("train/dog/cut.jpg")), "problem": "byte 0: expected an image",
            "found": "a JPEG file",
        ]])
        #expect(json["leaks"] == [[
            "training": .string(photos.file("train/cat/1.jpg")), "validation": .string(photos.file("val/cat/2.jpg")),
        ]])
        #expect(json["left_out"] == [["kind": "file .txt", "count": 1, "examples": ["train/dog/note.txt"]]])
        #expect(try JSON(parsing: Array(json.text(pretty: true).utf8), path: "check.json") == json)
    }
}
