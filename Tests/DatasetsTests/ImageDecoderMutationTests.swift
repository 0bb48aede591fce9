import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// Copies of images with damaged bytes, and with headers and chunks that claim what is not so: each is decoded or refused,
/// in bounded memory and time.
@Suite("Mutated images")
struct ImageDecoderMutationTests {
    private let directory: TemporaryDirectory
    private let jpegs: [[UInt8]]
    private let pngs: [[UInt8]]

    /// Of two decoders, after any of these files, which have less than six thousand bytes.
    private static let greatestMemory = 128 << 20
    /// The processor time of one file.
    private static let longestSeconds = 5.0

    init() throws {
        directory = try TemporaryDirectory()
        let names = try FileManager.default.contentsOfDirectory(atPath: ImageDecoderTests.images).sorted()
        jpegs = try names.filter { $0.hasSuffix(".jpg") }.map { try contents(of: "\(ImageDecoderTests.images)/\($0)") }
        pngs = try names.filter { $0.hasSuffix(".png") }.map { try contents(of: "\(ImageDecoderTests.images)/\($0)") }
        try #require(jpegs.count >= 12 && pngs.count >= 15)
    }

    private func expectDecodedOrRefused(
        _ name: String, seed: UInt64, refused: ClosedRange<Int>, make: (inout SeededRandom) throws -> [UInt8]
    ) throws {
        let decoder = ImageDecoder(), grey = ImageDecoder(channels: 1)
        var small = [UInt8](repeating: 0, count: 7 * 9 * 3)
        var round = 0
        let found = try Mutations(at: directory.file(name), seed: seed, make: make) { path in
            round += 1
            for decoder in [decoder, grey] {
                let header = try decoder.open(path)
                let (height, width) = (Double(header.height), Double(header.width))
                let crop = round % 2 == 0
                    ? CropRectangle(wholeOf: header.height, by: header.width)
                    : CropRectangle(top: height / 3, left: width / 4, height: height / 2, width: width / 2)
                try decoder.decode(crop: crop, height: 7, width: 9, mirrored: round % 3 == 0, into: &small)
            }
            #expect(decoder.heldBytes + grey.heldBytes <= Self.greatestMemory)
        }
        #expect(found.unnamed.isEmpty, "\(found.unnamed.first ?? "")")
        #expect(refused.contains(found.refused), "\(found.refused)")
        #expect(found.longest < Self.longestSeconds, "\(found.longest) s")
    }

    @Test("of JPEG files, their bytes")
    func jpegBytes() throws {
        try expectDecodedOrRefused("a.jpg", seed: 1, refused: 2000...9900) { Mutations.damaged($0.element(of: jpegs), &$0) }
    }

    @Test("of JPEG files, their segments")
    func jpegSegments() throws {
        try expectDecodedOrRefused("b.jpg", seed: 2, refused: 2000...9900) { random in
            var bytes = random.element(of: jpegs)
            for _ in 0..<random.integer(in: 1...3) {
                // The places of markers with a segment.
                let places = (2..<bytes.count - 10).filter { bytes[$0] == 0xFF && bytes[$0 + 1] >= 0xC0 && bytes[$0 + 1] < 0xFF }
                guard let at = random.elementIfAny(of: places) else { break }
                let end = min(bytes.count, at + 2 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3]))
                switch random.below(6) {
                case 0: bytes[at + 1] = random.byte(in: 0xC0...0xFE)
                case 1: bytes[at + 2 + random.below(2)] = random.element(of: [0, 1, 2, 3, 255])
                case 2: bytes[at + 4 + random.below(6)] = random.element(of: [0, 1, 3, 8, 0x11, 0x44, 0x14, 0x41, 255])
                case 3: bytes.removeSubrange(at..<end)
                case 4: bytes.insert(contentsOf: bytes[at..<end], at: random.element(of: places))
                default:
                    let segment = EncodedImages.exif(orientation: random.below(11), littleEndian: random.bool())
                    bytes = EncodedImages.inserted(Mutations.damaged(segment, &random), marker: 0xE1, in: bytes)
                }
            }
            return bytes
        }
    }

    @Test("of PNG files, their bytes")
    func pngBytes() throws {
        try expectDecodedOrRefused("a.png", seed: 3, refused: 5000...10_000) { Mutations.damaged($0.element(of: pngs), &$0) }
    }

    @Test("of PNG files, their chunks, whose checksums are right")
    func pngChunks() throws {
        let extremes: [UInt32] = [0, 1, 2, 20, 22, 255, 4096, 16_384, 65_535, 65_536, 1 << 24, 1 << 31, .max]
        try expectDecodedOrRefused("b.png", seed: 4, refused: 2000...9900) { random in
            var chunks = EncodedImages.chunks(of: random.element(of: pngs))
            for _ in 0..<random.integer(in: 1...3) where !chunks.isEmpty {
                let index = random.below(chunks.count)
                switch random.below(8) {
                case 0: chunks.remove(at: index)
                case 1: chunks.insert(chunks[index], at: random.below(chunks.count + 1))
                case 2: chunks[index].type = random.element(of: ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf", "zTXt", "iCCP", "teSt"])
                case 3 where chunks[0].data.count == 13:
                    chunks[0].data = bigEndian(random.element(of: extremes)) + bigEndian(random.element(of: extremes))
                        + [random.element(of: [1, 2, 4, 8, 16, 3]), random.element(of: [0, 2, 3, 4, 6, 1]), 0, 0, random.byte(in: 0...1)]
                case 4 where chunks[0].data.count == 13:
                    chunks[0].data[8 + random.below(5)] = random.element(of: [0, 1, 2, 3, 4, 6, 8, 16])
                case 5:
                    let segment = EncodedImages.exif(orientation: random.below(11), littleEndian: random.bool())
                    chunks.insert(("eXIf", Mutations.damaged(Array(segment.dropFirst(6)), &random)), at: min(1, chunks.count))
                default: chunks[index].data = Mutations.damaged(chunks[index].data, &random)
                }
            }
            return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunks.flatMap { EncodedImages.chunk($0.type, $0.data) }
        }
    }
}
