/// Collects the visits to networks and computes medians from the steady parts.
struct VisitLog {
    /// The values of some subjects from some consecutive passes.
    struct Segment: Hashable, Sendable {
        /// Nanoseconds, for each of the visit's subjects, in their order.
        var values: [Double]
        /// Nanoseconds of the reference operator, before and after.
        var reference: [Double]
        /// The part of the time in which something else ran on the processor.
        var waiting: Double

        init(values: [Double], reference: [Double], waiting: Double) {
            self.values = values
            self.reference = reference
            self.waiting = waiting
        }

        /// The whole passes alone, of one subject, less so many nanoseconds.
        init(whole segment: TimedSegment, less launch: Double = 0) {
            self.init(values: [segment.network - launch], reference: segment.reference, waiting: segment.waiting)
        }
    }

    /// One visit to one network.
    struct Visit: Hashable, Sendable {
        /// The indices of its subjects in the plan.
        var subjects: [Int]
        var segments: [Segment]
    }

    private(set) var visits: [Visit] = []
    /// Whether a twentieth more visits came since the last time this was true, so that the statistics may have changed.
    /// Recomputing them after every visit would at last take longer than the visits.
    private(set) var isWorthLooking = false
    private var nextLook = 0
    private let settings: ProfilingSettings

    init(settings: ProfilingSettings) { self.settings = settings }

    mutating func add(_ visit: Visit) {
        visits.append(visit)
        isWorthLooking = visits.count >= nextLook
        if isWorthLooking { nextLook = visits.count + max(1, visits.count / 20) }
    }

    /// The statistics of the visits.
    struct Statistics {
        /// For each subject, the median over its visits of the median over the segments that count, in nanoseconds; nil
        /// where there is none.
        let samples: [SampleMedian?]
        let steadiness: Steadiness
    }

    /// The segments count in which the machine was at its usual speed. If hardly any visit has one, all segments count:
    /// the medians then mix all levels, and are less certain.
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
    /// Whether a median is precise enough.
    func isSettled(_ sample: SampleMedian?) -> Bool {
        guard let sample else { return false }
        return sample.count >= minimumVisits && sample.relativeWidth <= precision
    }

    /// Whether all medians are precise enough, from visits that count.
    func isSettled(_ found: VisitLog.Statistics) -> Bool {
        !found.steadiness.hasNoLevel && found.samples.allSatisfy(isSettled)
    }

    /// The progress of the measuring, from 0 to 1, by the median that needs longest: the width of an interval shrinks
    /// with the square root of the number of visits. 0 where there is no level: it goes on then, however precise they are.
    func progress(_ found: VisitLog.Statistics) -> Double {
        if found.steadiness.hasNoLevel { return 0 }
        return found.samples.map { sample in
            guard let sample, !isSettled(sample) else { return sample == nil ? 0 : 1 }
            let visits = Double(sample.count) / Double(minimumVisits)
            let width = precision / sample.relativeWidth
            return sample.interval == nil ? min(0.1, 0.1 * visits) : min(0.99, max(0.1 * min(1, visits), width * width))
        }.min() ?? 1
    }
}
