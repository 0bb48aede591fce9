/// Which images of a folder are kept for validation, where it has no folder for them.
///
/// Each file decides for itself, by a hash of its path from the folder on ("cats/one.jpg"), so that adding and removing
/// files moves none. The hash is FNV-1a of 64 bits (Fowler, Noll and Vo, 1991) with the finaliser of SplitMix64 (Steele, Lea
/// and Flood, 2014), because the upper bits of FNV-1a of short texts are not even.
public struct Holdout: Hashable, Sendable {
    /// The part of the images that is kept, above 0 and below 1.
    public let share: Double

    /// - Parameter share: the part of the images that is kept, above 0 and below 1.
    public init(share: Double = 0.1) {
        precondition(share > 0 && share < 1, "Holdout: a share of \(share)")
        self.share = share
    }

    /// Whether a file is kept for validation.
    ///
    /// - Parameter name: its path from the folder on, as UTF-8.
    package func keeps(_ name: some Sequence<UInt8>) -> Bool { Double(Self.hash(name)) < share * 0x1p64 }

    /// The hash of a text.
    package static func hash(_ name: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
