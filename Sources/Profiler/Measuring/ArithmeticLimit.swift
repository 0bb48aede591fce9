/// How fast float32 multiply-accumulates can be done at all: what is faster has not been computed.
public struct ArithmeticLimit: Hashable, Sendable {
    public let macsPerNanosecond: Double

    public init(macsPerNanosecond: Double) { self.macsPerNanosecond = macsPerNanosecond }

    /// Of any device that a table may come from: a thousand million million a second.
    public static let anyDevice = ArithmeticLimit(macsPerNanosecond: 1e6)

    /// Of so many cores with vectors of so many bits, each starting at most two 512-bit or four narrower multiply-adds
    /// a cycle, at 6 GHz.
    public init(vectorBits: Int, threads: Int) {
        let lanes = vectorBits / 32 * (vectorBits > 256 ? 2 : 4)
        self.init(macsPerNanosecond: 6 * Double(lanes * threads))
    }

    /// The shortest time for that many multiply-accumulates, in milliseconds.
    public func leastMs(macs: Int) -> Double { Double(macs) / macsPerNanosecond / 1e6 }
}
