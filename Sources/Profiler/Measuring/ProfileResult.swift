import Architectures
import Files

/// The result of a profiling: a latency of every block and of every operator of its plan.
public struct ProfileResult: Hashable, Sendable {
    /// The latencies from which a network's latency is summed.
    public enum Table: String, Hashable, Sendable, CaseIterable {
        /// Blocks, and the operators of layers that are no blocks.
        case blocks
        /// Operators only.
        case operators
    }

    /// Statistics of the measuring.
    public struct Course: Hashable, Sendable {
        /// Measurements whose 95 % confidence interval is as narrow as requested.
        public let settled: Int
        /// The measuring time of the last run.
        public let seconds: Double
        public let steadiness: Steadiness
        /// The number of visits to networks.
        public var visits: Int { steadiness.visits }
        /// Visits of which no pass counts, because the reference operator was not at its level.
        public var disturbedVisits: Int { steadiness.disturbedVisits }
    }

    public let measurements: [Measurement]
    /// The subjects that were visited too rarely to know their latency.
    public let unmeasured: [Refusal]
    public let runtime: RuntimeFacts
    /// The state when measuring began.
    public let machine: MachineState
    public let course: Course
    private let latencies: [String: Double]

    init(
        measurements: [Measurement], unmeasured: [Refusal], runtime: RuntimeFacts, machine: MachineState,
        course: Course
    ) {
        self.measurements = measurements
        self.unmeasured = unmeasured
        self.runtime = runtime
        self.machine = machine
        self.course = course
        latencies = Dictionary(
            measurements.map { ($0.subject.key, $0.latencyMs) }, uniquingKeysWith: { first, _ in first })
    }

    /// The measurements that are marked as uncertain.
    public var uncertain: [Measurement] { measurements.filter(\.isUncertain) }

    /// The machine and its steadiness, in the form of a profile.
    public var machineJSON: JSON {
        guard case .object(let machine) = machine.json, case .object(let steadiness) = course.steadiness.json else {
            return nil
        }
        return .object(machine + steadiness)
    }

    /// The sum of the latencies of a network's parts; nil where one was not measured.
    public func latencyMs(of network: Network, from table: Table) -> Double? {
        var sum = 0.0
        for layer in network.layers {
            if table == .blocks, let latency = latencies[layer.key] {
                sum += latency
            } else {
                if table == .blocks, case .block = layer.content { return nil }
                for step in layer.operators {
                    guard let latency = latencies[step.key] else { return nil }
                    sum += latency
                }
            }
        }
        return sum
    }
}
