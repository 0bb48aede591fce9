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

    /// Moves files to the ends of two lists, in the given orders: column by column, so that of a class with a million files
    /// only one column is there twice.
    ///
    /// - Parameters:
    ///   - indices: those that go to the first list, and those that go to the second; the others are dropped.
    mutating func move(
        _ indices: (first: [Int32], second: [Int32]), to first: inout Self, and second: inout Self, label: UInt16
    ) {
        func move<Value>(_ column: WritableKeyPath<Self, [Value]>) {
            var values: [Value] = []
            swap(&values, &self[keyPath: column])
            func append(_ indices: [Int32], to target: inout [Value]) {
                Self.makeRoom(for: indices.count, in: &target)
                for index in indices { target.append(values[Int(index)]) }
            }
            append(indices.first, to: &first[keyPath: column])
            append(indices.second, to: &second[keyPath: column])
        }
        move(\.sizes)
        move(\.modified)
        for index in labels.indices { labels[index] = label }
        move(\.labels)
        first.appendNames(self, indices.first)
        second.appendNames(self, indices.second)
        self = Self()
    }

    private mutating func appendNames(_ other: Self, _ indices: [Int32]) {
        Self.makeRoom(for: indices.count, in: &ends)
        Self.makeRoom(for: indices.reduce(0) { $0 + other.range(of: Int($1)).count }, in: &names)
        for index in indices {
            names += other.names[other.range(of: Int(index))]
            ends.append(names.count)
        }
    }

    /// Makes an array as large as it will be, where it would grow so much that it is copied anyhow.
    private static func makeRoom<Value>(for count: Int, in array: inout [Value]) {
        if count > array.count { array.reserveCapacity(array.count + count) }
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
