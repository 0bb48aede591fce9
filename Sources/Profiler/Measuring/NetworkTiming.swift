import Architectures

/// Measures whole networks end to end, by the method of `Profiling` but without clock readings between operators.
public struct NetworkTiming {
    /// The progress of a timing.
    public struct Progress: Hashable, Sendable {
        public let visits: Int
        public let settled: Int
        public let networks: Int
        /// From 0 to 1: the part of the work or of the time that is done, whichever is larger.
        public let fraction: Double
        /// As in `Profiling.Progress`.
        public let unsteadiness: Steadiness?
    }

    /// The time of one network.
    public struct Result: Hashable, Sendable {
        /// The median over visits.
        public let latencyMs: Double
        /// The median absolute deviation.
        public let deviationMs: Double
        /// The number of visits.
        public let count: Int
        /// The 95 % confidence interval of the median, in milliseconds.
        public let interval: ClosedRange<Double>
        /// Whether the interval is wide, or the machine was not steady.
        public let isUncertain: Bool
    }

    public let settings: ProfilingSettings
    private let makeBench: () throws -> any Bench
    private let machine: MachineState
    private let clock: MonotonicClock

    public init(
        runtime: any InferenceRuntime, settings: ProfilingSettings = ProfilingSettings(),
        machine: MachineState = .current(), clock: MonotonicClock = .system
    ) {
        self.settings = settings
        self.machine = machine
        self.clock = clock
        makeBench = { try NetworkBench(runtime: runtime, clock: clock, settings: settings) }
    }

    /// A timing on a device that commands are sent to.
    public init(
        bench: RemoteBench, settings: ProfilingSettings = ProfilingSettings(), clock: MonotonicClock = .system
    ) {
        self.settings = settings
        self.clock = clock
        machine = bench.machine
        makeBench = { bench }
    }

    /// Measures all networks in turn, in a new random order each round, until every median is precise enough or the
    /// budget is spent.
    ///
    /// - Returns: one for each network.
    /// - Throws: `ProfilingError`, and what `progress` throws.
    public func run(_ networks: [Network], progress: (Progress) throws -> Void = { _ in }) throws -> [Result] {
        let bench = try makeBench()
        var log = VisitLog(settings: settings)
        var random = SplitMix64(seed: settings.seed)
        let start = clock.now()
        func seconds() -> Double { Double(clock.now() - start) / 1e9 - bench.waitedSeconds }
        var found = log.statistics(subjects: networks.count)
        while !settings.isSettled(found), seconds() < settings.budgetSeconds {
            // Without a reference level, narrow intervals prove nothing.
            let open = networks.indices.filter {
                found.steadiness.hasNoLevel || !settings.isSettled(found.samples[$0])
            }
            for index in random.shuffled(open) where seconds() < settings.budgetSeconds {
                let segments = try bench.visit(networks[index], eachOperator: false)
                log.add(VisitLog.Visit(subjects: [index], segments: segments.map { VisitLog.Segment(whole: $0) }))
                if log.isWorthLooking { found = log.statistics(subjects: networks.count) }
                let work = settings.progress(found)
                let isTold = seconds() >= settings.steadinessSeconds && !found.steadiness.isSteady
                try progress(
                    Progress(
                        visits: log.visits.count, settled: found.samples.count(where: settings.isSettled),
                        networks: networks.count, fraction: min(1, max(work, seconds() / settings.budgetSeconds)),
                        unsteadiness: isTold ? found.steadiness : nil))
            }
        }
        found = log.statistics(subjects: networks.count, isLast: true)
        let limit = ArithmeticLimit(
            vectorBits: machine.vectorBits, threads: bench.facts.threads, dataType: bench.facts.dataType)
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
                isUncertain: isUncertain)
        }
    }
}
