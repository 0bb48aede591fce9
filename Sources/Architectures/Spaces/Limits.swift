/// What a search space or an architecture read from a file may hold at most: far beyond any network that runs, and
/// small enough that no count of values or multiply-accumulates exceeds 64 bits.
enum Limits {
    static let imageSide = 1...8192
    static let channels = 1...65536
    static let classes = 1...65536
    static let kernel = 1...31
    static let stride = 1...2
    /// Of a search space, whose expansions are whole numbers.
    static let expansion = 1...32
    /// Of a block, whole or not.
    static let blockExpansion = 0.125...32
    static let seRatio = 0.0...8
    static let stages = 1...16
    static let layersPerStage = 1...64
    static let layers = 1...1024
    /// Values in one feature map.
    static let featureMap = Int(Int32.max)
}
