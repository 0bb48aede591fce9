/// The consumers of a run's random numbers, each with a stream of its own.
enum RandomStream {
    static let weights: UInt64 = 1
    static let dropout: UInt64 = 2
    static let warmUp: UInt64 = 3
    static let candidates: UInt64 = 4
}
