import Training

extension ConvNet {
    /// What the pooling has a one for, which no prediction of memory counts.
    public var pooledPixels: Int { head.output.height * head.output.width }
}

extension ResumableRun {
    /// The bytes after the two lines that its checkpoint begins with.
    public func tensorBytes() throws -> Int {
        try stateBytes().split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)[2].count
    }
}
