import HardwareProfiles

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
        /// A subject's visits.
        struct Sample {
            /// Over the visits, of the median over their segments, in nanoseconds; nil where there is none.
            let median: SampleMedian?
            /// Whether segments count in which the machine was not at its usual speed.
            let isDisturbed: Bool
        }

        let samples: [Sample]
        let steadiness: Steadiness
    }

    /// The segments count in which the machine was at its usual speed. If hardly any visit has one, all segments count:
    /// the medians then mix all levels, and are less certain.
    ///
    /// - Parameter isLast: whether nothing more will be measured. Then all segments of a subject count that would have too
    ///   few visits otherwise, because an uncertain figure serves better than none.
    func statistics(subjects: Int, isLast: Bool = false) -> Statistics {
        let readings = visits.flatMap { $0.segments.flatMap(\.reference) }
        let level = Steadiness.Level(of: readings, within: settings.driftLimit)
        func isSteady(_ segment: Segment) -> Bool {
            segment.reference.allSatisfy(level.range.contains) && segment.waiting <= settings.waitingLimit
        }
        let disturbed = visits.count { !$0.segments.contains(where: isSteady) }
        let steadiness = Steadiness(
            level: level, readings: readings, visits: visits.count, disturbedVisits: disturbed,
            disturbedLimit: settings.disturbedLimit)
        let all = steadiness.hasNoLevel || isLast ? values(subjects: subjects) { _ in true } : []
        let steady = steadiness.hasNoLevel ? all : values(subjects: subjects, isSteady)
        let samples = steady.indices.map { subject in
            let isTooFew = isLast && steady[subject].count < settings.minimumVisits && steady[subject].count < all[subject].count
            let values = isTooFew ? all[subject] : steady[subject]
            return Statistics.Sample(
                median: values.isEmpty ? nil : SampleMedian(values), isDisturbed: isTooFew || steadiness.hasNoLevel)
        }
        return Statistics(samples: samples, steadiness: steadiness)
    }

    /// For each subject, the medians of those of its visits that have segments which count.
    private func values(subjects: Int, _ counts: (Segment) -> Bool) -> [[Double]] {
        var values = [[Double]](repeating: [], count: subjects)
        for visit in visits {
            let counting = visit.segments.filter(counts)
            guard !counting.isEmpty else { continue }
            for (index, subject) in visit.subjects.enumerated() {
                values[subject].append(counting.map { $0.values[index] }.median)
            }
        }
        return values
    }
}

extension ProfilingSettings {
    /// Whether a median is precise enough.
    func isSettled(_ sample: VisitLog.Statistics.Sample) -> Bool {
        guard let sample = sample.median else { return false }
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
            if isSettled(sample) { return 1 }
            guard let sample = sample.median else { return 0 }
            let visits = Double(sample.count) / Double(minimumVisits)
            let width = precision / sample.relativeWidth
            return sample.interval == nil ? min(0.1, 0.1 * visits) : min(0.99, max(0.1 * min(1, visits), width * width))
        }.min() ?? 1
    }
}
