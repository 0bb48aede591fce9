import Datasets
import Engine
import Files
import Foundation
import TestSupport
import Testing

extension PhotoFolder {
    /// The pixels of a small picture, different for every seed.
    static func pixels(height: Int, width: Int, seed: Int, channels: Int = 3) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(seed))
        return (0..<height * width * channels).map { _ in random.byte(in: 0...255) }
    }

    /// Writes pictures of noise: PNG files of three classes, with a few training and validation images each.
    func writePictures(height: Int, width: Int, training: Int = 6, validation: Int = 2) throws {
        for (part, count) in [("train", training), ("val", validation)] {
            for label in 0..<3 {
                for image in 0..<count {
                    let seed = (part == "val" ? 1000 : 0) + 100 * label + image
                    try write(
                        EncodedImages.png(Self.pixels(height: height, width: width, seed: seed), height: height, width: width),
                        to: "\(part)/class \(label)/\(image).png")
                }
            }
        }
    }
}

/// A batch, filled by several threads at once, each with a reader of its own.
func filled(_ sampler: BatchSampler, step: Int, threads: Int) throws -> BatchBuffer {
    var buffer = BatchBuffer(batch: sampler.batch, valuesPerImage: sampler.frame.count)
    let pool = ThreadPool(threads: threads), readers = (0..<threads).map { _ in sampler.makeReader() }
    var failures = [FileError?](repeating: nil, count: threads)
    buffer.images.withUnsafeMutableBufferPointer { images in
        buffer.labels.withUnsafeMutableBufferPointer { labels in
            failures.withUnsafeMutableBufferPointer { failures in
                nonisolated(unsafe) let (images, labels, failures, readers) = (images, labels, failures, readers)
                pool.run { thread in
                    do throws(FileError) {
                        try sampler.fill(
                            step: step, rows: pool.share(of: sampler.batch, for: thread), by: readers[thread],
                            images: images.baseAddress!, labels: labels.baseAddress!)
                    } catch {
                        failures[thread] = error
                    }
                }
            }
        }
    }
    if let failure = failures.compactMap(\.self).first { throw failure }
    return buffer
}

@Suite("Images of a folder")
struct FolderImagesTests {
    private func dataset(_ photos: PhotoFolder, _ shape: ImageShape) throws -> ImageDataset {
        ImageDataset(FolderImages(try photos.listed().training), shape: shape)
    }

    @Test("are read as their files have them, with the labels of their folders, in the order of the list")
    func frames() throws {
        let photos = try PhotoFolder()
        try photos.writePictures(height: 8, width: 6)
        let images = try dataset(photos, ImageShape(height: 8, width: 6, channels: 3))
        #expect(images.count == 18 && images.classes == 3 && images.isResizable)
        #expect(images.labels == (0..<18).map { $0 / 6 })
        let pixels = try images.pixels
        var expected: [UInt8] = []
        for label in 0..<3 {
            for image in 0..<6 { expected += PhotoFolder.pixels(height: 8, width: 6, seed: 100 * label + image) }
        }
        #expect(pixels == expected)
        let reader = images.makeReader()
        #expect(try reader.size(of: 17) == ImageSize(height: 8, width: 6))
        // Not larger than the frame: an evaluation sees the whole image, resized.
        let larger = images.framed(ImageShape(height: 16, width: 16, channels: 3)).makeReader()
        let frame = Array(UnsafeBufferPointer(start: try larger.middle(of: 3), count: 768))
        #expect(
            frame == resampled(
                PhotoFolder.pixels(height: 8, width: 6, seed: 3), height: 8, width: 6,
                crop: CropRectangle(wholeOf: 8, by: 6), to: (16, 16)))
    }

    @Test("are read grey where the frame has one channel")
    func grey() throws {
        let photos = try PhotoFolder()
        try photos.writePictures(height: 5, width: 7)
        let pixels = try dataset(photos, ImageShape(height: 5, width: 7, channels: 1)).pixels
        let colours = PhotoFolder.pixels(height: 5, width: 7, seed: 0).map(Int.init)
        // ITU-R 601-2, as Pillow rounds it.
        let expected = stride(from: 0, to: 105, by: 3).map { at -> UInt8 in
            let weighted = 19595 * colours[at] + 38470 * colours[at + 1] + 7471 * colours[at + 2]
            return UInt8((weighted + 0x8000) >> 16)
        }
        #expect(Array(pixels.prefix(35)) == expected)
        #expect(Set(expected).count > 10)
    }

    @Test("make the same batches for any number of threads, and other ones in other epochs")
    func threads() throws {
        let photos = try PhotoFolder()
        try photos.writePictures(height: 40, width: 50)
        let images = try dataset(photos, ImageShape(height: 16, width: 16, channels: 3))
        var sampler = try BatchSampler(
            dataset: images, batch: 6, seed: 3, augmentation: .photo, statistics: images.channelStatistics)
        var seen: Set<[Float]> = []
        for epoch in 0..<3 {
            sampler.startEpoch(epoch)
            for step in 0..<sampler.stepsPerEpoch {
                let alone = try filled(sampler, step: step, threads: 1)
                #expect(alone.images.allSatisfy { $0.isFinite && $0 != -1000 })
                for threads in 2...4 { #expect(try filled(sampler, step: step, threads: threads) == alone) }
                seen.insert(alone.images)
            }
        }
        #expect(seen.count == 9)
    }

    @Test("that are no longer there or are damaged are named")
    func gone() throws {
        let photos = try PhotoFolder()
        try photos.writePictures(height: 5, width: 5)
        let images = try dataset(photos, ImageShape(height: 5, width: 5, channels: 3)), reader = images.makeReader()
        try photos.remove("train/class 1/0.png")
        #expect(throws: FileError.missing(path: photos.file("train/class 1/0.png"), what: "image")) {
            try reader.middle(of: 6)
        }
        try photos.write(Array("PK\u{3}\u{4}".utf8), to: "train/class 1/1.png")
        let error = #expect(throws: FileError.self) { try reader.middle(of: 7) }
        #expect(error?.description.contains("class 1/1.png: expected a JPEG or PNG file, found a ZIP archive") == true)
        // Its neighbours are read all the same.
        #expect(Array(UnsafeBufferPointer(start: try reader.middle(of: 8), count: 75))
            == PhotoFolder.pixels(height: 5, width: 5, seed: 102))
    }

    @Test("say which augmentation suits them, by their size")
    func usualAugmentation() throws {
        #expect(try FashionMNIST.source.get().usualAugmentation(ofFrames: 28) == .fashionMNIST)
        for (height, width, frame, expected) in [
            (100, 80, 224, Augmentation.photo), (32, 32, 32, Augmentation(maximumShift: 4, mirror: true)),
            (64, 300, 224, Augmentation(maximumShift: 8, mirror: true)), (65, 65, 64, .photo), (65, 65, 8, .photo),
            (64, 64, 24, Augmentation(maximumShift: 3, mirror: true)), (64, 64, 8, Augmentation(maximumShift: 1, mirror: true)),
        ] {
            let photos = try PhotoFolder()
            try photos.writePictures(height: height, width: width, training: 1, validation: 1)
            let source = try ImageDataSource(named: photos.path)
            #expect(source.usualAugmentation(ofFrames: frame) == expected, "\(height)x\(width) at \(frame)")
            #expect(source.classNames == ["class 0", "class 1", "class 2"])
        }
    }
}
