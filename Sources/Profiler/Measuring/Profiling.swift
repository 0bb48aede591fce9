import Architectures

/// Measures everything in a plan.
///
/// Networks of the plan are visited in random order, again and again. A visit prepares one in new memory, warms up, and
/// times every operator in some passes. A visit's value of an operator or a block is the median over its passes, and
/// the table's value is the median over the visits: a slow minute then affects everything equally, and a value holds
/// for many neighbours and many places in memory. A reference operator is timed between passes; passes during which the
/// machine was not at its usual speed do not count.
///
///     let runtime = try XNNPACKRuntime(threads: 1)
///     let profiling = Profiling(plan: ProfilingPlan(space: space), runtime: runtime)
///     let result = try profiling.run(journal: "mine.json.partial.jsonl")
///     let sum = result.latencyMs(of: architecture.network, from: .blocks)
public struct Profiling {
    /// The progress of a profiling.
    public struct Progress: Hashable, Sendable {
        /// The number of visits, including those of an earlier run.
        public let visits: Int
        /// The number of subjects whose confidence interval is narrow enough.
        public let settled: Int
        public let subjects: Int
        /// From 0 to 1: the part of the work or of the time that is done, whichever is larger.
        public let fraction: Double
        /// How unsteady the machine is, known after a few seconds; nil while it is steady.
        public let unsteadiness: Steadiness?
    }

    /// The operator that is timed repeatedly to detect whether the machine is steady.
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

    /// Measures until every median is precise enough or the budget is spent.
    ///
    /// Medians that are not precise enough by then are marked as uncertain. Impossible values are refused, and so is a
    /// profiling without any value.
    ///
    /// - Parameters:
    ///   - path: of a file to which every finished visit is written, and from which a stopped run resumes.
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
        // A resumed run does not repeat the order of the first.
        var random = SplitMix64(seed: settings.seed &+ UInt64(log.visits.count))
        let start = clock.now()
        func seconds() -> Double { Double(clock.now() - start) / 1e9 }
        var found = log.statistics(subjects: plan.subjects.count)
        var counts = found.samples.map { $0?.count ?? 0 }
        while !settings.isSettled(found), seconds() < settings.budgetSeconds {
            let network = plan.network(
                counts: counts, isSettled: found.samples.map(settings.isSettled), using: &random)
            let visit = plan.visit(to: network, try bench.visit(network, eachOperator: true))
            try journal?.append(visit)
            log.add(visit)
            for subject in visit.subjects { counts[subject] += 1 }
            if log.isWorthLooking {
                found = log.statistics(subjects: plan.subjects.count)
                counts = found.samples.map { $0?.count ?? 0 }
            }
            let work = settings.progress(found.samples)
            let isTold = seconds() >= settings.steadinessSeconds && !found.steadiness.isSteady
            try progress(
                Progress(
                    visits: log.visits.count, settled: found.samples.count(where: settings.isSettled),
                    subjects: found.samples.count, fraction: min(1, max(work, seconds() / settings.budgetSeconds)),
                    unsteadiness: isTold ? found.steadiness : nil))
        }
        return try result(log.statistics(subjects: plan.subjects.count), seconds: seconds())
    }

    private func result(_ found: VisitLog.Statistics, seconds: Double) throws -> ProfileResult {
        let limit = ArithmeticLimit(
            vectorBits: machine.vectorBits, threads: runtime.facts.threads, dataType: runtime.facts.dataType)
        let outcomes = zip(plan.subjects, found.samples).map { subject, sample in
            settings.outcome(sample, of: subject.key, macs: subject.macs, limit: limit)
        }
        let impossible = outcomes.compactMap { outcome in
            if case .impossible(let refusal) = outcome { refusal } else { nil }
        }
        if !impossible.isEmpty { throw ProfilingError.refused(impossible) }
        let unknown = outcomes.compactMap { if case .unknown(let refusal) = $0 { refusal } else { nil } }
        let measurements = zip(plan.subjects, outcomes).compactMap { subject, outcome -> Measurement? in
            guard case .known(let sample, let interval, let isUncertain) = outcome else { return nil }
            return Measurement(
                subject: subject, latencyMs: sample.median / 1e6, deviationMs: sample.deviation / 1e6,
                count: sample.count, intervalMs: max(0, interval.lowerBound) / 1e6...interval.upperBound / 1e6,
                isUncertain: isUncertain || found.steadiness.hasNoLevel)
        }
        if measurements.isEmpty {
            throw found.steadiness.hasNoLevel ? ProfilingError.unsteady(found.steadiness) : .refused(unknown)
        }
        return ProfileResult(
            measurements: measurements, unmeasured: unknown, runtime: runtime.facts, machine: machine,
            course: ProfileResult.Course(
                settled: found.samples.count(where: settings.isSettled), seconds: seconds,
                steadiness: found.steadiness))
    }

    private var identity: String {
        [plan.identity, runtime.facts.json.text(pretty: false), machine.identity].joined(separator: "\n")
    }
}
