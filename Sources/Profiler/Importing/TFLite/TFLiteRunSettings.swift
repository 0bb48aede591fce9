import Files

/// How benchmark_model says that it runs a model, before it lists any latency.
struct TFLiteRunSettings {
    /// nil where it does not say.
    let threads: Int?
    /// The delegate that it gave the model to, and the line that says so; nil for the CPU alone.
    private let delegate: (name: String, line: Int)?
    private let path: String

    /// - Parameters:
    ///   - lines: of what the program printed.
    ///   - path: of the file, for messages.
    init(_ lines: ArraySlice<LogLine>, path: String) {
        threads = lines.lazy.map(\.text).compactMap {
            $0.number(after: "Num threads: [") ?? $0.number(after: "used for CPU inference: [")
        }.last
        delegate = lines.lazy.compactMap { line in line.text.appliedDelegate.map { (name: $0, line: line.number) } }.first
        self.path = path
    }

    /// Checks that the CPU ran the model, with so many threads, as far as the program says.
    ///
    /// - Parameter problem: the end of the sentence about other threads.
    /// - Throws: `FileError.invalid`.
    func check(threads expected: Int, otherwise problem: String) throws(FileError) {
        if let delegate {
            throw .invalid(
                path: path, place: "line \(delegate.line)",
                problem: "the model was given to the \(delegate.name) delegate; expected a run on the CPU, without it")
        }
        if let threads, threads > 0, threads != expected {
            throw .invalid(
                path: path, place: "",
                problem: "the report ran with \(threads.counted("thread")), and \(problem)")
        }
    }

    /// Checks that a program did what it was told.
    ///
    /// - Throws: `FileError.invalid`.
    func check(against facts: RuntimeFacts) throws(FileError) {
        try check(
            threads: facts.threads,
            otherwise: "the program was told to use \(facts.threads): expected one that heeds --num_threads")
    }
}

extension Substring {
    /// The delegate that the line says the model was given to; nil for other lines, and for XNNPACK, which runs on the CPU.
    fileprivate var appliedDelegate: String? {
        guard holds(" delegate, and the model graph will be "), let start = firstRange(of: "Explicitly applied ")?.upperBound
        else { return nil }
        let name = self[start...].prefix { $0 != " " }
        return name.uppercased().contains("XNNPACK") ? nil : String(name.prefix(60))
    }

    /// The number that directly follows a text; nil where the line does not have both.
    fileprivate func number(after text: StaticString) -> Int? {
        guard holds(text), let start = utf8.firstRange(of: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        else { return nil }
        return Int(Substring(utf8[start.upperBound...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }))
    }
}
