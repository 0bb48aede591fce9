/// The minimal work of a pass of a layer: its arithmetic, and its memory traffic if every map and tensor is moved once.
public struct Work: Hashable, Sendable {
    /// Multiply-accumulates.
    public var macs: Int
    /// Bytes read and written.
    public var bytes: Int

    public static let none = Work(macs: 0, bytes: 0)

    public init(macs: Int, bytes: Int) {
        self.macs = macs
        self.bytes = bytes
    }

    /// - Parameter values: the number of values, of 4 bytes, read and written.
    init(macs: Int = 0, values: Int) {
        self.init(macs: macs, bytes: values * MemoryLayout<Float>.stride)
    }

    public static func + (one: Work, other: Work) -> Work {
        Work(macs: one.macs + other.macs, bytes: one.bytes + other.bytes)
    }

    public static func += (total: inout Work, other: Work) { total = total + other }
}
