import COpenBLAS
import Glibc

/// A fixed number of float32 values in memory aligned to cache lines, zero at first.
///
/// A class because layers, optimisers and the threads of a pool all work on the same values: its identity
/// matters. Only one thread at a time may write a value; the layers ensure that by giving each thread its own range.
public final class Storage: @unchecked Sendable {
    /// The first value.
    public let pointer: UnsafeMutablePointer<Float>
    /// How many values there are.
    public let count: Int
    /// The owner of the memory that this is a piece of; nil for a storage with its own memory.
    private let owner: Storage?

    /// The size of a large page of memory, in bytes.
    private static let hugePage = 2 << 20

    /// - Parameter count: how many values; 0 is allowed.
    public init(count: Int) {
        require(count >= 0, "Storage: the count must not be negative, got \(count)")
        self.count = count
        owner = nil
        // Rounded up to whole lines with one to spare: vector loads of the last, partial vector stay inside.
        let bytes = ((count * MemoryLayout<Float>.stride + 63) / 64 + 1) * 64
        let isLarge = bytes >= Self.hugePage
        guard let memory = aligned_alloc(isLarge ? Self.hugePage : 64, bytes) else {
            fatalError("Storage: no memory for \(count) values")
        }
        // Streaming through a map enters a new 4 KiB page every few hundred cycles, and the page lookup costs a good
        // part of them, more in a virtual machine. Large pages avoid that; a system without them uses small ones.
        if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
        memset(memory, 0, bytes)
        pointer = memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    }

    /// A view of another storage's values from index `first` on, in its memory.
    ///
    /// - Parameter count: how many; nil for all that follow.
    init(in owner: Storage, from first: Int, count: Int? = nil) {
        let count = count ?? owner.count - first
        require(
            first >= 0 && count >= 0 && first + count <= owner.count,
            "Storage: no \(count) values from \(first) on among \(owner.count)")
        self.owner = owner
        pointer = owner.pointer + first
        self.count = count
    }

    /// The given values.
    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        write(values)
    }

    deinit { if owner == nil { free(pointer) } }

    /// A copy of the values.
    public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// Replaces all values; there must be as many as `count`.
    public func write(_ values: [Float]) {
        require(values.count == count, "Storage.write: expected \(count) values, got \(values.count)")
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: count) }
        }
    }

    /// Copies all values of another storage of the same size.
    public func copy(from other: Storage) {
        require(other.count == count, "Storage.copy: expected \(count) values, got \(other.count)")
        pointer.update(from: other.pointer, count: count)
    }

    /// Exchanges all values with another storage of the same size.
    public func swap(with other: Storage) {
        require(other.count == count, "Storage.swap: expected \(count) values, got \(other.count)")
        cblas_sswap(Int32(count), pointer, 1, other.pointer, 1)
    }

    /// Whether every value is a finite number.
    public var isFinite: Bool {
        // One infinity or NaN makes this sum NaN, and nothing else does.
        var sum: Float = 0
        for index in 0..<count { sum += pointer[index] * 0 }
        return sum == 0
    }

    /// Sets every value.
    public func fill(_ value: Float) {
        pointer.update(repeating: value, count: count)
    }

    public subscript(index: Int) -> Float {
        get {
            require(index >= 0 && index < count, "Storage: index \(index) of \(count)")
            return pointer[index]
        }
        set {
            require(index >= 0 && index < count, "Storage: index \(index) of \(count)")
            pointer[index] = newValue
        }
    }
}
