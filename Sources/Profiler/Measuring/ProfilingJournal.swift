import Files

/// The visits of a profiling on disk, one a line, so that it can resume after it was killed.
///
/// The first line is a digest of plan, runtime and machine; a last line that was only partly written is dropped.
struct ProfilingJournal {
    private static let schema = "onepath.profiling/1"

    private let file: JSONLines

    /// Opens the journal at `path`, or creates it, and reads its visits.
    ///
    /// - Parameters:
    ///   - identity: a text that identifies plan, runtime and machine.
    ///   - subjects: the number of the plan's subjects.
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
                    "contains measurements of another plan, runtime or machine; remove it to measure anew")
            }
        }
        let visits = try documents.dropFirst().map { line in
            try line.object { fields in
                let places = try fields.array("subjects") { try $0.integer(in: 0...subjects - 1) }
                guard Set(places).count == places.count else {
                    throw fields.problem("expected every subject once")
                }
                return VisitLog.Visit(
                    subjects: places,
                    segments: try fields.array("segments") { try $0.object { try segment(&$0, of: places.count) } })
            }
        }
        return (ProfilingJournal(file: file), visits)
    }

    private static func segment(_ fields: inout JSONFields, of subjects: Int) throws -> VisitLog.Segment {
        let limit = Double.greatestFiniteMagnitude
        let values = try fields.array("latency_ns") { try $0.number(in: -limit...limit) }
        let reference = try fields.array("reference_ns") { try $0.number(in: 0...limit) }
        guard values.count == subjects, reference.count == 2 else {
            throw fields.problem("expected \(subjects) latencies, and the reference before and after")
        }
        return VisitLog.Segment(
            values: values, reference: reference, waiting: try fields.number("waiting", in: 0...1))
    }

    func append(_ visit: VisitLog.Visit) throws {
        try file.append([
            "subjects": .array(visit.subjects.map(JSON.integer)),
            "segments": .array(visit.segments.map { segment in
                [
                    "latency_ns": .array(segment.values.map(JSON.number)),
                    "reference_ns": .array(segment.reference.map(JSON.number)),
                    "waiting": .number(segment.waiting),
                ]
            }),
        ])
        try file.synchronize()
    }
}
