import Architectures
import Files
import Profiler

/// What a benchmark of tables came to.
struct ProfileAccuracy {
    private let profiles: [ProfileResult]
    private let whole: [NetworkTiming.Result]
    private let predictions: [(table: ProfileResult.Table, latenciesMs: [Double], error: PredictionError)]
    /// The median over all subjects of how far the second profile is from the first.
    private let repeatability: Double

    /// - Parameters:
    ///   - profiles: two, of which the first predicts.
    ///   - whole: what the networks take from end to end.
    init(profiles: [ProfileResult], networks: [Network], whole: [NetworkTiming.Result]) {
        self.profiles = profiles
        self.whole = whole
        predictions = ProfileResult.Table.allCases.map { table in
            let predicted = networks.compactMap { profiles[0].latencyMs(of: $0, from: table) }
            return (table, predicted, PredictionError(predicted: predicted, measured: whole.map(\.latencyMs)))
        }
        let distances = zip(profiles[0].measurements, profiles[1].measurements).map {
            abs($1.latencyMs - $0.latencyMs) / $0.latencyMs
        }
        repeatability = SampleMedian(distances).median
    }

    var text: String {
        let measuredMs = whole.map(\.latencyMs)
        let widths = whole.map { ($0.interval.upperBound - $0.interval.lowerBound) / $0.latencyMs }
        let span = "\((measuredMs.min() ?? 0).fixed(3)) to \((measuredMs.max() ?? 0).fixed(3)) ms"
        return ([
            "\(whole.count) networks from \(span) on \(profiles[0].machine.processor), "
                + "known to ± \((50 * SampleMedian(widths).median).fixed(2)) %"
        ]
            + predictions.map { table, _, error in
                "from \(table.rawValue): mean error \((100 * error.meanAbsolute).fixed(2)) % "
                    + "(signed \((100 * error.meanSigned).fixed(2)) %, largest \((100 * error.largest).fixed(2)) %), "
                    + "Spearman \(error.rankCorrelation.fixed(4))"
            }
            + profiles.map {
                "profile: \($0.measurements.count) latencies, \($0.course.visits) visits, of which "
                    + "\($0.course.disturbedVisits) did not count, \($0.course.settled) settled, "
                    + "\($0.course.seconds.fixed(0)) s"
            }
            + ["two profiles differ by \((100 * repeatability).fixed(2)) % at the median"]).joined(separator: "\n")
    }

    var json: JSON {
        [
            "networks": .integer(whole.count), "machine": profiles[0].machine.json, "runtime": profiles[0].runtime.json,
            "errors": .object(predictions.map { table, _, error in
                .init(key: table.rawValue, value: [
                    "mean_absolute": .number(error.meanAbsolute), "mean_signed": .number(error.meanSigned),
                    "largest": .number(error.largest), "spearman": .number(error.rankCorrelation),
                ])
            }),
            "latencies_ms": .object(
                [
                    .init(key: "measured", value: .array(whole.map { .number($0.latencyMs) })),
                    .init(key: "measured_from", value: .array(whole.map { .number($0.interval.lowerBound) })),
                    .init(key: "measured_to", value: .array(whole.map { .number($0.interval.upperBound) })),
                ] + predictions.map { table, latenciesMs, _ in
                    .init(key: table.rawValue, value: .array(latenciesMs.map(JSON.number)))
                }),
            "profile_seconds": .array(profiles.map { .number($0.course.seconds) }),
            "visits": .array(profiles.map { .integer($0.course.visits) }),
            "disturbed_visits": .array(profiles.map { .integer($0.course.disturbedVisits) }),
            "profiles_apart": .number(repeatability),
        ]
    }
}
