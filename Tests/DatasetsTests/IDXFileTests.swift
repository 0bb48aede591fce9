import Datasets
import Files
import Testing
import TestSupport

@Suite("IDX files")
struct IDXFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }
    private let values = (0..<24).map { UInt8($0 * 10) }
    private var images: [UInt8] { idx(dimensions: [2, 3, 4], values: values) }
    private var labels: [UInt8] { idx(dimensions: [5], values: [9, 0, 0, 3, 0]) }

    /// The sentence with which a file of these bytes is refused as images, less its path.
    private func refusal(ofImages bytes: [UInt8]) throws -> String {
        let path = try directory.write(bytes, to: "images")
        return try sentence(about: path) { _ = try IDXFile.images(at: path) }
    }

    private func refusal(ofLabels bytes: [UInt8]) throws -> String {
        let path = try directory.write(bytes, to: "labels")
        return try sentence(about: path) { _ = try IDXFile.labels(at: path, classes: 10) }
    }

    private func sentence(about path: String, _ read: () throws -> Void) throws -> String {
        let error = try #require(#expect(throws: FileError.self, performing: read))
        guard case .invalid(path, let place, let problem) = error else {
            Issue.record("not an error about the file's contents: \(error)")
            return ""
        }
        return "\(place): \(problem)"
    }

    @Test("are read plain and gzip alike")
    func reading() throws {
        for bytes in [images, gzip(images)] {
            let read = try IDXFile.images(at: directory.write(bytes, to: "images"))
            #expect(read.count == 2 && read.shape == ImageShape(height: 3, width: 4, channels: 1))
            #expect(read.pixels == values)
        }
        for bytes in [labels, gzip(labels)] {
            #expect(try IDXFile.labels(at: directory.write(bytes, to: "labels"), classes: 10) == [9, 0, 0, 3, 0])
        }
    }

    @Test("cut short anywhere are refused where they end")
    func truncated() throws {
        for length in 0..<images.count {
            let sentence = try refusal(ofImages: Array(images[..<length]))
            switch length {
            case ..<16:
                #expect(
                    sentence == "byte \(length): expected the 16 bytes of the header of an IDX file of images, "
                        + "found the end")
            default:
                #expect(
                    sentence == "byte 4: 2 images, 3 rows, 4 columns need 40 bytes, "
                        + "and the file holds at most \(length)")
            }
        }
        for length in 0..<labels.count {
            _ = try refusal(ofLabels: Array(labels[..<length]))
        }
        // A whole gzip file whose contents are cut short.
        #expect(
            try refusal(ofImages: gzip(images.dropLast(4)))
                == "byte 36: expected 24 bytes of values for 2 images, 3 rows, 4 columns, found the end after 20")
    }

    @Test("with bytes after the values are refused")
    func trailing() throws {
        let sentence = "byte 40: expected the end of the file after 2 images, 3 rows, 4 columns, found more bytes"
        #expect(try refusal(ofImages: images + [0]) == sentence)
        #expect(try refusal(ofImages: gzip(images + [0])) == sentence)
        #expect(
            try refusal(ofLabels: labels + [0])
                == "byte 13: expected the end of the file after 5 labels, found more bytes")
    }

    @Test("of another kind are refused by their first bytes")
    func magic() throws {
        #expect(
            try refusal(ofImages: labels)
                == "byte 0: expected 0 0 8 3 or 0 0 8 4, the start of an IDX file of images, found 0 0 8 1")
        #expect(
            try refusal(ofLabels: images)
                == "byte 0: expected 0 0 8 1, the start of an IDX file of labels, found 0 0 8 3")
        // Floats, and a text.
        #expect(try refusal(ofImages: [0, 0, 13] + images.dropFirst(3)).hasSuffix("found 0 0 13 3"))
        #expect(try refusal(ofLabels: Array("hello".utf8)).hasSuffix("found 104 101 108 108"))
        #expect(try refusal(ofLabels: [1]).hasSuffix("found 1"))
    }

    @Test("with labels out of range are refused with the first of them")
    func labelRange() throws {
        #expect(
            try refusal(ofLabels: idx(dimensions: [4], values: [9, 0, 10, 255]))
                == "byte 10: expected a label from 0 to 9 for image 2, found 10")
    }

    @Test("with no images, or sides of nothing or beyond measure, are refused")
    func dimensions() throws {
        #expect(
            try refusal(ofImages: idx(dimensions: [0, 3, 4], values: []))
                == "byte 4: expected a number of images from 1 to 4294967295, found 0")
        #expect(
            try refusal(ofImages: idx(dimensions: [2, 0, 4], values: []))
                == "byte 8: expected a number of rows from 1 to 8192, found 0")
        #expect(
            try refusal(ofImages: idx(dimensions: [2, 3, 8193], values: []))
                == "byte 12: expected a number of columns from 1 to 8192, found 8193")
        #expect(try refusal(ofLabels: idx(dimensions: [0], values: [])).hasPrefix("byte 4: "))
    }

    @Test("that promise more than they can hold are refused before memory is asked for")
    func hugeDimensions() throws {
        // 2.9 × 10¹⁷ bytes: asking for them would end the process.
        let bytes = idx(dimensions: [.max, 8192, 8192], values: values)
        let length = 4_294_967_295 * 8192 * 8192 + 16
        let promise = "byte 4: 4294967295 images, 8192 rows, 8192 columns need \(length) bytes"
        #expect(try refusal(ofImages: bytes) == "\(promise), and the file holds at most \(bytes.count)")
        #expect(
            try refusal(ofImages: gzip(bytes)) == "\(promise), and the file holds at most \(gzip(bytes).count * 1032)")
        #expect(
            try refusal(ofLabels: idx(dimensions: [.max], values: values))
                .hasPrefix("byte 4: 4294967295 labels need"))
    }

    @Test("with a damaged gzip stream are refused: any bit flipped in the values, the checksum or the length")
    func flippedBits() throws {
        let whole = gzip(images)
        let values = 15 + 16
        for place in values..<whole.count {
            var damaged = whole
            damaged[place] ^= 1 << (place % 8)
            #expect(try refusal(ofImages: damaged).contains("the gzip stream is damaged: incorrect"))
        }
    }

    @Test("of which a real one has a bit flipped are refused or, in the parts gzip does not guard, read as they were")
    func flippedBitsOfRealFile() throws {
        let whole = try contents(of: "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz")
        let labels = try IDXFile.labels(at: directory.write(whole, to: "whole"), classes: 10)
        for place in stride(from: 0, to: whole.count, by: 13) {
            var damaged = whole
            damaged[place] ^= 1 << (place % 8)
            let path = try directory.write(damaged, to: "damaged")
            do {
                let read = try IDXFile.labels(at: path, classes: 10)
                #expect(read == labels && place < 32, "byte \(place)")
            } catch {
                guard case .invalid = error else {
                    Issue.record("byte \(place): \(error)")
                    continue
                }
            }
        }
    }

    @Test("whose gzip stream is cut short or continued are refused")
    func gzipEnds() throws {
        let whole = gzip(images)
        // With fewer than two bytes it is no gzip file yet.
        for length in 2..<whole.count {
            #expect(try refusal(ofImages: Array(whole[..<length])).hasSuffix("the gzip stream is cut short"))
        }
        #expect(
            try refusal(ofImages: whole + [0])
                == "byte \(whole.count): expected the end of the file after the gzip stream, found more bytes")
    }

    @Test("that are absent, or no files, are refused as such")
    func absent() throws {
        let path = "\(directory.path)/absent"
        #expect(throws: FileError.missing(path: path, what: "IDX file of images")) { try IDXFile.images(at: path) }
        #expect(throws: FileError.missing(path: path, what: "IDX file of labels")) {
            try IDXFile.labels(at: path, classes: 10)
        }
        #expect(throws: FileError.unreadable(path: directory.path, reason: "expected a file, found a directory")) {
            try IDXFile.images(at: directory.path)
        }
        let device = "expected a file, found a device, pipe or socket"
        #expect(throws: FileError.unreadable(path: "/dev/zero", reason: device)) {
            try IDXFile.labels(at: "/dev/zero", classes: 10)
        }
    }
}
