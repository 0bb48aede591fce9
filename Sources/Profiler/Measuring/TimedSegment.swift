/// Some consecutive passes of a network, in nanoseconds: medians or means over them.
package struct TimedSegment: Hashable, Sendable {
    /// For every operator, in order; empty where only whole passes were timed.
    package var operators: [Double]
    /// For every layer; empty where only whole passes were timed.
    package var layers: [Double]
    /// For a whole pass.
    package var network: Double
    /// For the reference operator or network, before and after.
    package var reference: [Double]
    /// The part of the time in which something else ran on the thread's processor; 0 where it is not known.
    package var waiting: Double
}
