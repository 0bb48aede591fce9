import Architectures

/// Measures whole networks from end to end, with the same care as `Profiling` and nothing between their operators.
public struct NetworkTiming {
    /// How far a timing is.
    public struct Progress: Hashable, Sendable {
        public let visits: Int
        public let settled: Int
        public let networks: Int
        /// From 0 to 1: of the work or of the time, whichever is further.
        public let fraction: Double
        /// As of a profiling.
        public let unsteadiness: Steadiness?
    }

    /// What one network takes.
    public struct Result: Hashable, Sendable {
        /// The median over visits.
        public let latencyMs: Double
        /// The median absolute deviation.
        public let deviationMs: Double
        /// Visits.
        public let count: Int
        /// Holds the true median with 95 % confidence, in milliseconds.
        public let interval: ClosedRange<Double>
        /// Whether the interval is wide, or the machine was not steady.
        public let isUncertain: Bool
    }

    public let runtime: any InferenceRuntime
    public let settings: ProfilingSettings
    private let machine: MachineState
    private let clock: MonotonicClock

    public init(
        runtime: any InferenceRuntime, settings: ProfilingSettings = ProfilingSettings(),
        machine: MachineState = .current, clock: MonotonicClock = .system
    ) {
        self.runtime = runtime
        self.settings = settings
        self.machine = machine
        self.clock = clock
    }

    /// Measures all networks in turn, in an order drawn anew each round, until every one is known well enough or the
    /// budget is spent.
    ///
    /// - Returns: one for each network.
    /// - Throws: `ProfilingError`, and what `progress` throws.
    public func run(_ networks: [Network], progress: (Progress) throws -> Void = { _ in }) throws -> [Result] {
        let bench = try NetworkBench(runtime: runtime, clock: clock, settings: settings)
        var log = VisitLog(settings: settings)
        var random = SplitMix64(seed: settings.seed)
        let start = clock.now()
        func seconds() -> Double { Double(clock.now() - start) / 1e9 }
        var found = log.statistics(subjects: networks.count)
        while !settings.isSettled(found), seconds() < settings.budgetSeconds {
            // Where there is no level to go by, what looks settled is not.
            let open = networks.indices.filter {
                found.steadiness.hasNoLevel || !settings.isSettled(found.samples[$0])
            }
            for index in open.shuffled(using: &random) where seconds() < settings.budgetSeconds {
                let segments = try bench.visit(networks[index], eachOperator: false)
                log.add(
                    VisitLog.Visit(
                        subjects: [index],
                        segments: segments.map {
                            VisitLog.Segment(values: [$0.network], reference: $0.reference, waiting: $0.waiting)
                        }))
                if log.isWorthLooking { found = log.statistics(subjects: networks.count) }
                let work = settings.progress(found.samples)
                let isTold = seconds() >= settings.steadinessSeconds && !found.steadiness.isSteady
                try progress(
                    Progress(
                        visits: log.visits.count, settled: found.samples.count(where: settings.isSettled),
                        networks: networks.count, fraction: min(1, max(work, seconds() / settings.budgetSeconds)),
                        unsteadiness: isTold ? found.steadiness : nil))
            }
        }
        found = log.statistics(subjects: networks.count)
        let limit = ArithmeticLimit(vectorBits: machine.vectorBits, threads: runtime.facts.threads)
        let outcomes = zip(networks, found.samples).map { network, sample in
            settings.outcome(sample, of: network.name, macs: network.macs, limit: limit)
        }
        let refusals = outcomes.compactMap { outcome in
            switch outcome {
            case .impossible(let refusal), .unknown(let refusal): refusal
            case .known: nil
            }
        }
        if !refusals.isEmpty { throw ProfilingError.refused(refusals) }
        return outcomes.compactMap { outcome in
            guard case .known(let sample, let interval, let isUncertain) = outcome else { return nil }
            return Result(
                latencyMs: sample.median / 1e6, deviationMs: sample.deviation / 1e6, count: sample.count,
                interval: max(0, interval.lowerBound) / 1e6...interval.upperBound / 1e6,
                isUncertain: isUncertain || found.steadiness.hasNoLevel)
        }
    }
}
