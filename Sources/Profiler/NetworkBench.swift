import Architectures

/// Times whole networks while they run, each operator where it stands: after the one that writes its input, and one
/// pass of the network after its weights were last read. Caches are then in the state in which they are in use,
/// which no operator that runs alone finds.
struct NetworkBench {
    /// What a visit to a network came to, in nanoseconds: medians over its passes.
    struct Times: Hashable, Sendable {
        /// Of every operator, in order; empty where only whole passes were timed.
        var operators: [Double]
        /// Of every layer.
        var layers: [Double]
        /// Of a whole pass.
        var network: Double
        /// Of the reference operator, before and after.
        var reference: [Double]
    }

    let runtime: any InferenceRuntime
    let clock: MonotonicClock
    let settings: ProfilingSettings
    private let reference: any PreparedNetwork

    /// A matrix product that computes little and writes much: work on the core's other thread, or in the caches that it
    /// shares, slows it down by a third or more before it slows down most others, and so does a lower clock.
    private static let referenceOperator = Operator.convolution(
        kernel: 1, stride: 1, input: FeatureShape(height: 56, width: 56, channels: 8), outputChannels: 24,
        activation: .relu)

    init(runtime: any InferenceRuntime, clock: MonotonicClock, settings: ProfilingSettings) throws {
        self.runtime = runtime
        self.clock = clock
        self.settings = settings
        reference = try runtime.prepare(Network(of: Self.referenceOperator))
    }

    /// Makes a network ready, runs it until the visit's time is over, and forgets it: the next visit finds it in other
    /// memory.
    ///
    /// - Parameter eachOperator: whether operators and layers are timed, or only whole passes.
    func visit(_ network: Network, eachOperator: Bool) throws -> Times {
        let prepared = try runtime.prepare(network)
        let before = try referenceTime()
        for _ in 0..<settings.warmUpPasses { try prepared.run {} }
        let counts = network.layers.map(\.operators.count)
        let marks = eachOperator ? counts.reduce(0, +) : 0
        // The readings of a pass: its start, then the end of every operator, or of the pass.
        let readings = eachOperator ? marks + 1 : 2
        var times: [Int] = []
        times.reserveCapacity(readings * 50)
        let end = clock.now() + Int(settings.visitSeconds * 1e9)
        var passes = 0
        repeat {
            times.append(clock.now())
            if eachOperator {
                try prepared.run { times.append(clock.now()) }
            } else {
                try prepared.run {}
                times.append(clock.now())
            }
            passes += 1
        } while passes < settings.minimumPasses || clock.now() < end
        let after = try referenceTime()

        let cost = clock.cost
        func median(from first: Int, to last: Int, readings marks: Int) -> Double {
            SampleMedian((0..<passes).map { pass in
                Double(times[pass * readings + last] - times[pass * readings + first]) - Double(marks) * cost
            }).median
        }
        var layers: [Double] = []
        if eachOperator {
            var start = 0
            for count in counts {
                layers.append(count == 0 ? 0 : median(from: start, to: start + count, readings: count))
                start += count
            }
        }
        return Times(
            operators: (0..<marks).map { median(from: $0, to: $0 + 1, readings: 1) }, layers: layers,
            network: median(from: 0, to: readings - 1, readings: readings - 1), reference: [before, after])
    }

    private func referenceTime() throws -> Double {
        for _ in 0..<3 { try reference.run {} }
        return SampleMedian(try (0..<11).map { _ in
            let start = clock.now()
            try reference.run {}
            return Double(clock.now() - start)
        }).median
    }
}
