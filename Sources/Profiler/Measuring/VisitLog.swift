/// What visits to networks came to, as far as the machine was steady.
struct VisitLog {
    /// What some passes in a row say of some of the subjects.
    struct Segment: Hashable, Sendable {
        /// Nanoseconds, of the visit's subjects in their order.
        var values: [Double]
        /// Nanoseconds, before and after.
        var reference: [Double]
        /// The part of the time in which something else was on the processor.
        var waiting: Double
    }

    /// One visit to one network.
    struct Visit: Hashable, Sendable {
        /// The places in the plan of what it measured.
        var subjects: [Int]
        var segments: [Segment]
    }

    private(set) var visits: [Visit] = []
    /// Whether so many visits came since this was last so that the statistics may have changed: a twentieth more. To
    /// look after every visit would take longer than the visits, in the end.
    private(set) var isWorthLooking = false
    private var nextLook = 0
    private let settings: ProfilingSettings

    init(settings: ProfilingSettings) { self.settings = settings }

    mutating func add(_ visit: Visit) {
        visits.append(visit)
        isWorthLooking = visits.count >= nextLook
        if isWorthLooking { nextLook = visits.count + max(1, visits.count / 20) }
    }

    /// What the visits came to.
    struct Statistics {
        /// For each subject, the middle over the visits of the medians over their segments that count, in nanoseconds;
        /// nil where there was none.
        let samples: [SampleMedian?]
        let steadiness: Steadiness
    }

    /// The segments that count are those in which the machine was as it mostly is. Where hardly a visit has one, all
    /// count: what is known then is known from all levels together, and less well.
    func statistics(subjects: Int) -> Statistics {
        let readings = visits.flatMap { $0.segments.flatMap(\.reference) }
        let level = Steadiness.Level(of: readings, within: settings.driftLimit)
        func isSteady(_ segment: Segment) -> Bool {
            segment.reference.allSatisfy(level.range.contains) && segment.waiting <= settings.waitingLimit
        }
        let disturbed = visits.count { !$0.segments.contains(where: isSteady) }
        let steadiness = Steadiness(
            level: level, readings: readings, visits: visits.count, disturbedVisits: disturbed,
            disturbedLimit: settings.disturbedLimit)
        var values = [[Double]](repeating: [], count: subjects)
        for visit in visits {
            let counting = steadiness.hasNoLevel ? visit.segments : visit.segments.filter(isSteady)
            guard !counting.isEmpty else { continue }
            for (index, subject) in visit.subjects.enumerated() {
                values[subject].append(SampleMedian.median(of: counting.map { $0.values[index] }))
            }
        }
        return Statistics(samples: values.map { $0.isEmpty ? nil : SampleMedian($0) }, steadiness: steadiness)
    }
}

extension ProfilingSettings {
    /// Whether a median is known well enough to measure no more.
    func isSettled(_ sample: SampleMedian?) -> Bool {
        guard let sample else { return false }
        return sample.count >= minimumVisits && sample.relativeWidth <= precision
    }

    /// Whether all medians are, and by visits that count.
    func isSettled(_ found: VisitLog.Statistics) -> Bool {
        !found.steadiness.hasNoLevel && found.samples.allSatisfy(isSettled)
    }

    /// How far measuring is, from 0 to 1, when these are the medians so far: as far as the one that needs longest, the
    /// width of an interval shrinking with the root of the number of visits.
    func progress(_ samples: [SampleMedian?]) -> Double {
        samples.map { sample in
            guard let sample, !isSettled(sample) else { return sample == nil ? 0 : 1 }
            let visits = Double(sample.count) / Double(minimumVisits)
            let width = precision / sample.relativeWidth
            return sample.interval == nil ? min(0.1, 0.1 * visits) : min(0.99, max(0.1 * min(1, visits), width * width))
        }.min() ?? 1
    }
}
