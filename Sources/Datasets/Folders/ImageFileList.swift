import Files

/// Paths, labels, sizes and times of image files, in arrays that take about 50 bytes a file: a list of a million is held
/// in memory, its images are not.
///
///     let list = try ImageFolder(at: "photos").training
///     for index in 0..<list.count { print(list.path(at: index), list.classNames[Int(list.labels[index])]) }
public struct ImageFileList: Sendable {
    /// What the images are, for messages: "photos training".
    public let name: String
    /// The folder that the class folders are in: "photos/train".
    public let folder: String
    /// The names of the classes, in the order of their labels.
    public let classNames: [String]

    /// The name of the folder in the data set's: "train"; nil where it is the data set's own.
    private let part: String?
    private let columns: ImageFileColumns

    /// - Parameters:
    ///   - root: the data set's folder.
    ///   - part: the folder in it that holds the class folders; nil where it does itself.
    init(name: String, root: String, part: String?, classNames: [String], columns: ImageFileColumns) {
        self.name = name
        self.folder = part.map { "\(root)/\($0)" } ?? root
        self.part = part
        self.classNames = classNames
        self.columns = columns
    }

    private init(_ list: ImageFileList, columns: ImageFileColumns) {
        (name, folder, part, classNames) = (list.name, list.folder, list.part, list.classNames)
        self.columns = columns
    }

    /// How many files there are.
    public var count: Int { columns.labels.count }

    /// [count], each label in 0..<classNames.count.
    public var labels: [UInt16] { columns.labels }

    /// The path of a file, from where the path of the data set's folder leads.
    public func path(at index: Int) -> String { "\(folder)/\(relativePath(at: index))" }

    /// The path of a file from the folder that the class folders are in: "cat/0001.jpg".
    public func relativePath(at index: Int) -> String {
        "\(classNames[label(at: index)])/\(String(decoding: columns.names[columns.range(of: index)], as: UTF8.self))"
    }

    /// The label of a file, in 0..<classNames.count.
    public func label(at index: Int) -> Int { Int(columns.labels[index]) }

    /// The size of a file in bytes, as it was listed.
    public func size(at index: Int) -> Int { Int(columns.sizes[index]) }

    /// When a file was last written, as it was listed, in nanoseconds since 1970.
    public func modified(at index: Int) -> Int64 { columns.modified[index] }

    /// How many files each class has, [classNames.count].
    public var classCounts: [Int] {
        var counts = [Int](repeating: 0, count: classNames.count)
        for label in columns.labels { counts[Int(label)] += 1 }
        return counts
    }

    /// The bytes of memory that the arrays of this list take.
    public var memoryBytes: Int { columns.memoryBytes }

    /// Identifies the list, for a cache: the SHA-256 digest of each file's path in the data set's folder, size and time, in
    /// the order of the list; 64 lower-case hexadecimal digits. It does not depend on where the data set's folder is, nor on
    /// the order in which the system lists files.
    public var digest: String {
        let classPaths = classNames.map { Array("\(part.map { "\($0)/" } ?? "")\($0)/".utf8) }
        return FileDigest.sha256 { add in
            var buffer: [UInt8] = []
            func flush() {
                buffer.withUnsafeBytes(add)
                buffer.removeAll(keepingCapacity: true)
            }
            for index in 0..<count {
                buffer += classPaths[label(at: index)]
                buffer += columns.names[columns.range(of: index)]
                // No path holds a zero, so no two lists give the same bytes.
                buffer.append(0)
                for value in [columns.sizes[index], columns.modified[index]] {
                    withUnsafeBytes(of: value.littleEndian) { buffer += $0 }
                }
                if buffer.count > 1 << 16 { flush() }
            }
            flush()
        }
    }

    /// The first files, in the order of the list.
    ///
    /// - Parameter length: how many, in 1...count.
    /// - Throws: `DatasetError.prefixOutOfRange` for any other length.
    public func prefix(_ length: Int) throws(DatasetError) -> ImageFileList {
        guard length > 0, length <= count else {
            throw .prefixOutOfRange(length: length, dataset: name, count: count)
        }
        return selection(0..<length)
    }

    /// Evenly spaced files, because the order is by class.
    ///
    /// - Parameter length: the number of files, at least one; all files where there are fewer.
    public func spread(_ length: Int) -> ImageFileList {
        precondition(length > 0, "ImageFileList \(name): expected at least one file, got \(length)")
        return length < count ? selection(Self.spread(length, over: 0..<count)) : self
    }

    /// The indices of evenly spaced files of a class, ascending; of all where there are fewer. For thumbnails.
    ///
    /// - Parameters:
    ///   - length: how many, at least one.
    ///   - label: in 0..<classNames.count.
    public func spreadIndices(_ length: Int, ofClass label: Int) -> [Int] {
        precondition(length > 0, "ImageFileList \(name): expected at least one file, got \(length)")
        // The labels ascend, in every selection too.
        let start = firstIndex { $0 >= label }, end = firstIndex { $0 > label }
        return length < end - start ? Self.spread(length, over: start..<end) : Array(start..<end)
    }

    /// The list without some of its files.
    ///
    /// - Parameter indices: in 0..<count, in any order.
    public func without(_ indices: [Int]) -> ImageFileList {
        if indices.isEmpty { return self }
        var kept = [Bool](repeating: true, count: count)
        for index in indices { kept[index] = false }
        return selection((0..<count).lazy.filter { kept[$0] })
    }

    /// Some of the files, in the order of their indices.
    func selection(_ indices: some Sequence<Int>) -> ImageFileList {
        var chosen = ImageFileColumns()
        for index in indices { chosen.append(columns, at: index, label: columns.labels[index]) }
        return ImageFileList(self, columns: chosen)
    }

    private static func spread(_ length: Int, over range: Range<Int>) -> [Int] {
        (0..<length).map { range.lowerBound + $0 * range.count / length }
    }

    /// The first index whose label meets a condition that all later ones meet too; `count` where none does.
    private func firstIndex(_ meets: (Int) -> Bool) -> Int {
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = meets(label(at: middle)) ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return range.lowerBound
    }
}
