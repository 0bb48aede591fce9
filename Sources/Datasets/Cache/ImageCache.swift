import Engine
import Files
import Foundation

/// Makes a cache of the decoded images of a list of files, or finds the one that was made before.
///
///     let cache = ImageCache(of: folder.training, side: 256)
///     let images = try cache.open() ?? {
///         let building = try cache.build()
///         while let done = try building.next() { print("\(done) of \(folder.training.count)") }
///         return try building.images
///     }()
///
/// It lies in the user's cache folder (XDG Base Directory Specification) and is known by the digest of the list, so by the
/// name, size and time of every file, and by the side. One that is not whole is made anew.
public struct ImageCache: Sendable {
    /// The folder of all caches.
    public static var folder: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (base ?? (environment["HOME"] ?? "/tmp") + "/.cache") + "/onepath/images"
    }

    /// Where this cache lies.
    public let path: String
    private let files: ImageFileList
    private let side: Int
    private let folder: String

    /// - Parameters:
    ///   - files: whose images are decoded.
    ///   - side: the longest that the shorter side of a cached image is, in pixels.
    ///   - folder: that it lies in; made where there is none.
    public init(of files: ImageFileList, side: Int, in folder: String = Self.folder) {
        precondition(side > 0, "ImageCache: a side of \(side)")
        self.files = files
        self.side = side
        self.folder = folder
        path = "\(folder)/\(files.digest)-\(side)"
    }

    /// The side from which every crop of a training has as many pixels as its frame, where the file has them; at least twice
    /// that of the frame, because what is resized twice by nearly the same factor is blurred, and an evaluation then sees
    /// other images than without a cache (1.6 points of 81 on photos of 224 pixels at 128).
    ///
    /// - Parameters:
    ///   - shape: of the frames.
    ///   - augmentation: of the training.
    public static func side(for shape: ImageShape, _ augmentation: Augmentation) -> Int {
        let shorter = Double(min(shape.height, shape.width))
        let least = augmentation.cropArea.map { 1 / $0.lowerBound.squareRoot() } ?? 1
        // No image that is decoded has a longer side.
        return Int(min((shorter * max(least, 2)).rounded(.up), 65_535))
    }

    /// The images of the cache; nil where it is to be made.
    public func open() -> CachedImages? {
        ImageCacheFile(at: path, images: files.count).map { CachedImages(files, $0) }
    }

    /// Begins to make the cache. Reads the sizes of all images, so that `byteCount` is known before anything is written.
    ///
    /// - Parameter threads: how many decode.
    /// - Throws: `FileError` for an image that cannot be read.
    public func build(threads: Int = ThreadPool.availableCores) throws(FileError) -> Building {
        try Building(self, threads: threads)
    }

    /// A cache that is being made, some images at a time.
    public final class Building {
        /// The size of the cache in bytes.
        public let byteCount: Int
        private let cache: ImageCache
        private let files: ImageFileList
        private let pool: ThreadPool
        /// Each is written by the thread that decodes its image.
        private let entries: UnsafeMutableBufferPointer<ImageCacheFile.Entry>
        private var done = 0
        /// nil before the first image and after the last.
        private var output: (descriptor: Int32, path: String)?

        /// The number of images that are decoded together.
        private static let together = 256

        init(_ cache: ImageCache, threads: Int) throws(FileError) {
            self.cache = cache
            let files = cache.files, side = cache.side
            self.files = files
            pool = ThreadPool(threads: threads)
            entries = .allocate(capacity: files.count)
            entries.initialize(repeating: ImageCacheFile.Entry(offset: 0, height: 1, width: 1, checksum: 0))
            nonisolated(unsafe) let entries = entries
            try Self.forEach(0..<files.count, pool) { (decoder, image) throws(FileError) -> Void in
                let header = try decoder.open(files.path(at: image))
                let scale = min(1, Double(side) / Double(min(header.height, header.width)))
                func scaled(_ length: Int) -> UInt32 { UInt32(max(1, (Double(length) * scale).rounded())) }
                entries[image].height = scaled(header.height)
                entries[image].width = scaled(header.width)
            }
            var offset = ImageCacheFile.headerSize(images: files.count)
            for image in entries.indices {
                entries[image].offset = UInt64(offset)
                offset += entries[image].byteCount
            }
            byteCount = offset
        }

        deinit {
            abandon()
            entries.deallocate()
        }

        /// The bytes that the disk of the cache has left; nil where that is not known.
        public var freeBytes: Int? {
            var status = statvfs()
            // The folder, or the first above it that is there.
            var folder = AbsolutePath.of(cache.folder)
            while statvfs(folder, &status) != 0 {
                let parent = (folder as NSString).deletingLastPathComponent
                if parent == folder || parent.isEmpty { return nil }
                folder = parent
            }
            return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        }

        /// Decodes and writes the next images.
        ///
        /// - Returns: how many are done; nil when all were and the cache is in its place.
        /// - Throws: `FileError` for an image that cannot be read; `.cannotWrite` where the disk is full, and then nothing of
        ///   the cache stays.
        public func next() throws(FileError) -> Int? {
            guard done < files.count else { return nil }
            do throws(FileError) {
                let output = if let output { output } else { try begin() }
                let images = done..<min(done + Self.together, files.count)
                let files = files
                nonisolated(unsafe) let entries = entries
                try Self.forEach(images, pool) { decoder, image throws(FileError) in
                    try Self.write(files, image, &entries[image], by: decoder, to: output)
                }
                done = images.upperBound
                if done == files.count { try finish(output) }
            } catch {
                abandon()
                throw error
            }
            return done
        }

        /// The images, once all are done.
        ///
        /// - Throws: `FileError.unreadable` where the cache cannot be mapped.
        public var images: CachedImages {
            get throws(FileError) {
                precondition(done == files.count, "ImageCache: \(done) of \(files.count) images are done")
                guard let file = ImageCacheFile(at: cache.path, images: files.count) else {
                    throw .unreadable(path: cache.path, reason: "the cache of decoded images that was just written is not whole")
                }
                return CachedImages(files, file)
            }
        }

        private func begin() throws(FileError) -> (descriptor: Int32, path: String) {
            do {
                try FileManager.default.createDirectory(atPath: cache.folder, withIntermediateDirectories: true)
            } catch {
                throw .cannotWrite(path: cache.folder, reason: error.localizedDescription)
            }
            removeAbandoned()
            let temporary = "\(cache.path).\(getpid())"
            let descriptor = Glibc.open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .cannotWrite(path: temporary, reason: lastSystemError()) }
            output = (descriptor, temporary)
            flock(descriptor, LOCK_EX | LOCK_NB)
            // Which tells at once where the disk is full.
            let status = posix_fallocate(descriptor, 0, byteCount)
            guard status == 0 else { throw .cannotWrite(path: temporary, reason: String(cString: strerror(status))) }
            return (descriptor, temporary)
        }

        /// Removes what programs that were killed have left of this cache: nobody holds a lock on it.
        private func removeAbandoned() {
            let prefix = AbsolutePath.baseName(cache.path) + "."
            for name in DirectoryEntries.names(in: cache.folder) where name.hasPrefix(prefix) {
                let descriptor = Glibc.open("\(cache.folder)/\(name)", O_RDWR | O_CLOEXEC)
                guard descriptor >= 0 else { continue }
                if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink("\(cache.folder)/\(name)") }
                close(descriptor)
            }
        }

        private func finish(_ output: (descriptor: Int32, path: String)) throws(FileError) {
            var header = ImageCacheFile.header(Array(entries))
            let outcome = header.withUnsafeMutableBytes { bytes in
                Result { () throws(FileError) in try Self.write(UnsafeRawBufferPointer(bytes), at: 0, to: output) }
            }
            try outcome.get()
            guard fsync(output.descriptor) == 0, rename(output.path, cache.path) == 0 else {
                throw .cannotWrite(path: cache.path, reason: lastSystemError())
            }
            close(output.descriptor)
            self.output = nil
        }

        private func abandon() {
            guard let output else { return }
            close(output.descriptor)
            unlink(output.path)
            self.output = nil
        }

        private static func write(
            _ files: ImageFileList, _ image: Int, _ entry: inout ImageCacheFile.Entry, by decoder: ImageDecoder,
            to output: (descriptor: Int32, path: String)
        ) throws(FileError) {
            let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: entry.byteCount, alignment: 16)
            defer { pixels.deallocate() }
            try decoder.decodeWhole(
                files.path(at: image), as: entry.size, into: pixels.bindMemory(to: UInt8.self).baseAddress!)
            entry.checksum = ImageCacheFile.checksum(UnsafeRawBufferPointer(pixels))
            try write(UnsafeRawBufferPointer(pixels), at: Int(entry.offset), to: output)
        }

        private static func write(
            _ bytes: UnsafeRawBufferPointer, at offset: Int, to output: (descriptor: Int32, path: String)
        ) throws(FileError) {
            var written = 0
            while written < bytes.count {
                let count = pwrite(output.descriptor, bytes.baseAddress! + written, bytes.count - written, offset + written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .cannotWrite(path: output.path, reason: lastSystemError()) }
                written += count
            }
        }

        /// Runs `body` for every image; the threads share them in turn, each with a decoder of its own.
        ///
        /// - Throws: the error of the first image that has one.
        private static func forEach(
            _ images: Range<Int>, _ pool: ThreadPool, _ body: (ImageDecoder, Int) throws(FileError) -> Void
        ) throws(FileError) {
            var failures = [(image: Int, error: FileError)?](repeating: nil, count: pool.threads)
            failures.withUnsafeMutableBufferPointer { failures in
                nonisolated(unsafe) let failures = failures
                pool.run { thread in
                    let decoder = ImageDecoder()
                    for image in stride(from: images.lowerBound + thread, to: images.upperBound, by: pool.threads) {
                        do throws(FileError) {
                            try body(decoder, image)
                        } catch {
                            failures[thread] = (image, error)
                            return
                        }
                    }
                }
            }
            if let first = failures.compactMap(\.self).min(by: { $0.image < $1.image }) { throw first.error }
        }
    }
}

extension ImageDecoder {
    /// Decodes an image as the cache holds it: the whole of it, resized.
    ///
    /// - Parameter output: [height, width, 3] of the size.
    /// - Throws: `FileError` where the image cannot be read.
    func decodeWhole(_ path: String, as size: ImageSize, into output: UnsafeMutablePointer<UInt8>) throws(FileError) {
        let header = try open(path)
        try decode(
            crop: CropRectangle(wholeOf: header.height, by: header.width), height: size.height, width: size.width,
            into: output)
    }
}
