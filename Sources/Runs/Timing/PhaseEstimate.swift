/// The predicted time and memory of a phase of a run on this machine.
public struct PhaseEstimate: Hashable, Sendable {
    /// "warm-up", "candidates", …
    public let name: String
    /// The amount of its work: 4685 "steps".
    public let count: Int
    public let unit: String
    public let seconds: Double
    /// The run's peak memory in this phase, in bytes.
    public let memoryBytes: Int

    public init(name: String, count: Int, unit: String, seconds: Double, memoryBytes: Int) {
        self.name = name
        self.count = count
        self.unit = unit
        self.seconds = seconds
        self.memoryBytes = memoryBytes
    }

    /// The same phase several times.
    public func repeated(_ times: Int) -> PhaseEstimate {
        PhaseEstimate(name: name, count: times * count, unit: unit, seconds: Double(times) * seconds, memoryBytes: memoryBytes)
    }
}
