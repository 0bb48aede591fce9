import Architectures

/// Measures everything in a plan.
///
/// Networks of the plan are visited in random order, again and again; a visit makes one ready in new memory, warms up,
/// and times every operator in some passes. What a visit says of an operator or a block is the median over its passes,
/// and what the table says is the median over the visits: a slow minute then spreads over everything, and a value
/// holds for many neighbours and many places in memory. Between passes a reference operator is timed; passes during
/// which the machine was slower than it can be do not count.
///
///     let runtime = try XNNPACKRuntime(threads: 1)
///     let profiling = Profiling(plan: ProfilingPlan(space: space), runtime: runtime)
///     let result = try profiling.run(journal: "mine.json.partial.jsonl")
///     let sum = result.latencyMs(of: architecture.network, from: .blocks)
public struct Profiling {
    /// How far a profiling is.
    public struct Progress: Hashable, Sendable {
        /// Networks visited, those of an earlier run included.
        public let visits: Int
        /// Subjects whose confidence interval is narrow enough.
        public let settled: Int
        public let subjects: Int
        /// From 0 to 1: of the work or of the time, whichever is further.
        public let fraction: Double
    }

    /// What is timed again and again to tell whether the machine is steady.
    public static var referenceOperator: Operator { NetworkBench.referenceOperator }

    public let plan: ProfilingPlan
    public let runtime: any InferenceRuntime
    public let settings: ProfilingSettings
    private let machine: MachineState
    private let clock: MonotonicClock

    public init(
        plan: ProfilingPlan, runtime: any InferenceRuntime, settings: ProfilingSettings = ProfilingSettings(),
        machine: MachineState = .current, clock: MonotonicClock = .system
    ) {
        self.plan = plan
        self.runtime = runtime
        self.settings = settings
        self.machine = machine
        self.clock = clock
    }

    /// About how many seconds `run` takes from the start, at most the budget: from two passes of the heaviest network.
    public func estimatedSeconds() throws -> Double {
        let start = clock.now()
        let network = try runtime.prepare(plan.heaviestNetwork)
        try network.run {}
        let middle = clock.now()
        try network.run {}
        let pass = Double(clock.now() - middle) / 1e9
        let timed = max(settings.visitSeconds, Double(settings.minimumPasses) * pass)
        let visit = Double(middle - start) / 1e9 + Double(settings.warmUpPasses) * pass + timed
        return min(settings.budgetSeconds, visit * plan.networksPerRound * Double(2 * settings.minimumVisits))
    }

    /// Measures until everything is known well enough or the budget is spent.
    ///
    /// - Parameters:
    ///   - path: of a file that every finished visit is written to, and from which a run that was stopped goes on.
    ///   - progress: called after every visit; what it throws stops the run, and the visit is kept.
    ///   - begin: called once before anything is measured, with the number of visits that were kept.
    /// - Throws: `ProfilingError`, `FileError`, and what `begin` and `progress` throw.
    public func run(
        journal path: String? = nil, progress: (Progress) throws -> Void = { _ in },
        begin: (Int) throws -> Void = { _ in }
    ) throws -> ProfileResult {
        let bench = try NetworkBench(runtime: runtime, clock: clock, settings: settings)
        var log = VisitLog(settings: settings)
        var journal: ProfilingJournal?
        if let path {
            let kept = try ProfilingJournal.resume(path, identity: identity, subjects: plan.subjects.count)
            journal = kept.journal
            for visit in kept.visits { log.add(visit) }
        }
        try begin(log.visits.count)
        // A run that goes on does not repeat the order of the first.
        var random = SplitMix64(seed: settings.seed &+ UInt64(log.visits.count))
        let start = clock.now()
        func seconds() -> Double { Double(clock.now() - start) / 1e9 }
        var (samples, disturbed) = log.statistics(subjects: plan.subjects.count)
        var counts = samples.map { $0?.count ?? 0 }
        while !samples.allSatisfy(settings.isSettled), seconds() < settings.budgetSeconds {
            let network = plan.network(counts: counts, isSettled: samples.map(settings.isSettled), using: &random)
            let visit = plan.visit(to: network, try bench.visit(network, eachOperator: true))
            try journal?.append(visit)
            log.add(visit)
            for subject in visit.subjects { counts[subject] += 1 }
            if log.isWorthLooking {
                (samples, disturbed) = log.statistics(subjects: plan.subjects.count)
                counts = samples.map { $0?.count ?? 0 }
            }
            let work = settings.progress(samples)
            try progress(
                Progress(
                    visits: log.visits.count, settled: samples.count(where: settings.isSettled),
                    subjects: samples.count, fraction: min(1, max(work, seconds() / settings.budgetSeconds))))
        }
        (samples, disturbed) = log.statistics(subjects: plan.subjects.count)
        try log.checkSteadiness(disturbedVisits: disturbed)
        return try result(samples, visits: log.visits.count, disturbedVisits: disturbed, seconds: seconds())
    }

    private func result(
        _ samples: [SampleMedian?], visits: Int, disturbedVisits: Int, seconds: Double
    ) throws -> ProfileResult {
        let limit = ArithmeticLimit(vectorBits: machine.vectorBits, threads: runtime.facts.threads)
        let refusals = zip(plan.subjects, samples).compactMap { subject, sample in
            Refusal.Reason(sample, macs: subject.macs, limit: limit, settings: settings).map {
                Refusal(name: subject.key, reason: $0)
            }
        }
        if !refusals.isEmpty { throw ProfilingError.refused(refusals) }
        return ProfileResult(
            measurements: zip(plan.subjects, samples).compactMap { subject, sample in
                sample.map {
                    Measurement(
                        subject: subject, latencyMs: $0.median / 1e6, deviationMs: $0.deviation / 1e6, count: $0.count)
                }
            },
            runtime: runtime.facts, machine: machine, visits: visits, disturbedVisits: disturbedVisits,
            settled: samples.count(where: settings.isSettled), seconds: seconds)
    }

    private var identity: String {
        [plan.identity, runtime.facts.json.text(pretty: false), machine.identity].joined(separator: "\n")
    }
}
