import HardwareProfiles

/// An upper bound on the rate of multiply-accumulates: a faster measurement must be wrong.
public struct ArithmeticLimit: Hashable, Sendable {
    public let macsPerNanosecond: Double

    public init(macsPerNanosecond: Double) { self.macsPerNanosecond = macsPerNanosecond }

    /// The bound for any device that a table may come from: 10¹⁵ a second.
    public static let anyDevice = ArithmeticLimit(macsPerNanosecond: 1e6)

    /// The bound for so many cores with vectors of so many bits: each core starts at most two 512-bit or four narrower
    /// multiply-adds a cycle, at 6 GHz.
    public init(vectorBits: Int, threads: Int, dataType: Runtime.DataType = .float32) {
        let lanes = vectorBits / 8 / dataType.bytes * (vectorBits > 256 ? 2 : 4)
        self.init(macsPerNanosecond: 6 * Double(lanes * threads))
    }

    /// The shortest time for that many multiply-accumulates, in milliseconds.
    public func leastMs(macs: Int) -> Double { Double(macs) / macsPerNanosecond / 1e6 }
}
