/// The consumers of a run's random numbers; each has its own stream.
package enum RandomStream {
    package static let weights: UInt64 = 1
    package static let dropout: UInt64 = 2
    package static let warmUp: UInt64 = 3
    package static let candidates: UInt64 = 4
    package static let credit: UInt64 = 5
}
