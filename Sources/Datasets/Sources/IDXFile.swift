import Files

/// Reads IDX files of unsigned bytes (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"),
/// plain or gzip.
///
/// Big-endian: 0, 0, 8 for unsigned bytes, the number of dimensions, each dimension in four bytes, then the
/// values, last dimension fastest. A place in an error, "byte 16", counts from the start of the expanded
/// contents, or of the file itself where its gzip stream is damaged.
public enum IDXFile {
    /// Images, [count, height, width] of one channel or [count, height, width, channels].
    ///
    /// - Returns: 1 to 2³² − 1 images with sides of 1 to 8192 pixels and 1 or 3 channels, each value as it was stored.
    /// - Throws: `FileError`: `missing`, `unreadable`, or `invalid` with the place, what was expected and what was
    ///   found there. A size that the file cannot hold is refused before memory is asked for.
    public static func images(
        at path: String
    ) throws(FileError) -> (count: Int, shape: ImageShape, pixels: [UInt8]) {
        let grey = [("images", countLimit), ("rows", sideLimit), ("columns", sideLimit)]
        let (dimensions, pixels) = try contents(
            at: path, what: "IDX file of images", limits: [grey, grey + [("channels", channelLimit)]])
        let channels = dimensions.count == 4 ? dimensions[3] : 1
        guard channels != 2 else {
            throw .invalid(path: path, place: "byte 16", problem: "expected 1 or 3 channels, found 2")
        }
        return (dimensions[0], ImageShape(height: dimensions[1], width: dimensions[2], channels: channels), pixels)
    }

    /// The largest number of classes, because labels are bytes.
    static let classLimit = 256

    /// Labels, [count].
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - classes: the number of classes, at least 1: every label must be smaller.
    ///   - source: where that number is from: "the field "classes" of spaces/small.json".
    /// - Throws: as `images(at:)`, and `invalid` for the first label out of range.
    public static func labels(at path: String, classes: Int, source: String? = nil) throws(FileError) -> [UInt8] {
        precondition(classes >= 1, "IDXFile: there are no labels of \(classes) classes")
        let (_, labels) = try contents(at: path, what: "IDX file of labels", limits: [[("labels", countLimit)]])
        if let index = labels.firstIndex(where: { $0 >= classes }) {
            throw .invalid(
                path: path, place: "byte \(headerLength(dimensions: 1) + index)",
                problem: "expected a label from 0 to \(classes - 1) for image \(index)"
                    + (source.map { ", as \($0) is \(classes)" } ?? "") + ", found \(labels[index])")
        }
        return labels
    }

    private static let countLimit = Int(UInt32.max)
    private static let sideLimit = 8192
    private static let channelLimit = 3

    private static func headerLength(dimensions: Int) -> Int { 4 + 4 * dimensions }

    /// The dimensions and values of a file with as many dimensions as one of `kinds`, each from 1 to its limit.
    private static func contents(
        at path: String, what: String, limits kinds: [[(name: String, limit: Int)]]
    ) throws(FileError) -> (dimensions: [Int], values: [UInt8]) {
        func invalid(byte: Int, _ problem: String) -> FileError {
            .invalid(path: path, place: "byte \(byte)", problem: problem)
        }
        let file = try ExpandedFile(path: path, what: what)

        func magic(_ kind: [(name: String, limit: Int)]) -> [UInt8] { [0, 0, 8, UInt8(kind.count)] }
        var header = try bytes(of: file, upTo: 4)
        guard let limits = kinds.first(where: { header.elementsEqual(magic($0).prefix(header.count)) }) else {
            throw invalid(
                byte: 0, "expected \(kinds.map { spelled(magic($0)) }.joined(separator: " or ")), the start of an "
                    + "\(what), found \(spelled(header))")
        }
        let headerLength = headerLength(dimensions: limits.count)
        header += try bytes(of: file, upTo: headerLength - 4)
        guard header.count == headerLength else {
            throw invalid(
                byte: header.count, "expected the \(headerLength) bytes of the header of an \(what), found the end")
        }
        var dimensions: [Int] = []
        for (axis, (name, limit)) in limits.enumerated() {
            let place = 4 + 4 * axis
            let dimension = header[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard (1...limit).contains(dimension) else {
                throw invalid(byte: place, "expected a number of \(name) from 1 to \(limit), found \(dimension)")
            }
            dimensions.append(dimension)
        }

        // At most 2³² × 2¹³ × 2¹³ × 3: no overflow.
        let length = dimensions.reduce(1, *)
        let size = zip(dimensions, limits).map { "\($0) \($1.name)" }.joined(separator: ", ")
        guard headerLength + length <= file.greatestLength else {
            throw invalid(
                byte: 4,
                "\(size) need \(headerLength + length) bytes, and the file holds at most \(file.greatestLength)")
        }
        let values = try bytes(of: file, upTo: length)
        guard values.count == length else {
            throw invalid(
                byte: headerLength + values.count,
                "expected \(length) bytes of values for \(size), found the end after \(values.count)")
        }
        guard try bytes(of: file, upTo: 1).isEmpty else {
            throw invalid(byte: headerLength + length, "expected the end of the file after \(size), found more bytes")
        }
        return (dimensions, values)
    }

    /// The next `length` bytes, or fewer at the end.
    private static func bytes(of file: ExpandedFile, upTo length: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        let count = try bytes.withUnsafeMutableBufferPointer { target throws(FileError) in try file.read(into: target) }
        bytes.removeLast(length - count)
        return bytes
    }

    /// "0 0 8 3", or "the end" where there is nothing.
    private static func spelled(_ bytes: some Collection<UInt8>) -> String {
        bytes.isEmpty ? "the end" : bytes.map(String.init).joined(separator: " ")
    }
}
