import Files
import HardwareProfiles

/// How steady the machine was during the measuring, judged by a reference operator that is timed repeatedly.
public struct Steadiness: Hashable, Sendable, CustomStringConvertible {
    /// The usual time of the reference operator.
    struct Level: Hashable, Sendable {
        /// Nanoseconds.
        let nanoseconds: Double
        /// The readings that are at this level.
        let range: ClosedRange<Double>

        /// The level of most readings: among all ranges of a middle ± this part of it, the one with the most readings;
        /// the fastest of several.
        ///
        /// Neither the fastest readings nor the median would do: a machine may be faster for moments, and slower for
        /// long.
        init(of readings: [Double], within limit: Double) {
            let sorted = readings.sorted()
            let widest = (1 + limit) / (1 - limit)
            var best = 0..<0
            var end = 0
            for (start, least) in sorted.enumerated() {
                while end < sorted.count, sorted[end] <= widest * least { end += 1 }
                if end - start > best.count { best = start..<end }
            }
            nanoseconds = best.isEmpty ? 0 : sorted[best].median
            range = (1 - limit) * nanoseconds...(1 + limit) * nanoseconds
        }
    }

    /// The usual time of the reference operator, in microseconds.
    public let levelUs: Double
    /// The part of the readings that are at this level.
    public let share: Double
    public let readings: Int
    /// Nine of ten readings lie here, in microseconds.
    public let usualUs: ClosedRange<Double>
    public let visits: Int
    /// Visits of which no pass counts, because the reference operator was not at its level or other work ran on the
    /// processor.
    public let disturbedVisits: Int
    /// Whether so many visits do not count that there is no usable level; then all visits count.
    public let hasNoLevel: Bool

    init(level: Level, readings: [Double], visits: Int, disturbedVisits: Int, disturbedLimit: Double) {
        let sorted = readings.sorted()
        levelUs = level.nanoseconds / 1000
        let near = sorted.count { level.range.contains($0) }
        share = sorted.isEmpty ? 1 : Double(near) / Double(sorted.count)
        self.readings = sorted.count
        usualUs =
            sorted.isEmpty
            ? 0...0 : sorted[sorted.count / 20] / 1000...sorted[sorted.count - 1 - sorted.count / 20] / 1000
        self.visits = visits
        self.disturbedVisits = disturbedVisits
        hasNoLevel = Double(disturbedVisits) > disturbedLimit * Double(visits)
    }

    /// Whether nearly all readings are at one level.
    public var isSteady: Bool { share >= 0.8 && !hasNoLevel }

    /// The figures as one sentence.
    public var description: String {
        func one(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        let figures = "\(Int((100 * share).rounded())) % of \(readings) readings of the reference operator are near "
            + "\(one(levelUs)) µs, nine of ten lie between \(one(usualUs.lowerBound)) and "
            + "\(one(usualUs.upperBound)) µs"
        return (isSteady ? "the machine is steady: " : "the machine is not steady: ") + figures
            + (hasNoLevel
                ? "; in \(disturbedVisits) of \(visits) visits other work ran on the processor or the operator was not at that "
                    + "level, so all visits count, and every figure is uncertain" : "")
    }

    public var json: JSON {
        [
            "steady": .bool(isSteady), "reference_us": .number(levelUs), "share_at_reference": .number(share),
            "readings": .integer(readings), "visits": .integer(visits), "disturbed_visits": .integer(disturbedVisits),
        ]
    }
}
