/// What visits to networks came to, as far as the machine was steady.
struct VisitLog {
    /// One visit: what it says of some of the subjects, by their place in the plan.
    struct Visit: Hashable, Sendable {
        /// Nanoseconds.
        var values: [Int: Double]
        /// Nanoseconds, before and after.
        var reference: [Double]
    }

    private(set) var visits: [Visit] = []
    private let settings: ProfilingSettings

    init(settings: ProfilingSettings) { self.settings = settings }

    mutating func add(_ visit: Visit) { visits.append(visit) }

    /// The visits before and after which the machine was as fast as it is when nothing else runs: what disturbs a
    /// measurement slows it down.
    var steadyVisits: [Visit] {
        let references = visits.flatMap(\.reference).sorted()
        guard !references.isEmpty else { return [] }
        // Not the least, which may be a clock that was high for a moment.
        let undisturbed = references[references.count / 10]
        return visits.filter { visit in
            visit.reference.allSatisfy { abs($0 - undisturbed) <= settings.driftLimit * undisturbed }
        }
    }

    /// For each of so many subjects, the middle over the steady visits, in nanoseconds; nil where there was none.
    func statistics(subjects: Int) -> [SampleMedian?] {
        var values = [[Double]](repeating: [], count: subjects)
        for visit in steadyVisits {
            for (subject, value) in visit.values { values[subject].append(value) }
        }
        return values.map { $0.isEmpty ? nil : SampleMedian($0) }
    }

    /// - Throws: `ProfilingError.unsteady` where too many visits do not count.
    func checkSteadiness() throws {
        let disturbed = visits.count - steadyVisits.count
        if Double(disturbed) > settings.disturbedLimit * Double(visits.count) {
            throw ProfilingError.unsteady(disturbed: disturbed, visits: visits.count, limit: settings.driftLimit)
        }
    }
}

extension ProfilingSettings {
    /// Whether a median is known well enough to measure no more.
    func isSettled(_ sample: SampleMedian?) -> Bool {
        guard let sample else { return false }
        return sample.count >= minimumVisits && sample.relativeWidth <= precision
    }

    /// How far a subject is from being settled to that, from 0 to 1.
    func progress(_ sample: SampleMedian?) -> Double {
        if isSettled(sample) { return 1 }
        return min(0.95, Double(sample?.count ?? 0) / Double(2 * minimumVisits))
    }
}
