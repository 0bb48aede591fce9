/// Memory that grows to the largest size that was asked for, and stays.
final class ByteBuffer {
    private(set) var pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: 0)
    /// In bytes.
    private(set) var capacity = 0

    deinit { pointer.deallocate() }

    /// Makes room for `count` bytes. What the buffer held is lost where it has to grow, but for its first `kept` bytes.
    func reserve(_ count: Int, keeping kept: Int = 0) {
        guard count > capacity else { return }
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        larger.update(from: pointer, count: kept)
        pointer.deallocate()
        pointer = larger
        capacity = count
    }
}
