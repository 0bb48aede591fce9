/// What a phase of a run will take on this machine.
public struct PhaseEstimate: Hashable, Sendable {
    /// "warm-up", "candidates", …
    public let name: String
    /// How much of what it does: 4685 "steps".
    public let count: Int
    public let unit: String
    public let seconds: Double
    /// What the run has allocated at the most in this phase, in bytes.
    public let memoryBytes: Int

    public init(name: String, count: Int, unit: String, seconds: Double, memoryBytes: Int) {
        self.name = name
        self.count = count
        self.unit = unit
        self.seconds = seconds
        self.memoryBytes = memoryBytes
    }

    /// The same several times.
    public func repeated(_ times: Int) -> PhaseEstimate {
        PhaseEstimate(name: name, count: times * count, unit: unit, seconds: Double(times) * seconds, memoryBytes: memoryBytes)
    }
}
