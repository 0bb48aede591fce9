import Architectures
import Files

/// What a profiling came to: a latency of every block and of every operator of its plan.
public struct ProfileResult: Hashable, Sendable {
    /// Which of the latencies a network's is summed from.
    public enum Table: String, Hashable, Sendable, CaseIterable {
        /// Blocks, and the operators of layers that are none.
        case blocks
        /// Operators only.
        case operators
    }

    public let measurements: [Measurement]
    public let runtime: RuntimeFacts
    /// As it was when measuring began.
    public let machine: MachineState
    /// Networks visited.
    public let visits: Int
    /// Visits of which no pass counts, because the reference operator was off.
    public let disturbedVisits: Int
    /// Measurements whose 95 % confidence interval is as narrow as was asked for.
    public let settled: Int
    /// How long the last run measured.
    public let seconds: Double
    private let latencies: [String: Double]

    public init(
        measurements: [Measurement], runtime: RuntimeFacts, machine: MachineState, visits: Int, disturbedVisits: Int,
        settled: Int, seconds: Double
    ) {
        self.measurements = measurements
        self.runtime = runtime
        self.machine = machine
        self.visits = visits
        self.disturbedVisits = disturbedVisits
        self.settled = settled
        self.seconds = seconds
        latencies = Dictionary(
            measurements.map { ($0.subject.key, $0.latencyMs) }, uniquingKeysWith: { first, _ in first })
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

    public var json: JSON {
        [
            "runtime": runtime.json, "machine": machine.json, "visits": .integer(visits),
            "disturbed_visits": .integer(disturbedVisits), "settled": .integer(settled), "seconds": .number(seconds),
            "blocks": .array(measurements.filter(\.isOfBlock).map(\.json)),
            "operators": .array(measurements.filter { !$0.isOfBlock }.map(\.json)),
        ]
    }
}

extension Measurement {
    fileprivate var isOfBlock: Bool { if case .block = subject { true } else { false } }
}
