import Files

/// Labelled image files of a folder, in memory that is small beside their number: the names in one piece, and 26 bytes more
/// for each file.
public struct ImageFileList: Sendable {
    /// The folder that all paths begin with.
    public let folder: String
    /// The paths of the files from the folder on, one after the other, as UTF-8.
    private var names: [UInt8] = []
    /// Where the name of each file ends.
    private var ends: [Int] = []
    private var labels: [UInt16] = []
    private var sizes: [Int] = []
    /// Seconds since 1970.
    private var times: [Int32] = []

    /// An empty list.
    ///
    /// - Parameter folder: the folder that all paths begin with.
    init(folder: String) { self.folder = folder }

    /// How many files there are.
    public var count: Int { labels.count }

    /// The path of a file.
    ///
    /// - Parameter file: in 0..<count.
    public func path(of file: Int) -> String { "\(folder)/\(name(of: file))" }

    /// The path of a file from the folder on: "cats/one.jpg".
    ///
    /// - Parameter file: in 0..<count.
    public func name(of file: Int) -> String {
        String(decoding: names[(file == 0 ? 0 : ends[file - 1])..<ends[file]], as: UTF8.self)
    }

    /// The label of a file's class.
    ///
    /// - Parameter file: in 0..<count.
    public func label(of file: Int) -> Int { Int(labels[file]) }

    /// The size of a file in bytes.
    ///
    /// - Parameter file: in 0..<count.
    public func size(of file: Int) -> Int { sizes[file] }

    /// The number of files of each label.
    ///
    /// - Parameter classes: the number of labels.
    public func counts(classes: Int) -> [Int] {
        labels.reduce(into: Array(repeating: 0, count: classes)) { $0[Int($1)] += 1 }
    }

    /// Makes room for files that are appended next.
    mutating func reserve(files: Int, nameBytes: Int) {
        names.reserveCapacity(nameBytes)
        ends.reserveCapacity(files)
        labels.reserveCapacity(files)
        sizes.reserveCapacity(files)
        times.reserveCapacity(files)
    }

    mutating func append(_ file: FolderWalk.File, named name: some Sequence<UInt8>, label: Int) {
        names.append(contentsOf: name)
        ends.append(names.count)
        labels.append(UInt16(label))
        sizes.append(file.size)
        times.append(file.time)
    }

    /// The SHA-256 over the names, labels, sizes and times of all files: another one where files were added, removed,
    /// renamed or written. It does not depend on where the folder is.
    public var digest: String {
        func bytes<Value>(_ values: [Value]) -> ArraySlice<UInt8> { values.withUnsafeBytes { Array($0)[...] } }
        return FileDigest.sha256(of: [names[...], bytes(ends), bytes(labels), bytes(sizes), bytes(times)])
    }
}
