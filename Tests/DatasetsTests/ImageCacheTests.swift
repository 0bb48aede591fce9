import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite("Caches of decoded images")
struct ImageCacheTests {
    private let photos: PhotoFolder
    private let directory: TemporaryDirectory
    private static let shape = ImageShape(height: 16, width: 16, channels: 3)

    init() throws {
        photos = try PhotoFolder()
        try photos.writePictures(height: 20, width: 30)
        directory = try TemporaryDirectory()
    }

    private func cache(side: Int = 32) throws -> ImageCache {
        ImageCache(of: try photos.listed().training, side: side, in: directory.file("deep/cache"))
    }

    private func build(_ cache: ImageCache, threads: Int = 2) throws -> CachedImages {
        let building = try cache.build(threads: threads)
        var done = 0
        while let images = try building.next() {
            #expect(images > done)
            done = images
        }
        #expect(done == 18)
        return try building.images
    }

    private func batch(of source: any ImageSource, channels: Int = 3) throws -> BatchBuffer {
        let images = ImageDataset(source, shape: ImageShape(height: 16, width: 16, channels: channels))
        let sampler = try BatchSampler(
            dataset: images, batch: 18, seed: 4, augmentation: .photo, statistics: images.channelStatistics)
        return try filled(sampler, step: 0, threads: 2)
    }

    @Test("hold the pixels of the files, bit for bit where nothing is resized, in colour and grey", arguments: [1, 3])
    func equality(channels: Int) throws {
        let cache = try cache()
        #expect(cache.open() == nil)
        let made = try build(cache), files = FolderImages(try photos.listed().training)
        #expect((made.count, made.classes, made.digest) == (18, 3, files.digest))
        let expected = try batch(of: files, channels: channels)
        #expect(try batch(of: made, channels: channels) == expected)
        #expect(try batch(of: #require(try self.cache().open()), channels: channels) == expected)
    }

    @Test("say how large they are before they are written, and are as large")
    func size() throws {
        let cache = try cache(side: 10), building = try cache.build()
        // The shorter side of 20 becomes 10; 18 images of 10×15 pixels.
        #expect(building.byteCount == 24 + 18 * 24 + 18 * 3 * 10 * 15)
        #expect(try #require(building.freeBytes) > building.byteCount)
        #expect(!FileManager.default.fileExists(atPath: directory.file("deep")))
        while try building.next() != nil {}
        #expect(try BinaryFile.read(cache.path, what: "cache").count == building.byteCount)
        let reader = ImageDataset(try building.images, shape: Self.shape).makeReader()
        #expect(try reader.size(of: 5) == ImageSize(height: 10, width: 15))
    }

    @Test("hold smaller copies of larger images, resized as a whole")
    func resized() throws {
        let images = try build(cache(side: 10))
        let reader = images.makeReader(shape: ImageShape(height: 10, width: 15, channels: 3))
        let frame = Array(UnsafeBufferPointer(
            start: try reader.frame(of: 2, crop: CropRectangle(wholeOf: 10, by: 15)), count: 450))
        #expect(
            frame == resampled(
                PhotoFolder.pixels(height: 20, width: 30, seed: 2), height: 20, width: 30,
                crop: CropRectangle(wholeOf: 20, by: 30), to: (10, 15)))
    }

    @Test("are the same for any number of threads")
    func threads() throws {
        let cache = try cache()
        _ = try build(cache, threads: 1)
        let expected = try BinaryFile.read(cache.path, what: "cache")
        for threads in 2...4 {
            try FileManager.default.removeItem(atPath: cache.path)
            _ = try build(cache, threads: threads)
            #expect(try BinaryFile.read(cache.path, what: "cache") == expected)
        }
    }

    @Test("are known by the name, the size and the time of every file, and by the side")
    func identity() throws {
        let first = try cache().path
        #expect(try cache().path == first)
        #expect(try cache(side: 33).path != first)
        try photos.setTime(of: "train/class 0/3.png", seconds: 1_000_000_000, nanoseconds: 0)
        #expect(try cache().path != first)
        try photos.remove("train/class 0/3.png")
        #expect(try cache().open() == nil)
    }

    @Test("that are cut short anywhere, or damaged before the pixels, are not used, and are made anew")
    func damaged() throws {
        let cache = try cache()
        let expected = try batch(of: build(cache)), whole = try BinaryFile.read(cache.path, what: "cache")
        var random = SeededRandom(seed: 6)
        let header = 24 + 18 * 24
        let lengths = [0, 1, 8, 16, header - 1, header, whole.count - 1] + (0..<40).map { _ in random.below(whole.count) }
        for length in lengths {
            try AtomicFile.write(Array(whole.prefix(length)), to: cache.path)
            #expect(cache.open() == nil, "\(length) bytes")
        }
        for byte in 0..<header {
            var bytes = whole
            bytes[byte] ^= 1 << UInt8(random.below(8))
            try AtomicFile.write(bytes, to: cache.path)
            #expect(cache.open() == nil, "byte \(byte)")
        }
        #expect(try batch(of: build(cache)) == expected)
        #expect(try batch(of: #require(cache.open())) == expected)
    }

    @Test("of an older decoder, which gave other pixels, are not used")
    func olderDecoder() throws {
        let cache = try cache()
        _ = try build(cache)
        let whole = try BinaryFile.read(cache.path, what: "cache")
        for (magic, isUsed) in [("OPIMAGES", false), ("OPIMAGE2", true)] {
            var bytes: [UInt8] = Array(magic.utf8) + whole[8..<16 + 18 * 24]
            let checksum: [UInt8] = withUnsafeBytes(of: UInt64(crc32(bytes))) { Array($0) }
            bytes += checksum
            bytes += whole[bytes.count...]
            try AtomicFile.write(bytes, to: cache.path)
            #expect((cache.open() != nil) == isUsed, "\(magic)")
        }
    }

    @Test("with damaged pixels are removed, and give what the files hold", arguments: [12, 32])
    func damagedPixels(side: Int) throws {
        let cache = try cache(side: side)
        let expected = try batch(of: build(cache))
        var bytes = try BinaryFile.read(cache.path, what: "cache")
        // A pixel in the middle of the sixth image.
        let image = side == 32 ? 3 * 20 * 30 : 3 * 12 * 18
        bytes[24 + 18 * 24 + 5 * image + image / 2] ^= 0x40
        try AtomicFile.write(bytes, to: cache.path)
        let damaged = try #require(cache.open())
        #expect(try batch(of: damaged) == expected)
        #expect(!FileManager.default.fileExists(atPath: cache.path))
        // Again, as in the next epoch.
        #expect(try batch(of: damaged) == expected)
        try photos.remove("train/class 0/5.png")
        let reader = ImageDataset(damaged, shape: Self.shape).makeReader()
        _ = try reader.middle(of: 4)
        let missing = FileError.missing(path: photos.file("train/class 0/5.png"), what: "image")
        #expect(throws: missing) { try reader.middle(of: 5) }
        _ = try reader.middle(of: 6)
    }

    @Test("that are left half-written are never used, and are removed by the next one")
    func halfWritten() throws {
        // More images than are written at a time.
        for image in 0..<300 {
            try photos.write(
                EncodedImages.png(PhotoFolder.pixels(height: 2, width: 2, seed: image), height: 2, width: 2),
                to: "train/class 0/more \(image).png")
        }
        let cache = try cache()
        var building: ImageCache.Building? = try cache.build()
        _ = try building?.next()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("deep/cache"))
        #expect(names.count == 1 && cache.open() == nil)
        building = nil
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("deep/cache")).isEmpty)
        // Of a program that was killed.
        try AtomicFile.write([1, 2, 3], to: cache.path + ".12345")
        let again = try cache.build()
        while try again.next() != nil {}
        #expect(cache.open()?.count == 318)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("deep/cache"))
            == [AbsolutePath.baseName(cache.path)])
    }

    @Test("that cannot be written, or hold an image that cannot be read, leave nothing and say why")
    func failures() throws {
        let file = try directory.write([], to: "file")
        let blocked = ImageCache(of: try photos.listed().training, side: 32, in: file + "/cache")
        let error = try #require(#expect(throws: FileError.self) { try blocked.build().next() })
        #expect(error.description.hasPrefix("cannot write \(file)/cache: "))

        let cache = try cache(), building = try cache.build()
        try photos.write([1, 2, 3], to: "train/class 2/5.png")
        let broken = try #require(#expect(throws: FileError.self) { while try building.next() != nil {} })
        #expect(broken.description.hasPrefix("\(photos.path)/train/class 2/5.png: "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("deep/cache")).isEmpty)
        #expect(throws: FileError.self) { try cache.build() }
    }

    @Test("are as large as the smallest crop of a training needs, and twice the frame at the least")
    func sides() {
        func side(_ height: Int, _ width: Int, _ augmentation: Augmentation) -> Int {
            ImageCache.side(for: ImageShape(height: height, width: width, channels: 3), augmentation)
        }
        #expect(side(224, 224, .none) == 448)
        #expect(side(224, 224, Augmentation(maximumShift: 0, mirror: false, cropArea: 1e-300...1)) == 65_535)
        #expect(side(224, 224, .photo) == 448)
        #expect(side(128, 128, .photo) == 256)
        #expect(side(100, 200, Augmentation(maximumShift: 0, mirror: true, cropArea: 0.9...1)) == 200)
        #expect(side(100, 200, Augmentation(maximumShift: 0, mirror: true, cropArea: 0.16...1)) == 250)
    }
}
