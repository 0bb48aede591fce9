/// Files of a folder that are no images to be read, and why.
public struct SkippedFiles: Hashable, Sendable, CustomStringConvertible {
    /// The number of files, by the reason.
    public private(set) var counts: [String: Int] = [:]
    /// The first paths, with their reason.
    public private(set) var first: [String] = []

    /// The number of paths that are named.
    private static let named = 5

    public var count: Int { counts.values.reduce(0, +) }

    mutating func add(_ path: String, because reason: String) {
        counts[reason, default: 0] += 1
        if first.count < Self.named { first.append("\(path) (\(reason))") }
    }

    mutating func add(_ other: SkippedFiles) {
        counts.merge(other.counts, uniquingKeysWith: +)
        first = Array((first + other.first).prefix(Self.named))
    }

    /// "12 files were left out: photos/cats/notes.txt (no image's name), …".
    public var description: String {
        "\(count) file\(count == 1 ? " was" : "s were") left out: \(first.joined(separator: ", "))"
            + (count > first.count ? ", …" : "")
    }
}
