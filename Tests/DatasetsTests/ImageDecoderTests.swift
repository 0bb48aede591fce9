import CTurboJPEG
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite("Decoding of images")
struct ImageDecoderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What Pillow decodes from a file of `Images/`, upright, on white.
    struct Vector: Decodable {
        var name: String
        var height: Int
        var width: Int
        var rgb: String
    }

    static let images = "\(ShippedFiles.root)/Tests/DatasetsTests/Images"

    /// The luma of RGB pixels (ITU-R BT.601).
    private static func grey(_ rgb: [UInt8]) -> [UInt8] {
        stride(from: 0, to: rgb.count, by: 3).map { index in
            let (red, green, blue) = (Double(rgb[index]), Double(rgb[index + 1]), Double(rgb[index + 2]))
            let luma: Double = 0.299 * red + 0.587 * green + 0.114 * blue
            return UInt8(luma.rounded())
        }
    }

    /// The whole image of an open decoder.
    private func pixels(_ decoder: ImageDecoder, _ header: ImageHeader) throws -> [UInt8] {
        var pixels = [UInt8](repeating: 77, count: header.height * header.width * decoder.channels)
        try pixels.withUnsafeMutableBufferPointer { try decoder.decode(into: $0.baseAddress!) }
        return pixels
    }

    private func decoded(_ bytes: [UInt8], channels: Int = 3) throws -> (header: ImageHeader, pixels: [UInt8]) {
        let decoder = ImageDecoder(channels: channels)
        let header = try decoder.open(directory.write(bytes, to: UUID().uuidString))
        return (header, try pixels(decoder, header))
    }

    private func resized(
        _ bytes: [UInt8], crop: CropRectangle? = nil, height: Int, width: Int, mirrored: Bool = false
    ) throws -> [UInt8] {
        let decoder = ImageDecoder()
        var pixels = [UInt8](repeating: 77, count: height * width * 3)
        try bytes.withUnsafeBytes { bytes in
            let header = try decoder.open(bytes, path: "memory")
            let crop = crop ?? CropRectangle(wholeOf: header.height, by: header.width)
            try pixels.withUnsafeMutableBufferPointer {
                try decoder.decode(crop: crop, height: height, width: width, mirrored: mirrored, into: $0.baseAddress!)
            }
        }
        return pixels
    }

    @Test("gives Pillow's pixels: exactly of PNG files, within one of JPEG files")
    func vectors() throws {
        let vectors = try ByteVectors.cases("images", as: Vector.self)
        #expect(vectors.count >= 27)
        let decoder = ImageDecoder()
        for vector in vectors {
            let header = try decoder.open("\(Self.images)/\(vector.name)")
            let isJPEG = vector.name.hasSuffix(".jpg")
            #expect(header.format == (isJPEG ? .jpeg : .png))
            #expect(header.height == vector.height && header.width == vector.width, "\(vector.name)")
            let difference = largestDifference(try pixels(decoder, header), ByteVectors.bytes(vector.rgb))
            #expect(difference <= (isJPEG ? 1 : 0), "\(vector.name): \(difference)")
        }
    }

    @Test("gives grey pixels where they are asked for")
    func grey() throws {
        let decoder = ImageDecoder(channels: 1)
        for vector in try ByteVectors.cases("images", as: Vector.self) {
            let header = try decoder.open("\(Self.images)/\(vector.name)")
            let expected = Self.grey(ByteVectors.bytes(vector.rgb))
            // The luma of a JPEG file has been rounded once less, and its colours clamped.
            let difference = largestDifference(try pixels(decoder, header), expected)
            #expect(difference <= (vector.name.hasSuffix(".png") ? 1 : 3), "\(vector.name): \(difference)")
        }
    }

    @Test("decodes every subsampling, baseline and progressive", arguments: EncodedImages.subsamplings, [0, TJFLAG_PROGRESSIVE])
    func subsamplings(subsampling: Int32, flags: Int32) throws {
        for (height, width) in [(37, 51), (1, 1), (8, 16), (1, 70), (70, 1)] {
            let image = smooth(height: height, width: width, channels: 3)
            let file = try EncodedImages.jpeg(image, height: height, width: width, subsampling: subsampling, flags: flags)
            let isGrey = subsampling == Int32(bitPattern: TJSAMP_GRAY.rawValue)
            let (header, pixels) = try decoded(file, channels: isGrey ? 1 : 3)
            #expect(header.height == height && header.width == width && header.orientation == .upright)
            let difference = largestDifference(pixels, isGrey ? Self.grey(image) : image)
            #expect(difference <= 14, "\(height)×\(width): \(difference)")
        }
    }

    @Test("reads CMYK inverted", arguments: [0, TJFLAG_PROGRESSIVE])
    func cmyk(flags: Int32) throws {
        let (height, width) = (19, 23)
        let stored = smooth(height: height, width: width, channels: 4)
        let expected: [UInt8] = (0..<height * width * 3).map { index in
            let ink = Double(stored[index / 3 * 4 + index % 3]), black = Double(stored[index / 3 * 4 + 3])
            return UInt8((ink * black / 255).rounded())
        }
        let file = try EncodedImages.jpeg(stored, height: height, width: width, flags: flags)
        #expect(largestDifference(try decoded(file).pixels, expected) <= 10)
    }

    @Test("reads CMYK inverted with Adobe's marker of every transform, and without it")
    func adobeMarker() throws {
        let (height, width) = (16, 24)
        // libjpeg-turbo writes YCCK, transform 2: the luma of 255 − 55, both colours 128, and the black as it is. What is
        // not told to be YCCK is CMYK, these four numbers.
        let stored = (0..<height * width).flatMap { _ in [55, 55, 55, 204] as [UInt8] }
        let written = EncodedImages.removed(marker: 0xEE, from: try EncodedImages.jpeg(stored, height: height, width: width))
        func marked(_ transform: UInt8) -> [UInt8] {
            EncodedImages.inserted(Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, transform], marker: 0xEE, in: written)
        }
        // 55·204/255; 200·204/255 and 128·204/255. libjpeg takes an unknown transform, 1, for YCCK.
        let grey: [UInt8] = [44, 44, 44], red: [UInt8] = [160, 102, 102]
        for (file, pixel) in [(written, red), (marked(0), red), (marked(1), grey), (marked(2), grey)] {
            let expected = (0..<height * width).flatMap { _ in pixel }
            let pixels = try decoded(file).pixels
            #expect(largestDifference(pixels, expected) <= 1, "\(pixels.prefix(3)) for \(pixel)")
        }
        // Pillow writes CMYK, transform 0, and reads it alike without the marker.
        let pillow = try contents(of: "\(Self.images)/cmyk-adobe.jpg")
        let plain = EncodedImages.removed(marker: 0xEE, from: pillow)
        #expect(plain.count == pillow.count - 16)
        #expect(try decoded(plain).pixels == decoded(pillow).pixels)
    }

    @Test("decodes what libspng encodes, transparent pixels on white", arguments: 1...4)
    func png(channels: Int) throws {
        var random = SeededRandom(seed: UInt64(channels))
        for (height, width) in [(1, 1), (31, 17), (1, 300), (300, 1), (64, 64)] {
            let image = (0..<height * width * channels).map { _ in random.element(of: [0, 255, random.byte(in: 0...255)]) }
            let (header, pixels) = try decoded(try EncodedImages.png(image, height: height, width: width))
            #expect(header.height == height && header.width == width && header.format == .png)
            let expected: [UInt8] = (0..<height * width * 3).map { index in
                let pixel = index / 3, channel = channels > 2 ? index % 3 : 0
                let value = Double(image[pixel * channels + channel])
                let alpha = channels % 2 == 0 ? Double(image[(pixel + 1) * channels - 1]) : 255
                let sum: Double = value * alpha + 255 * (255 - alpha)
                return UInt8((sum / 255).rounded())
            }
            #expect(pixels == expected, "\(height)×\(width)")
        }
    }

    @Test("turns images as their EXIF data tell, at every scale", arguments: Orientation.allCases)
    func orientation(orientation: Orientation) throws {
        // Sides that no scale divides.
        let (height, width) = (133, 205)
        let plain = try EncodedImages.jpeg(smooth(height: height, width: width, channels: 3), height: height, width: width)
        let upright = try decoded(plain).pixels
        for littleEndian in [true, false] {
            let segment = EncodedImages.exif(orientation: orientation.rawValue, littleEndian: littleEndian)
            let file = EncodedImages.inserted(segment, marker: 0xE1, in: plain)
            let (header, pixels) = try decoded(file)
            #expect(header.orientation == orientation && header.storedHeight == height && header.storedWidth == width)
            #expect(header.height == (orientation.rawValue < 5 ? height : width))
            // EXIF's table: which side of the display the first row and the first column are on.
            let expected = (0..<header.height * header.width).flatMap { index -> ArraySlice<UInt8> in
                let (y, x) = (index / header.width, index % header.width)
                let (row, column) = switch orientation {
                case .upright: (y, x)
                case .mirrored: (y, width - 1 - x)
                case .halfTurn: (height - 1 - y, width - 1 - x)
                case .flipped: (height - 1 - y, x)
                case .transposed: (x, y)
                case .quarterTurn: (height - 1 - x, y)
                case .transversed: (height - 1 - x, width - 1 - y)
                case .threeQuarterTurn: (x, width - 1 - y)
                }
                return upright[(row * width + column) * 3..<(row * width + column + 1) * 3]
            }
            #expect(pixels == expected)
            // At 1/2, 1/4 and 1/8, a part is at the same place as in the whole image.
            for divisor in [2, 4, 8] {
                let crop = CropRectangle(
                    top: 0, left: 3.5, height: Double(header.height), width: Double(header.width) - 3.5)
                let (rows, columns) = (header.height / divisor - 1, header.width / divisor - 1)
                let whole = resampled(
                    pixels, height: header.height, width: header.width, crop: crop, to: (rows, columns))
                let scaled = try resized(file, crop: crop, height: rows, width: columns)
                let difference = largestDifference(scaled, whole)
                #expect(difference <= 6, "1/\(divisor): \(difference)")
            }
        }
    }

    @Test("turns a PNG image whose EXIF data stand behind its pixels, where the specification allows them too")
    func lateOrientation() throws {
        let (height, width) = (5, 7)
        let image = patterned(height: height, width: width, channels: 3)
        var chunks = EncodedImages.chunks(of: try EncodedImages.png(image, height: height, width: width))
        let data = Array(EncodedImages.exif(orientation: 6, littleEndian: false).dropFirst(6))
        let last = try #require(chunks.lastIndex { $0.type == "IEND" })
        #expect(chunks[last - 1].type == "IDAT")
        chunks.insert(("eXIf", data), at: last)
        let (header, pixels) = try decoded([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + chunks.flatMap(EncodedImages.chunk))
        #expect(header.orientation == .quarterTurn && (header.height, header.width) == (width, height))
        // The first row is displayed on the right.
        let expected = (0..<height * width).flatMap { index -> ArraySlice<UInt8> in
            let first = ((height - 1 - index % height) * width + index / height) * 3
            return image[first..<first + 3]
        }
        #expect(pixels == expected)
    }

    @Test("a part that is resized is the resampler's of the whole image, where no smaller scale has its pixels")
    func crops() throws {
        let (height, width) = (60, 80)
        let image = patterned(height: height, width: width, channels: 3)
        for file in [
            try EncodedImages.jpeg(image, height: height, width: width), try EncodedImages.png(image, height: height, width: width),
        ] {
            let whole = try decoded(file).pixels
            for crop in [
                CropRectangle(wholeOf: height, by: width), CropRectangle(top: 10.25, left: 33.5, height: 40, width: 30.5),
            ] {
                for mirrored in [false, true] {
                    let expected = resampled(
                        whole, height: height, width: width, crop: crop, to: (35, 40), mirrored: mirrored)
                    #expect(try resized(file, crop: crop, height: 35, width: 40, mirrored: mirrored) == expected)
                }
            }
        }
    }

    @Test("keeps its memory, and asks for no more when images come again")
    func memory() throws {
        let decoder = ImageDecoder()
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.images).sorted()
        func all() throws {
            for name in names {
                let header = try decoder.open("\(Self.images)/\(name)")
                _ = try pixels(decoder, header)
                var small = [UInt8](repeating: 0, count: 5 * 6 * 3)
                try decoder.decode(
                    crop: CropRectangle(wholeOf: header.height, by: header.width), height: 5, width: 6, into: &small)
            }
        }
        try all()
        let held = decoder.heldBytes
        try all()
        #expect(held > 0 && decoder.heldBytes == held)
    }

    /// What `open` and `decode` say of bytes.
    private func problem(_ bytes: [UInt8]) throws -> String? {
        do {
            try bytes.withUnsafeBytes {
                let decoder = ImageDecoder()
                let header = try decoder.open($0, path: "cat.jpg")
                _ = try pixels(decoder, header)
            }
            return nil
        } catch let error as FileError {
            guard case .invalid("cat.jpg", let place, let problem) = error else { return "\(error)" }
            return place.isEmpty ? problem : "\(place): \(problem)"
        }
    }

    @Test("says what a file is that is no image")
    func otherFiles() throws {
        let kinds: [([UInt8], String)] = [
            ([], "an empty file"), ([0x50, 0x4B, 3, 4, 0, 0], "a ZIP archive, to be unpacked first"),
            (Array("\n  <!DOCTYPE html>\n<html>".utf8), "a web page or XML, perhaps the page of a file instead of the file"),
            (Array("<html lang=\"en\">".utf8), "a web page or XML, perhaps the page of a file instead of the file"),
            (Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8), "a WebP file"), (Array("GIF89a".utf8), "a GIF file"),
            ([0, 0, 0, 24] + Array("ftypheic".utf8), "a HEIC file"), ([0, 0, 0, 24] + Array("ftypmif1".utf8), "a HEIC file"),
            ([0, 0, 0, 28] + Array("ftypavif".utf8), "an AVIF file"), ([0, 0, 0, 28] + Array("ftypisom".utf8), "an MP4 video"),
            (Array("BM".utf8) + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], "a BMP file"), ([0x49, 0x49, 42, 0, 8, 0], "a TIFF file"),
            ([0x4D, 0x4D, 0, 42, 0, 0], "a TIFF file"), (Array("%PDF-1.7".utf8), "a PDF file"),
            (
                Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".utf8),
                "a pointer of Git LFS, whose file `git lfs pull` fetches"
            ),
            (Array("<?xml version=\"1.0\"?><svg>".utf8), "an SVG file"),
            ([0x1F, 0x8B, 8], "a file that is packed by gzip; gunzip unpacks it"),
            ([UInt8](repeating: 0, count: 600), "a file that begins with zeros"),
            ([0x89] + Array("PNG\n\u{1A}\n".utf8), "a PNG file with a damaged signature"),
            ([0xFF, 0xD8, 7, 255], "a file of another kind, which begins with the bytes ff d8 07 ff"),
        ]
        for (bytes, kind) in kinds {
            let problem = "expected a JPEG or PNG file, found \(kind)"
            #expect(try self.problem(bytes) == problem)
            let path = try directory.write(bytes, to: "cat.jpg")
            #expect(throws: FileError.invalid(path: path, place: "", problem: problem)) { try ImageDecoder().open(path) }
        }
    }

    @Test("reads a JPEG file that is named .png, and a PNG file that is named .jpg")
    func otherNames() throws {
        let image = smooth(height: 9, width: 10, channels: 3)
        let decoder = ImageDecoder()
        #expect(try decoder.open(directory.write(EncodedImages.jpeg(image, height: 9, width: 10), to: "a.png")).format == .jpeg)
        #expect(try decoder.open(directory.write(EncodedImages.png(image, height: 9, width: 10), to: "a.jpg")).format == .png)
    }

    @Test("says what is missing, and what cannot be read")
    func unreadable() throws {
        let path = directory.file("none.jpg")
        #expect(throws: FileError.missing(path: path, what: "image")) { try ImageDecoder().open(path) }
        #expect(throws: FileError.unreadable(path: directory.path, reason: "expected a file, found a directory")) {
            try ImageDecoder().open(directory.path)
        }
        let pipe = directory.file("pipe.jpg")
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError.unreadable(path: pipe, reason: "expected a file, found a device, pipe or socket")) {
            try ImageDecoder().open(pipe)
        }
    }

    @Test("refuses every file that is cut short")
    func truncated() throws {
        let image = smooth(height: 40, width: 50, channels: 3)
        let progressive = try EncodedImages.jpeg(image, height: 40, width: 50, flags: TJFLAG_PROGRESSIVE)
        for file in [
            try EncodedImages.jpeg(image, height: 40, width: 50, subsampling: 2), progressive,
            try EncodedImages.png(image, height: 40, width: 50),
        ] {
            #expect(try problem(file) == nil)
            for count in 8..<file.count {
                let problem = try problem(Array(file.prefix(count)))
                // The last four bytes of a PNG file, a checksum of nothing, are not read.
                if file[0] == 0x89 && count >= file.count - 4 { continue }
                #expect(problem?.contains("cut short") ?? false, "\(count) of \(file.count): \(problem ?? "read")")
            }
        }
        // Bytes between segments are harmless, but do not hide that the file is cut short.
        let file = try EncodedImages.jpeg(image, height: 40, width: 50)
        let scattered = file.prefix(20) + [1, 2, 3] + file.dropFirst(20)
        #expect(try decoded(Array(scattered)).pixels == decoded(file).pixels)
        #expect(
            try problem(Array(scattered.prefix(file.count - 300)))
                == "byte \(file.count - 300): the JPEG file is cut short: it has no end marker")
        // So is what follows the image.
        #expect(try problem(file + [1, 2, 3]) == nil)
    }

    /// A copy of a JPEG file whose frame claims another size, or another marker.
    private func reframed(_ file: [UInt8], height: Int, width: Int, marker: UInt8? = nil) throws -> [UInt8] {
        var file = file
        let at = try #require((0..<file.count - 8).first { file[$0] == 0xFF && (0xC0...0xC2).contains(file[$0 + 1]) })
        if let marker { file[at + 1] = marker }
        file.replaceSubrange(at + 5..<at + 9, with: [height >> 8, height & 255, width >> 8, width & 255].map(UInt8.init))
        return file
    }

    @Test("refuses a header that claims too much before memory is asked for")
    func lies() throws {
        let jpeg = try EncodedImages.jpeg(smooth(height: 40, width: 50, channels: 3), height: 40, width: 50)
        #expect(try problem(reframed(jpeg, height: 65_535, width: 65_535)) == "expected at most 268435456 pixels, found 65535×65535")
        #expect(
            try problem(reframed(jpeg, height: 16_384, width: 16_384))
                == "the JPEG header claims 16384×16384 pixels, which \(jpeg.count) bytes cannot hold")
        #expect(try problem(reframed(jpeg, height: 0, width: 50)) == "expected sides of 1 to 65535 pixels, found 50×0")
        #expect(
            try problem(reframed(jpeg, height: 200, width: 200))
                == "the JPEG file is damaged: Corrupt JPEG data: premature end of data segment")
        for (marker, process) in [(0xC9, "arithmetic-coded"), (0xC3, "lossless"), (0xC5, "hierarchical")] {
            let found = try problem(reframed(jpeg, height: 40, width: 50, marker: UInt8(marker)))
            let says = "expected a baseline or progressive JPEG file, found one whose process is \(process)"
            #expect(found?.hasSuffix(says) == true, "\(found ?? "")")
        }

        let png = try EncodedImages.png(smooth(height: 40, width: 50, channels: 3), height: 40, width: 50)
        func claiming(_ height: UInt32, _ width: UInt32) -> [UInt8] {
            let header: [UInt8] = bigEndian(width) + bigEndian(height) + Array(png[24..<29])
            return Array(png.prefix(8)) + EncodedImages.chunk("IHDR", header) + Array(png.dropFirst(33))
        }
        #expect(try problem(claiming(65_536, 1)) == "expected sides of 1 to 65535 pixels, found 1×65536")
        #expect(try problem(claiming(30_000, 30_000)) == "expected at most 268435456 pixels, found 30000×30000")
        #expect(
            try problem(claiming(16_000, 16_000))
                == "the PNG header claims 16000×16000 pixels, which \(png.count) bytes cannot hold")
        #expect(try problem(claiming(41, 50))?.hasPrefix("the PNG file is ") == true)
    }

    @Test("decodes images whose sides are as long as can be")
    func longSides() throws {
        for (height, width) in [(1, 20_000), (20_000, 1), (1, 65_500), (65_500, 1)] {
            let image = smooth(height: height, width: width, channels: 3)
            let jpeg = try EncodedImages.jpeg(image, height: height, width: width)
            #expect(largestDifference(try decoded(jpeg).pixels, image) <= 14)
            #expect(try resized(jpeg, height: 4, width: 4).count == 48)
            #expect(try decoded(EncodedImages.png(image, height: height, width: width)).pixels == image)
        }
        let widest = smooth(height: 1, width: 65_535, channels: 3)
        #expect(try decoded(EncodedImages.png(widest, height: 1, width: 65_535)).pixels == widest)
    }
}
