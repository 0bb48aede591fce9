import Engine
import Files
import Synchronization

/// Looks at every image of a folder before a training does: decodes each, to find the broken ones, and finds those that
/// are there twice. The result is the same for any number of threads.
///
///     var scan = ImageFolderScan(try ImageFolder(at: "photos"), threads: 2) { path throws(FileError) in
///         let image = try decoder.decode(path)
///         return (image.height, image.width)
///     }
///     while let event = scan.next() {
///         switch event {
///         case .decoded(let images, let total, let broken): print("\(images) of \(total), \(broken) broken")
///         case .compared(let images, let total): print("\(images) of \(total) compared")
///         case .finished(let check): print(check.json.text(pretty: true))
///         }
///     }
public struct ImageFolderScan {
    /// Gives the size in pixels of the image at a path; throws where it cannot be decoded. It runs on several threads at
    /// once.
    public typealias Measure = @Sendable (_ path: String) throws(FileError) -> (height: Int, width: Int)

    public enum Event: Sendable {
        /// So many of all images were decoded, and so many of them are broken.
        case decoded(images: Int, total: Int, broken: Int)
        /// So many of the files that may be copies were compared: first by a small piece those that share their size, then
        /// by their digests those that share the piece too; each time from 0 to its own total.
        case compared(images: Int, total: Int)
        /// The end.
        case finished(ImageFolderCheck)
    }

    private let folder: ImageFolder
    private let measure: Measure
    private let pool: ThreadPool
    private var decoded = 0
    /// The broken images so far; all of them once a copy was looked for.
    public private(set) var broken: [BrokenImage] = []
    private var heights = ImageSides.Counts()
    private var widths = ImageSides.Counts()
    private var shorterSides = ImageSides.Counts()
    /// nil until all images are decoded.
    private var duplicates: DuplicateSearch?
    private var hasFinished = false

    /// How many images a thread decodes between two events.
    private static let decodedAtOnce = 32

    /// - Parameters:
    ///   - folder: whose images are scanned.
    ///   - threads: at least one.
    ///   - measure: decodes an image.
    public init(_ folder: ImageFolder, threads: Int = ThreadPool.availableCores, measure: @escaping Measure) {
        self.folder = folder
        self.measure = measure
        pool = ThreadPool(threads: threads)
    }

    /// A scan that decodes every image as a training does.
    ///
    /// - Parameters:
    ///   - folder: whose images are scanned.
    ///   - threads: at least one.
    public init(_ folder: ImageFolder, threads: Int = ThreadPool.availableCores) {
        self.init(folder, threads: threads) { path throws(FileError) in
            let decoder = ImageDecoder()
            let header = try decoder.open(path)
            // Small, but all of the file is read.
            var pixel: (UInt8, UInt8, UInt8) = (0, 0, 0)
            let outcome = withUnsafeMutableBytes(of: &pixel) { bytes in
                Result { () throws(FileError) in
                    try decoder.decode(
                        crop: CropRectangle(wholeOf: header.height, by: header.width), height: 1, width: 1,
                        into: bytes.bindMemory(to: UInt8.self).baseAddress!)
                }
            }
            try outcome.get()
            return (header.height, header.width)
        }
    }

    /// Does a part of the work; nil after the end.
    public mutating func next() -> Event? {
        if hasFinished { return nil }
        guard duplicates != nil else { return decodeSome() }
        if let (images, total) = duplicates?.compareSome(pool) { return .compared(images: images, total: total) }
        hasFinished = true
        return .finished(
            ImageFolderCheck(
                folder: folder, broken: broken, heights: ImageSides(heights), widths: ImageSides(widths),
                shorterSides: ImageSides(shorterSides), duplicates: duplicates?.groups ?? []))
    }

    private mutating func decodeSome() -> Event {
        let total = folder.training.count + folder.validation.count
        let range = decoded..<min(total, decoded + Self.decodedAtOnce * pool.threads)
        let found = pool.results(range.count) { offset in
            let place = folder.place(range.lowerBound + offset)
            return Result { () throws(FileError) in try measure(folder[place.part].path(at: place.index)) }
        }
        for (index, result) in zip(range, found) {
            switch result {
            case .success(let size):
                heights.add(size.height)
                widths.add(size.width)
                shorterSides.add(min(size.height, size.width))
            case .failure(let error):
                let place = folder.place(index)
                broken.append(BrokenImage(place, path: folder[place.part].path(at: place.index), error: error))
            }
        }
        decoded = range.upperBound
        if decoded == total { duplicates = DuplicateSearch(folder, leavingOut: broken.map(\.place)) }
        return .decoded(images: decoded, total: total, broken: broken.count)
    }
}

extension ThreadPool {
    /// The results of `body` for 0..<count, in order. A thread that is done takes the next, as some take far longer than
    /// others.
    func results<Value: Sendable>(_ count: Int, _ body: (Int) -> Value) -> [Value] {
        Array(unsafeUninitializedCapacity: count) { values, filled in
            let next = Atomic<Int>(0)
            let values = values
            run { _ in
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if index >= count { return }
                    values.initializeElement(at: index, to: body(index))
                }
            }
            filled = count
        }
    }
}

extension ImageFolder {
    /// The place of an image in the order in which training images come first.
    func place(_ index: Int) -> ImagePlace {
        index < training.count
            ? ImagePlace(part: .training, index: index)
            : ImagePlace(part: .validation, index: index - training.count)
    }

    /// Where an image stands in the order in which training images come first.
    func index(of place: ImagePlace) -> Int { place.part == .training ? place.index : training.count + place.index }
}
