import Glibc

/// What is kept of each of many files: 26 bytes and its path in the class folder.
struct ImageFileColumns: Sendable {
    /// The paths from the class folder, one after the other, in UTF-8.
    private(set) var names: [UInt8] = []
    /// Where each path ends in `names`.
    private(set) var ends: [Int] = []
    private(set) var labels: [UInt16] = []
    /// In bytes.
    private(set) var sizes: [Int64] = []
    /// In nanoseconds since 1970.
    private(set) var modified: [Int64] = []

    var count: Int { ends.count }

    /// The bytes that the arrays take.
    var memoryBytes: Int { names.capacity + 8 * (ends.capacity + sizes.capacity + modified.capacity) + 2 * labels.capacity }

    /// The place of a path in `names`.
    func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Adds a file.
    ///
    /// - Parameters:
    ///   - folder: the path of its folder from the class folder, with a slash at its end; empty for the class folder.
    ///   - name: its own.
    mutating func append(folder: [UInt8], name: UnsafeRawBufferPointer, status: stat) {
        names += folder
        names += name
        ends.append(names.count)
        labels.append(0)
        sizes.append(Int64(status.st_size))
        modified.append(Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
    }

    /// Adds a file of other columns.
    mutating func append(_ other: ImageFileColumns, at index: Int, label: UInt16) {
        names += other.names[other.range(of: index)]
        ends.append(names.count)
        labels.append(label)
        sizes.append(other.sizes[index])
        modified.append(other.modified[index])
    }

    /// The indices in the order of the paths' bytes.
    var sortedIndices: [Int32] {
        names.withUnsafeBytes { names in
            (0..<Int32(count)).sorted { left, right in
                let (left, right) = (range(of: Int(left)), range(of: Int(right)))
                let difference = memcmp(
                    names.baseAddress! + left.lowerBound, names.baseAddress! + right.lowerBound,
                    min(left.count, right.count))
                return difference == 0 ? left.count < right.count : difference < 0
            }
        }
    }
}
