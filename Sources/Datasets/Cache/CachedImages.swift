import Files
import Glibc

/// The images of a folder, read from a cache of decoded images.
///
/// Images that the cache holds smaller than their files are, are read at that size: what a crop shows then differs a little
/// from what it shows of the file. So does the grey of a colour JPEG, which is made from the colours here.
public struct CachedImages: ImageSource {
    private let files: ImageFileList
    private let cache: ImageCacheFile

    init(_ files: ImageFileList, _ cache: ImageCacheFile) {
        precondition(cache.count == files.count, "CachedImages: \(cache.count) images of \(files.count) files")
        self.files = files
        self.cache = cache
    }

    public var name: String { files.name }
    public var count: Int { files.count }
    public var classes: Int { files.classNames.count }
    public var storedShape: ImageShape? { nil }
    public var isOrderedByClass: Bool { true }
    public var digest: String { files.digest }

    public func label(of image: Int) -> Int { files.label(at: image) }

    public func makeReader(shape: ImageShape) -> any ImageReader { Reader(self, shape: shape) }

    private final class Reader: ImageReader {
        private let images: CachedImages
        private let shape: ImageShape
        private let resampler = ImageResampler()
        private let pixels: UnsafeMutablePointer<UInt8>
        /// A whole image in grey, where that is asked.
        private let grey = ByteBuffer()
        /// Whether the pixels of an image are those that were written.
        private var verified: [Bool]
        /// For images whose copies are damaged; nil until there is one.
        private var decoder: ImageDecoder?
        /// Such an image as its copy was.
        private let replaced = ByteBuffer()

        init(_ images: CachedImages, shape: ImageShape) {
            self.images = images
            self.shape = shape
            pixels = .allocate(capacity: shape.count)
            verified = Array(repeating: false, count: images.count)
        }

        deinit {
            pixels.deallocate()
        }

        func size(of image: Int) -> ImageSize { images.cache.entry(image).size }

        func frame(of image: Int, crop: CropRectangle) throws(FileError) -> UnsafeMutablePointer<UInt8> {
            let entry = images.cache.entry(image)
            defer { images.cache.release(entry) }
            let stored = try storedPixels(of: image, entry)
            let size = entry.size
            var source = ImagePixels(stored, height: size.height, width: size.width, channels: 3)
            if shape.channels == 1 {
                grey.reserve(size.height * size.width)
                for pixel in 0..<size.height * size.width {
                    grey.pointer[pixel] = RGB.grey(stored[3 * pixel], stored[3 * pixel + 1], stored[3 * pixel + 2])
                }
                source = ImagePixels(grey.pointer, height: size.height, width: size.width, channels: 1)
            }
            resampler.resample(source, crop: crop, height: shape.height, width: shape.width, into: pixels)
            return pixels
        }

        /// What was written of an image, [height, width, 3] of its entry. Where that is damaged, it is decoded from the file
        /// again, and the cache is removed, so that the next run makes it anew.
        private func storedPixels(of image: Int, _ entry: ImageCacheFile.Entry) throws(FileError) -> UnsafePointer<UInt8> {
            let stored = images.cache.pixels(of: entry)
            if !verified[image] {
                guard ImageCacheFile.checksum(UnsafeRawBufferPointer(stored)) == entry.checksum else {
                    unlink(images.cache.path)
                    return try decoded(image, entry)
                }
                verified[image] = true
            }
            return stored.baseAddress!
        }

        private func decoded(_ image: Int, _ entry: ImageCacheFile.Entry) throws(FileError) -> UnsafePointer<UInt8> {
            let decoder = self.decoder ?? ImageDecoder()
            self.decoder = decoder
            replaced.reserve(entry.byteCount)
            try decoder.decodeWhole(images.files.path(at: image), as: entry.size, into: replaced.pointer)
            return UnsafePointer(replaced.pointer)
        }
    }
}
