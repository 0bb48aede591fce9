import JSONDocuments

/// The visits of a profiling on the disk, one a line, so that it can go on after it was killed.
///
/// The first line says what was measured on what, as a digest; a last line that was torn is dropped.
struct ProfilingJournal {
    private static let schema = "onepath.profiling/1"
    private static let nanoseconds = 0...Double.greatestFiniteMagnitude

    private let file: JSONLines

    /// The journal at `path`, which is begun where there is none, and the visits in it.
    ///
    /// - Parameters:
    ///   - identity: what plan, runtime and machine it is of.
    ///   - subjects: how many the plan has.
    /// - Throws: `FileError`, also for the journal of another plan, runtime or machine.
    static func resume(
        _ path: String, identity: String, subjects: Int
    ) throws -> (journal: ProfilingJournal, visits: [VisitLog.Visit]) {
        let (file, documents) = try JSONLines.resume(path)
        let digest = FileDigest.sha256(ofText: identity)
        guard let first = documents.first else {
            try file.append(["schema": .string(schema), "digest": .string(digest)])
            try file.synchronize()
            return (ProfilingJournal(file: file), [])
        }
        try first.object { fields in
            try fields.schema(schema)
            if try fields.string("digest") != digest {
                throw first.problem(
                    "holds measurements of another plan, runtime or machine; remove it to measure anew")
            }
        }
        let visits = try documents.dropFirst().map { line in
            try line.object { fields in
                let places = try fields.array("subjects") { try $0.integer(in: 0...subjects - 1) }
                let values = try fields.array("latency_ns") { try $0.number(in: -nanoseconds.upperBound...nanoseconds.upperBound) }
                guard places.count == values.count, Set(places).count == places.count else {
                    throw fields.problem("expected one latency for each of \(places.count) different subjects")
                }
                return VisitLog.Visit(
                    values: Dictionary(uniqueKeysWithValues: zip(places, values)),
                    reference: try fields.array("reference_ns") { try $0.number(in: nanoseconds) })
            }
        }
        return (ProfilingJournal(file: file), visits)
    }

    func append(_ visit: VisitLog.Visit) throws {
        let places = visit.values.keys.sorted()
        try file.append([
            "subjects": .array(places.map(JSON.integer)),
            "latency_ns": .array(places.map { .number(visit.values[$0] ?? 0) }),
            "reference_ns": .array(visit.reference.map(JSON.number)),
        ])
        try file.synchronize()
    }
}
