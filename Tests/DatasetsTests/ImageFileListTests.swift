import Datasets
import Files
import Foundation
import Testing
import TestSupport

@Suite("Lists of image files")
struct ImageFileListTests {
    private static let files = (0..<5).flatMap { index in ["a", "b", "c"].map { "train/\($0)/\(index).jpg" } }

    @Test("have a digest of paths, sizes and times, whatever the folder's own path and the order of writing")
    func digest() throws {
        func photos(_ files: [String]) throws -> PhotoFolder {
            let photos = try PhotoFolder()
            for name in files {
                try photos.write([UInt8](repeating: 1, count: name.utf8.count), to: name)
                try photos.setTime(of: name, seconds: 1_700_000_000, nanoseconds: 5)
            }
            return photos
        }
        let first = try photos(Self.files), second = try photos(Self.files.reversed())
        let list = try first.listed(holdout: 0).training
        #expect(list.modified(at: 0) == 1_700_000_000_000_000_005)
        var bytes: [UInt8] = []
        for name in Self.files.sorted() {
            bytes += Array(name.utf8) + [0]
            for value in [UInt64(name.utf8.count), 1_700_000_000_000_000_005] {
                bytes += (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
        }
        #expect(list.digest == FileDigest.sha256(of: [bytes[...]]))
        #expect(try second.listed(holdout: 0).training.digest == list.digest)

        try second.setTime(of: "train/b/2.jpg", seconds: 1_700_000_000, nanoseconds: 6)
        #expect(try second.listed(holdout: 0).training.digest != list.digest)
        try second.setTime(of: "train/b/2.jpg", seconds: 1_700_000_000, nanoseconds: 5)
        #expect(try second.listed(holdout: 0).training.digest == list.digest)
        // Other bytes of the same number at the same time are not seen; another number is.
        try second.write([1], to: "train/b/2.jpg")
        try second.setTime(of: "train/b/2.jpg", seconds: 1_700_000_000, nanoseconds: 5)
        #expect(try second.listed(holdout: 0).training.digest != list.digest)
        try FileManager.default.moveItem(atPath: first.file("train/a/0.jpg"), toPath: first.file("train/a/00.jpg"))
        #expect(try first.listed(holdout: 0).training.digest != list.digest)
    }

    @Test("give their first files and evenly spaced ones")
    func parts() throws {
        let list = try PhotoFolder(Self.files).listed(holdout: 0).training
        #expect(try list.prefix(6).paths == ["a/0.jpg", "a/1.jpg", "a/2.jpg", "a/3.jpg", "a/4.jpg", "b/0.jpg"])
        #expect(try list.prefix(15).digest == list.digest)
        for length in [0, -1, 16] {
            #expect(throws: DatasetError.prefixOutOfRange(length: length, dataset: list.name, count: 15)) {
                try list.prefix(length)
            }
        }
        #expect(list.spread(4).paths == ["a/0.jpg", "a/3.jpg", "b/2.jpg", "c/1.jpg"])
        #expect(list.spread(4).labels == [0, 0, 1, 2])
        #expect(list.spread(99).paths == list.paths)
        #expect(list.spreadIndices(2, ofClass: 1) == [5, 7])
        #expect(list.spreadIndices(9, ofClass: 2) == [10, 11, 12, 13, 14])
        #expect(list.without(Array(5..<10)).spreadIndices(3, ofClass: 1) == [])
        #expect(list.classCounts == [5, 5, 5])
    }

    @Test("take at most 100 bytes of memory a file, and 26 and the path where they are not still growing")
    func memory() throws {
        let photos = try PhotoFolder(["c0/original.jpg"], many: true)
        var original = 0
        for folder in 0..<100 {
            try photos.makeFolder("c\(folder)")
            for index in 0..<1000 {
                let name = "c\(folder)/n01440764_\(10_000 + index).JPEG"
                // Most file systems let a file have some tens of thousands of names.
                let linked = original == 0 ? "c0/original.jpg" : "c0/original\(original).jpg"
                if link(photos.file(linked), photos.file(name)) != 0 {
                    original += 1
                    try photos.write(["c0/original\(original).jpg", name])
                }
            }
        }
        let folder = try photos.listed()
        let count = folder.training.count + folder.validation.count
        #expect(count == 100_001 + original)
        let bytes = folder.training.memoryBytes + folder.validation.memoryBytes
        #expect(bytes >= 46 * 100_000 && bytes <= 100 * count)
        #expect(folder.training.classCounts.allSatisfy { $0 > 800 })
    }
}
