import Architectures
import Files
import HardwareProfiles

/// The report that TensorFlow Lite's benchmark_model prints for one model with --enable_op_profiling=true, as text or
/// CSV.
///
/// This reads the list "Run Order" of the benchmark runs: one node a line, with its mean latency in milliseconds.
/// Nodes are TensorFlow Lite's own ("CONV_2D") or those of its XNNPACK delegate ("Convolution (NHWC, F32) IGEMM"),
/// which versions from 2.9.1 on list. The reader accepts the differences between versions: other columns, and a log's
/// prefix before each line.
public struct TFLiteBenchmarkReport {
    /// A node of the model as the report lists it.
    struct Node: Hashable {
        let type: TFLiteNodeType
        let name: String
        let averageMs: Double
        /// The number of calls in a run of the model.
        let timesCalled: Int
        /// The line in the file, from 1.
        let line: Int
    }

    /// Far more nodes than any model has.
    private static let nodeLimit = 16_384

    private let nodes: [Node]
    private let path: String
    /// The threads that the report says it ran with; nil where it does not say.
    public let threads: Int?
    /// The data type of the delegate's kernels, float16 or int8 where any kernel has it; nil where no name tells one.
    public var dataType: ValueType? {
        let types = nodes.compactMap(\.type.dataType)
        return [.int8, .float16, .float32].first { types.contains($0) }
    }

    /// - Throws: `FileError`, also for a file without a list of nodes in run order.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "benchmark report"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws(FileError) {
        self.path = path
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
        // The report lists the initialization separately; delegates and other subgraphs follow after the main list.
        let runs = lines.lastIndex { $0.holds("Profiling Info for Regular Benchmark Runs") }
        func isTitle(_ line: Substring) -> Bool { line.holds("= Run Order =") }
        let found = runs.map { lines[$0...].firstIndex(where: isTitle) } ?? lines.lastIndex(where: isTitle)
        guard let title = found else {
            if let other = ForeignTable(text, besides: .report) { throw other.problem(path: path) }
            throw .invalid(
                path: path, place: "",
                problem: "expected a list \"Run Order\", which benchmark_model prints with --enable_op_profiling=true")
        }
        guard title + 1 < lines.count, let columns = TFLiteReportColumns(heading: lines[title + 1].withoutLogWords) else {
            throw .invalid(
                path: path, place: "line \(title + 2)", problem: "expected the names of columns, among them \"avg ms\"")
        }
        var nodes: [Node] = []
        for index in (title + 2)..<max(title + 2, lines.count) {
            let line = lines[index].withoutLogWords
            // An empty line ends the list.
            if line.allSatisfy(\.isWhitespace) { break }
            guard nodes.count < Self.nodeLimit else {
                throw .invalid(
                    path: path, place: "line \(index + 1)", problem: "expected at most \(Self.nodeLimit) nodes, found more")
            }
            guard let row = columns.row(of: line) else {
                throw .invalid(
                    path: path, place: "line \(index + 1)",
                    problem: "expected a node and its mean latency in milliseconds")
            }
            nodes.append(
                Node(
                    type: TFLiteNodeType(row.type), name: row.name, averageMs: row.averageMs,
                    timesCalled: row.timesCalled, line: index + 1))
        }
        self.nodes = nodes
        let settings = lines[..<title]
        threads = settings.lazy.compactMap { $0.number(after: "Num threads: [") ?? $0.number(after: "used for CPU inference: [") }.last
    }

    /// Checks what the report says of itself against the runtime of the profile that it goes into.
    ///
    /// - Parameter device: the name of the profile, for messages.
    /// - Throws: `FileError.invalid`.
    public func check(against runtime: Runtime, of device: String) throws(FileError) {
        if let threads, threads > 0, threads != runtime.threads {
            throw .invalid(
                path: path, place: "",
                problem: "the report ran with \(threads) threads, and \(device) has \(runtime.threads): expected a --like "
                    + "with as many")
        }
        guard let dataType, dataType.rawValue != runtime.dataType.rawValue else { return }
        throw .invalid(
            path: path, place: "",
            problem: "the report's kernels are \(dataType.rawValue), and \(device) is \(runtime.dataType.rawValue): "
                + "expected a --like of that data type")
    }

    /// The latencies of the operators and blocks of `network`, which must be the report's model; a subject that occurs
    /// several times has the median.
    ///
    /// - Throws: `FileError.invalid` where the nodes are not the network's operators in their order.
    public func table(of network: Network) throws(FileError) -> ImportedTable {
        var table = ImportedTable()
        let (latencies, others) = try latencies(of: network)
        table.unmatched = others.map { node in
            .init(
                key: node.name.isEmpty ? node.type.text : "\(node.type.text) \(node.name)",
                reason: "no operator of the architecture; it takes \(node.averageMs) ms")
        }
        add(network, latencies, to: &table)
        table.storedRows = max(0, nodes.count - table.unmatched.count)
        return table
    }

    /// The latencies of the operators of `network`, which must be the report's model, in milliseconds and in its order,
    /// and the nodes that are none of them.
    ///
    /// - Throws: `FileError.invalid` where the nodes are not the network's operators in their order.
    func latencies(of network: Network) throws(FileError) -> (operators: [Double], others: [Node]) {
        if let node = nodes.first(where: { $0.type.foreignDelegate != nil }), let delegate = node.type.foreignDelegate {
            throw .invalid(
                path: path, place: "line \(node.line)",
                problem: "\(node.type.text.prefix(60)): the nodes ran on \(delegate), which lists none of them; expected a "
                    + "run on the CPU, without --use_gpu, --use_nnapi and other delegates")
        }
        var others: [Node] = []
        let steps = network.layers.flatMap(\.operators)
        var latencies: [Double] = []
        var next = nodes.startIndex
        while next < nodes.endIndex {
            let node = nodes[next]
            next += 1
            if node.type.operators.isEmpty {
                others.append(node)
                continue
            }
            guard latencies.count < steps.count else {
                throw problem(node, "\(node.type.text), after all operators of \(network.name)")
            }
            let step = steps[latencies.count]
            guard node.type.operators.contains(step.kind) else {
                throw problem(node, "\(node.type.text), where \(network.name) has \(step.key)")
            }
            let activation = activationNodes(
                from: next, of: step, before: latencies.count + 1 < steps.count ? steps[latencies.count + 1] : nil)
            for part in [node] + activation where part.timesCalled > 1 {
                throw problem(
                    part, "\(part.type.text) is \(part.timesCalled) nodes of several delegate kernels in one row; "
                        + "expected a model that runs in one")
            }
            // A runtime that does not fuse the activation runs it as separate nodes.
            latencies.append(activation.reduce(node.averageMs) { $0 + $1.averageMs })
            next += activation.count
        }
        guard latencies.count == steps.count else {
            throw .invalid(
                path: path, place: "", problem: "expected \(steps.count) operators of \(network.name), found "
                    + "\(latencies.count); the first that is missing is \(steps[latencies.count].key)" + delegateHint)
        }
        return (latencies, others)
    }

    /// The nodes from that place on that compute the activation of the operator before them.
    ///
    /// - Parameter following: the network's next operator; a last node of its kind belongs to it.
    private func activationNodes(from start: Int, of step: Operator, before following: Operator?) -> ArraySlice<Node> {
        let parts = nodes[start...].prefix { node in
            node.type.activationParts.contains { TFLiteNodeType.parts(of: step.activation).contains($0) }
        }
        guard let last = parts.last, let following, last.type.operators.contains(following.kind) else { return parts }
        return parts.dropLast()
    }

    /// Advice for a delegate whose operators are not listed.
    private var delegateHint: String {
        guard let delegate = nodes.first(where: { $0.type.isDelegate }),
            !nodes.contains(where: { $0.name.hasPrefix("Delegate/") })
        else { return "" }
        return "; the report does not list the nodes of \(delegate.type.text), expected a run with "
            + "--use_xnnpack=false, or with TensorFlow Lite 2.9.1 or later"
    }

    private func add(_ network: Network, _ latencies: [Double], to table: inout ImportedTable) {
        var subjects: [MeasuredSubject] = []
        var samples: [String: [Double]] = [:]
        func note(_ subject: MeasuredSubject, _ latency: Double) {
            if samples[subject.key] == nil { subjects.append(subject) }
            samples[subject.key, default: []].append(latency)
        }
        var next = latencies.makeIterator()
        for layer in network.layers {
            let parts = layer.operators.map { ($0, next.next() ?? 0) }
            if case .block(let block) = layer.content {
                note(.block(block, input: layer.input), parts.reduce(0) { $0 + $1.1 })
            }
            for (step, latency) in parts { note(.operator(step), latency) }
        }
        for subject in subjects {
            let sample = SampleMedian(samples[subject.key] ?? [])
            table.add(Measurement(subject: subject, latencyMs: sample.median), key: subject.key)
        }
    }

    private func problem(_ node: Node, _ problem: String) -> FileError {
        .invalid(path: path, place: "line \(node.line)", problem: problem + delegateHint)
    }
}

extension Substring {
    /// Whether the line contains an ASCII text.
    fileprivate func holds(_ text: StaticString) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        var rest = utf8
        while let start = rest.firstIndex(of: text[0]) {
            rest = rest[start...]
            if rest.starts(with: text) { return true }
            rest.removeFirst()
        }
        return false
    }

    /// The number that directly follows a text; nil where the line does not have both.
    fileprivate func number(after text: StaticString) -> Int? {
        guard holds(text), let start = utf8.firstRange(of: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        else { return nil }
        return Int(Substring(utf8[start.upperBound...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }))
    }

    /// The line without what a mail or a log puts before it: "> ", "INFO: ", and
    ///
    /// - Android's logcat: "01-31 23:59:59.000  1234  5678 I tflite  : ", "I/tflite  (21767): ", with a date before it too;
    /// - Android Studio's: "2022-05-30 13:04:39.021 25935-25935 tflite   org.example.app   I  ", and the older
    ///   "2019-05-30 13:04:39.021 25935-25935/org.example.app I/tflite: ";
    /// - iOS's: "2020-10-28 14:41:14.151361+0800 Benchmark[3921:935759] ".
    fileprivate var withoutLogWords: Substring {
        var start = LogWords(rest: utf8)
        var quoted = start
        while quoted.skipSpaces(), quoted.take(">") { start = quoted }
        if start.rest.startIndex != utf8.startIndex { _ = start.take(" ") }
        for prefix in LogWords.prefixes {
            var scan = start
            if prefix(&scan) {
                start = scan
                break
            }
        }
        var scan = start
        scan.skipSpaces()
        return Substring(scan.take("INFO: ") ? scan.rest : start.rest)
    }
}

/// Reads a line from its start, byte by byte.
private struct LogWords {
    var rest: Substring.UTF8View

    /// The prefixes of logs; each returns whether the line has it, and then stands behind it.
    static let prefixes: [@Sendable (inout LogWords) -> Bool] = [
        // logcat with a thread, and with a tag alone
        { $0.takeDate() && $0.takeSpaces() && $0.takeDigits() && $0.takeSpaces() && $0.takeDigits() && $0.take(" ")
            && $0.takeLevel() && $0.take(" ") && $0.takeTag() },
        { $0.takeDate() && $0.takeSpaces() && $0.takeLevel() && $0.take("/") && $0.takeTag() },
        { $0.takeLevel() && $0.take("/") && $0.takeTag() },
        // Android Studio
        { $0.takeDate() && $0.takeSpaces() && $0.takeDigits() && $0.take("-") && $0.takeDigits() && $0.take("/")
            && $0.takeWord() && $0.takeSpaces() && $0.takeLevel() && $0.take("/") && $0.takeTag() },
        { $0.takeDate() && $0.takeSpaces() && $0.takeDigits() && $0.take("-") && $0.takeDigits() && $0.takeSpaces()
            && $0.takeWord() && $0.takeSpaces() && $0.takeWord() && $0.takeSpaces() && $0.takeLevel() && $0.take("  ") },
        // iOS
        { $0.takeDate() && $0.takeZone() && $0.take(" ") && $0.takeProcess() },
    ]

    /// "01-31 23:59:59.000", with a year in front or without.
    mutating func takeDate() -> Bool {
        var dated = self
        if dated.takeDigits(4), dated.take("-") { self = dated }
        return takeDigits(2) && take("-") && takeDigits(2) && take(" ") && takeDigits(2) && take(":") && takeDigits(2)
            && take(":") && takeDigits(2) && take(".") && takeDigits()
    }

    /// "+0800"
    mutating func takeZone() -> Bool { (take("+") || take("-")) && takeDigits(4) }

    /// "Benchmark[3921:935759] "
    mutating func takeProcess() -> Bool {
        guard let end = rest.firstIndex(of: UInt8(ascii: "[")) else { return false }
        rest = rest[rest.index(after: end)...]
        guard takeDigits() else { return false }
        _ = take(":") && takeDigits()
        return take("] ")
    }

    /// "tflite  (21767): " or "tflite  : "
    mutating func takeTag() -> Bool {
        guard let end = rest.firstIndex(of: UInt8(ascii: ":")) else { return false }
        rest = rest[rest.index(after: end)...]
        _ = take(" ")
        return true
    }

    /// At least one letter that is no space.
    mutating func takeWord() -> Bool {
        let before = rest.startIndex
        rest = rest.drop { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return rest.startIndex != before
    }

    mutating func takeSpaces() -> Bool {
        let before = rest.startIndex
        skipSpaces()
        return rest.startIndex != before
    }

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// So many digits, or at least one where the count is nil.
    mutating func takeDigits(_ count: Int? = nil) -> Bool {
        var found = 0
        while found != count, let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            rest.removeFirst()
            found += 1
        }
        return found == count ?? max(1, found)
    }

    /// A capital letter.
    mutating func takeLevel() -> Bool {
        guard let byte = rest.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Always true, for a condition.
    @discardableResult
    mutating func skipSpaces() -> Bool {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return true
    }
}
