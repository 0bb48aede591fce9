/// The sizes of a block that a search decides on.
public struct BlockSize: Hashable, Sendable, CustomStringConvertible {
    /// The side of the depthwise kernel.
    public var kernel: Int
    /// The hidden width divided by the input's.
    public var expansion: Int

    public init(kernel: Int, expansion: Int) {
        self.kernel = kernel
        self.expansion = expansion
    }

    /// "3x3 e6".
    public var description: String { "\(kernel)x\(kernel) e\(expansion)" }

    /// Whether a block of this size contains one of the other size.
    func contains(_ other: BlockSize) -> Bool { kernel >= other.kernel && expansion >= other.expansion }
}
