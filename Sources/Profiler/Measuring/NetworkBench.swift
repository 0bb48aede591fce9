import Architectures
import HardwareProfiles

/// Times the operators of whole networks in place: each runs after the one that writes its input, and one pass of the
/// network after its weights were last read. The caches are then in a realistic state, unlike those of an operator
/// that runs alone.
struct NetworkBench: Bench {
    let runtime: any InferenceRuntime
    let clock: MonotonicClock
    let settings: ProfilingSettings
    private let reference: any PreparedNetwork

    /// A matrix product that computes little and writes much. Work on the core's other thread, or in shared caches,
    /// slows it down by two fifths, more than most operators; so does a lower clock. It leaves most of the caches to
    /// the network.
    static let referenceOperator = Operator.convolution(
        kernel: 1, stride: 1, input: FeatureShape(height: 30, width: 30, channels: 8), outputChannels: 24,
        activation: .relu)

    init(runtime: any InferenceRuntime, clock: MonotonicClock, settings: ProfilingSettings) throws {
        self.runtime = runtime
        self.clock = clock
        self.settings = settings
        reference = try runtime.prepare(Network(of: Self.referenceOperator))
    }

    var facts: RuntimeFacts { runtime.facts }
    var timesOperators: Bool { true }
    var launch: Double { 0 }
    var waitedSeconds: Double { 0 }

    /// From two passes.
    func estimatedVisitSeconds(_ network: Network) throws -> Double {
        let start = clock.now()
        let prepared = try runtime.prepare(network)
        try prepared.run {}
        let middle = clock.now()
        try prepared.run {}
        let pass = Double(clock.now() - middle) / 1e9
        let timed = max(settings.visitSeconds, Double(settings.minimumPasses) * pass)
        return Double(middle - start) / 1e9 + Double(settings.warmUpPasses) * pass + timed
    }

    /// Prepares a network, runs it until the visit's time is over, and frees it, so that the next visit uses other
    /// memory. Times the reference operator between two segments.
    ///
    /// - Parameter eachOperator: whether operators and layers are timed, or only whole passes.
    func visit(_ network: Network, eachOperator: Bool) throws -> [TimedSegment] {
        let prepared = try runtime.prepare(network)
        let counts = network.layers.map(\.operators.count)
        // The clock readings of a pass: its start, then the end of every operator, or of the pass.
        let readings = eachOperator ? counts.reduce(0, +) + 1 : 2
        let cost = clock.cost
        var times: [Int] = []
        times.reserveCapacity(readings * 50)
        for _ in 0..<settings.warmUpPasses { try prepared.run {} }
        var segments: [TimedSegment] = []
        var before = try referenceTime()
        var passes = 0
        let end = clock.now() + Int(settings.visitSeconds * 1e9)
        repeat {
            times.removeAll(keepingCapacity: true)
            let start = clock.now(), startBusy = clock.processorTime()
            let segmentEnd = start + Int(settings.segmentSeconds * 1e9)
            repeat {
                times.append(clock.now())
                if eachOperator {
                    try prepared.run { times.append(clock.now()) }
                } else {
                    try prepared.run {}
                    times.append(clock.now())
                }
                passes += 1
            } while clock.now() < segmentEnd
            let busy = clock.processorTime() - startBusy, passed = clock.now() - start
            let after = try referenceTime()
            segments.append(
                Self.segment(
                    times, readings: readings, operatorsOfLayers: eachOperator ? counts : [], readingCost: cost,
                    reference: [before, after], waiting: 1 - Double(busy) / Double(max(1, passed))))
            before = after
        } while passes < settings.minimumPasses || clock.now() < end
        return segments
    }

    private static func segment(
        _ times: [Int], readings: Int, operatorsOfLayers counts: [Int], readingCost: Double, reference: [Double],
        waiting: Double
    ) -> TimedSegment {
        func median(from first: Int, to last: Int) -> Double {
            stride(from: 0, to: times.count, by: readings).map { start in
                Double(times[start + last] - times[start + first]) - Double(last - first) * readingCost
            }.median
        }
        var layers: [Double] = []
        var start = 0
        for count in counts {
            layers.append(count == 0 ? 0 : median(from: start, to: start + count))
            start += count
        }
        return TimedSegment(
            operators: (0..<start).map { median(from: $0, to: $0 + 1) }, layers: layers,
            network: median(from: 0, to: readings - 1), reference: reference, waiting: max(0, waiting))
    }

    private func referenceTime() throws -> Double {
        for _ in 0..<3 { try reference.run {} }
        return try (0..<11).map { _ in
            let start = clock.now()
            try reference.run {}
            return Double(clock.now() - start)
        }.median
    }
}
