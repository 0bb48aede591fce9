/// The 64-bit hash that decides which files are held out: FNV-1a (Fowler, Noll and Vo; RFC 9923) over the bytes of
/// `class/…/name`, then the final mix of MurmurHash3 (Appleby's fmix64), because the high bits of FNV-1a depend little on
/// the last bytes of a text.
///
///     var hash = PathHash()
///     "cat/0001.jpg".utf8.forEach { hash.add($0) }
///     hash.isHeldOut(0.1)   // true of one path in ten
public struct PathHash: Sendable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    /// Adds a byte at the end.
    public mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// The hash of the bytes so far.
    public var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }

    /// Whether the file with that path is among the share that is held out: its hash, as a fraction of 2⁶⁴ with 53 bits,
    /// is below `share`.
    public func isHeldOut(_ share: Double) -> Bool { Double(value >> 11) * 0x1p-53 < share }
}
