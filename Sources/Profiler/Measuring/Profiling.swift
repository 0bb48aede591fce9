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
    public let settings: ProfilingSettings
    private let makeBench: () throws -> any Bench
    private let machine: MachineState
    /// The processors that the device's program is bound to; nil where they are not chosen.
    private let cores: String?
    private let clock: MonotonicClock

    public init(
        plan: ProfilingPlan, runtime: any InferenceRuntime, settings: ProfilingSettings = ProfilingSettings(),
        machine: MachineState = .current(), clock: MonotonicClock = .system
    ) {
        self.plan = plan
        self.settings = settings
        self.machine = machine
        cores = nil
        self.clock = clock
        makeBench = { try NetworkBench(runtime: runtime, clock: clock, settings: settings) }
    }

    /// A profiling on a device that commands are sent to. Where its runner does not report operators, each operator and
    /// block is measured as a network of its own.
    public init(
        plan: ProfilingPlan, bench: RemoteBench, settings: ProfilingSettings = ProfilingSettings(),
        clock: MonotonicClock = .system
    ) {
        self.plan = plan
        self.settings = settings
        self.clock = clock
        machine = bench.machine
        cores = bench.cores
        makeBench = { bench }
    }

    /// About how many seconds `run` takes from the start, at most the budget.
    private func estimatedSeconds(on bench: any Bench) throws -> Double {
        let visit = try bench.estimatedVisitSeconds(plan.heaviestNetwork)
        let round = bench.timesOperators ? plan.networksPerRound : Double(plan.subjects.count)
        return min(settings.budgetSeconds, visit * round * Double(2 * settings.minimumVisits))
    }

    /// Measures until every median is precise enough or the budget is spent.
    ///
    /// Medians that are not precise enough by then are marked as uncertain. Impossible values are refused, and so is a
    /// profiling without any value.
    ///
    /// - Parameters:
    ///   - path: of a file to which every finished visit is written, and from which a stopped run resumes.
    ///   - progress: called after every visit; what it throws stops the run, and the visit is kept.
    ///   - begin: called once before anything is measured, with the number of visits that were kept, and about how many
    ///     seconds a whole run takes.
    /// - Throws: `ProfilingError`, `FileError`, and what `begin` and `progress` throw.
    public func run(
        journal path: String? = nil, progress: (Progress) throws -> Void = { _ in },
        begin: (_ kept: Int, _ seconds: Double) throws -> Void = { _, _ in }
    ) throws -> ProfileResult {
        let bench = try makeBench()
        var log = VisitLog(settings: settings)
        var journal: ProfilingJournal?
        if let path {
            let kept = try ProfilingJournal.resume(path, identity: identity(of: bench.facts), subjects: plan.subjects.count)
            journal = kept.journal
            for visit in kept.visits { log.add(visit) }
        }
        try begin(log.visits.count, estimatedSeconds(on: bench))
        // A resumed run does not repeat the order of the first.
        var random = SplitMix64(seed: settings.seed &+ UInt64(log.visits.count))
        let start = clock.now()
        func seconds() -> Double { Double(clock.now() - start) / 1e9 - bench.waitedSeconds }
        var found = log.statistics(subjects: plan.subjects.count)
        var counts = found.samples.map { $0.median?.count ?? 0 }
        while !settings.isSettled(found), seconds() < settings.budgetSeconds {
            let visit = try visit(bench, counts: counts, isSettled: found.samples.map(settings.isSettled), using: &random)
            try journal?.append(visit)
            log.add(visit)
            for subject in visit.subjects { counts[subject] += 1 }
            if log.isWorthLooking {
                found = log.statistics(subjects: plan.subjects.count)
                counts = found.samples.map { $0.median?.count ?? 0 }
            }
            let work = settings.progress(found)
            let isTold = seconds() >= settings.steadinessSeconds && !found.steadiness.isSteady
            try progress(
                Progress(
                    visits: log.visits.count, settled: found.samples.count(where: settings.isSettled),
                    subjects: found.samples.count, fraction: min(1, max(work, seconds() / settings.budgetSeconds)),
                    unsteadiness: isTold ? found.steadiness : nil))
        }
        return try result(
            log.statistics(subjects: plan.subjects.count, isLast: true), of: bench.facts, seconds: seconds(),
            isLessLaunch: bench.launch > 0)
    }

    /// A visit to a network of the plan, or, where the bench does not time operators, to one subject alone.
    private func visit(
        _ bench: any Bench, counts: [Int], isSettled: [Bool], using random: inout SplitMix64
    ) throws -> VisitLog.Visit {
        if bench.timesOperators {
            let network = plan.network(counts: counts, isSettled: isSettled, using: &random)
            return plan.visit(to: network, try bench.visit(network, eachOperator: true))
        }
        let open = plan.subjects.indices.filter { !isSettled[$0] }
        let candidates = open.isEmpty ? Array(plan.subjects.indices) : open
        let fewest = candidates.map { counts[$0] }.min()
        let subject = random.element(of: candidates.filter { counts[$0] == fewest })
        let segments = try bench.visit(Network(alone: plan.subjects[subject]), eachOperator: false)
        return VisitLog.Visit(subjects: [subject], segments: segments.map { VisitLog.Segment(whole: $0, less: bench.launch) })
    }

    private func result(
        _ found: VisitLog.Statistics, of facts: RuntimeFacts, seconds: Double, isLessLaunch: Bool
    ) throws -> ProfileResult {
        let limit = ArithmeticLimit(vectorBits: machine.vectorBits, threads: facts.threads, dataType: facts.dataType)
        let outcomes = zip(plan.subjects, found.samples).map { subject, sample -> ProfilingSettings.Outcome in
            let outcome = settings.outcome(sample, of: subject.key, macs: subject.macs, limit: limit)
            // Less the start of a model, nothing may be left of a small operator: then it is not known.
            if isLessLaunch, case .impossible(let refusal) = outcome { return .unknown(refusal) }
            return outcome
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
                isUncertain: isUncertain)
        }
        if measurements.isEmpty {
            throw found.steadiness.hasNoLevel ? ProfilingError.unsteady(found.steadiness) : .refused(unknown)
        }
        return ProfileResult(
            measurements: measurements, unmeasured: unknown, runtime: facts, machine: machine,
            course: ProfileResult.Course(
                settled: found.samples.count(where: settings.isSettled), seconds: seconds,
                steadiness: found.steadiness))
    }

    private func identity(of facts: RuntimeFacts) -> String {
        // Without chosen processors as before, so that older journals go on.
        ([plan.identity, facts.json.text(pretty: false), machine.identity] + (cores.map { ["processors \($0)"] } ?? []))
            .joined(separator: "\n")
    }
}
