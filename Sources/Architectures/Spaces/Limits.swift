/// Limits for search spaces and architectures that are read from files. They are far beyond any real network, and
/// small enough that no count of values or multiply-accumulates overflows 64 bits.
package enum Limits {
    package static let imageSide = 1...8192
    package static let channels = 1...65536
    package static let classes = 1...65536
    package static let kernel = 1...31
    package static let stride = 1...2
    /// Expansions of a search space, which are whole numbers.
    package static let expansion = 1...32
    /// Expansions of a block, which may be fractions.
    package static let blockExpansion = 0.125...32
    package static let seRatio = 0.0...8
    package static let stages = 1...16
    package static let layersPerStage = 1...64
    package static let layers = 1...1024
    /// Values in one feature map.
    package static let featureMap = Int(Int32.max)
    /// Multiply-accumulates of a network, so that no sum over its parts overflows 64 bits.
    package static let macs = 1 << 60
}
