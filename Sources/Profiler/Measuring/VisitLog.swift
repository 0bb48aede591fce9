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

    /// For each of so many subjects, the middle over the visits of the medians over their steady segments, in
    /// nanoseconds, nil where there was none; and how many visits had no steady segment.
    func statistics(subjects: Int) -> (samples: [SampleMedian?], disturbedVisits: Int) {
        let range = undisturbedReference
        var values = [[Double]](repeating: [], count: subjects)
        var disturbed = 0
        for visit in visits {
            let steady = visit.segments.filter {
                $0.reference.allSatisfy(range.contains) && $0.waiting <= settings.waitingLimit
            }
            if steady.isEmpty { disturbed += 1 }
            guard !steady.isEmpty else { continue }
            for (index, subject) in visit.subjects.enumerated() {
                values[subject].append(SampleMedian.median(of: steady.map { $0.values[index] }))
            }
        }
        return (values.map { $0.isEmpty ? nil : SampleMedian($0) }, disturbed)
    }

    /// What the reference operator takes when nothing else runs, up to the limit: what disturbs a measurement slows it
    /// down.
    private var undisturbedReference: ClosedRange<Double> {
        let references = visits.flatMap { $0.segments.flatMap(\.reference) }.sorted()
        guard !references.isEmpty else { return 0...0 }
        // Not the least, which may be a clock that was high for a moment.
        let usual = references[references.count / 10]
        return (1 - settings.driftLimit) * usual...(1 + settings.driftLimit) * usual
    }

    /// - Throws: `ProfilingError.unsteady` where too many visits do not count.
    func checkSteadiness(disturbedVisits: Int) throws {
        if Double(disturbedVisits) > settings.disturbedLimit * Double(visits.count) {
            throw ProfilingError.unsteady(
                disturbed: disturbedVisits, visits: visits.count, limit: settings.driftLimit)
        }
    }
}

extension ProfilingSettings {
    /// Whether a median is known well enough to measure no more.
    func isSettled(_ sample: SampleMedian?) -> Bool {
        guard let sample else { return false }
        return sample.count >= minimumVisits && sample.relativeWidth <= precision
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
