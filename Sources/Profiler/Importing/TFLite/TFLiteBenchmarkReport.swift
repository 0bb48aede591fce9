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

    /// A line among the nodes that is none, such as one of another program in the same log.
    private struct Stray: Hashable {
        let line: Int
        let text: String

        init(line: Int, text: Substring) {
            self.line = line
            self.text = String(text.split(maxSplits: 60, whereSeparator: \.isWhitespace).joined(separator: " ").prefix(60))
        }
    }

    /// Far more nodes than any model has.
    private static let nodeLimit = 16_384

    private let nodes: [Node]
    private let strays: [Stray]
    private let path: String
    private let settings: TFLiteRunSettings
    /// The threads that the report says it ran with; nil where it does not say.
    public var threads: Int? { settings.threads }
    /// What the delegate's kernels compute with: the first of `DataType` that any kernel has; nil where no name tells
    /// one.
    public var dataType: DataType? {
        let types = Set(nodes.compactMap(\.type.dataType))
        return DataType.allCases.first { types.contains($0) }
    }

    /// What kernels compute with, the rarest first. The raw value is for people, and of float32 and int8 that of
    /// `Runtime.DataType`.
    public enum DataType: String, Hashable, Sendable, CaseIterable {
        case weightsOf4Bits = "products with weights of 4 bits"
        /// Products of eight bits, also where the maps are quantised as the model runs.
        case int8
        /// Products of float numbers whose weights are stored in eight bits.
        case weightsOf8Bits = "float products with weights of 8 bits"
        case bfloat16
        case float16
        case float32
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
        let lines = LogLine.lines(of: text)
        // The report lists the initialization separately; delegates and other subgraphs follow after the main list.
        let runs = lines.firstIndex { $0.text.holds(Self.heading) }
        if runs == nil, let start = lines.first(where: { $0.text.holds("Profiling Info for Benchmark Initialization") }) {
            throw .invalid(
                path: path, place: "line \(start.number)",
                problem: "this list is of the initialization, and the one of the runs is missing; expected the whole report")
        }
        func isTitle(_ line: LogLine) -> Bool { line.text.holds("= Run Order =") }
        let title = lines[(runs ?? 0)...].firstIndex(where: isTitle)
        guard let heading = title.map({ $0 + 1 }) ?? Self.bareHeading(in: lines[(runs.map { $0 + 1 } ?? 0)...]) else {
            if let other = ForeignTable(text, besides: .report) { throw other.problem(path: path) }
            throw .invalid(
                path: path, place: "",
                problem: "expected a list \"Run Order\", which benchmark_model prints with --enable_op_profiling=true")
        }
        try Self.checkOnlyRun(in: lines, lists: runs == nil ? lines.indices.filter { isTitle(lines[$0]) } : [], path: path)
        let prefix = LinePrefix(of: title.map { lines[$0].text } ?? "")
        guard heading < lines.count, let columns = TFLiteReportColumns(heading: prefix.dropped(from: lines[heading].text)) else {
            throw .invalid(
                path: path, place: "line \(lines[max(0, heading - 1)].number + 1)",
                problem: "expected the names of columns, among them \"avg ms\"")
        }
        var nodes: [Node] = [], strays: [Stray] = []
        for line in lines[(heading + 1)...] {
            let text = prefix.dropped(from: line.text)
            // An empty line ends the list, and the next title where that line is missing.
            if text.allSatisfy(\.isWhitespace) || text.holds("======") { break }
            guard nodes.count + strays.count < Self.nodeLimit else {
                throw .invalid(
                    path: path, place: "line \(line.number)", problem: "expected at most \(Self.nodeLimit) nodes, found more")
            }
            guard let row = columns.row(of: text) else {
                strays.append(Stray(line: line.number, text: text))
                continue
            }
            nodes.append(
                Node(
                    type: TFLiteNodeType(row.type), name: row.name, averageMs: row.averageMs,
                    timesCalled: row.timesCalled, line: line.number))
        }
        if nodes.isEmpty, let stray = strays.first {
            throw .invalid(
                path: path, place: "line \(stray.line)",
                problem: "expected a node and its mean latency in milliseconds, found \"\(stray.text)\"")
        }
        if let node = nodes.first(where: \.type.isOfTensorFlow) {
            throw .invalid(
                path: path, place: "line \(node.line)",
                problem: "\(node.type.text) is an operator of TensorFlow itself, whose profiler prints lists of the same form; expected a "
                    + "report of TensorFlow Lite's benchmark_model")
        }
        self.nodes = nodes
        self.strays = strays
        settings = TFLiteRunSettings(lines[..<heading], path: path)
    }

    /// The place of the names of columns where these lines have nothing before them: in one list alone, as people cut it out
    /// of a CSV file, and in a report without titles, whose equal signs some pages take for marks of their own.
    private static func bareHeading(in lines: ArraySlice<LogLine>) -> Int? {
        guard let first = lines.firstIndex(where: { !$0.text.allSatisfy(\.isWhitespace) }),
            TFLiteReportColumns(heading: lines[first].text) != nil
        else { return nil }
        return first
    }

    private static let heading: StaticString = "Profiling Info for Regular Benchmark Runs"

    /// Checks that the file is the output of one run. Two runs have other threads or another model, or one of them
    /// breaks off, and nothing says which one is meant.
    ///
    /// - Parameter lists: the titles of lists in a file without the heading of the runs, which only one may have.
    /// - Throws: `FileError.invalid` with the places of both.
    private static func checkOnlyRun(in lines: [LogLine], lists: [Int], path: String) throws(FileError) {
        // Each of these stands in the output of one run at most once.
        let marks: [StaticString] = ["STARTING!", "Graph: [", "Loaded model ", heading]
        let places = marks.map { mark in lines.filter { $0.text.holds(mark) }.map(\.number) }
        let repeated = (places + [lists.map { lines[$0].number }]).filter { $0.count > 1 }
        guard let first = repeated.min(by: { $0[1] < $1[1] }) else { return }
        throw .invalid(
            path: path, place: "line \(first[1])",
            problem: "a second run of benchmark_model begins here, and the first one on line \(first[0]); expected the output "
                + "of one run in a file")
    }

    /// Checks what the report says of itself against the runtime of the profile that it goes into.
    ///
    /// - Parameter device: the name of the profile, for messages.
    /// - Throws: `FileError.invalid`.
    public func check(against runtime: Runtime, of device: String) throws(FileError) {
        try checkDelegates()
        try settings.check(
            threads: runtime.threads, otherwise: "\(device) has \(runtime.threads): expected a --like with as many")
        let isOfProfiles = dataType.flatMap { Runtime.DataType(rawValue: $0.rawValue) } != nil
        try check(
            runtime.dataType,
            otherwise: "\(device) is \(runtime.dataType.rawValue): expected "
                + (isOfProfiles ? "a --like of that data type" : "a report of float32 or int8, as profiles are"))
    }

    /// Checks what the report says of itself against what the program that printed it was told.
    ///
    /// - Throws: `FileError.invalid`.
    public func check(against facts: RuntimeFacts) throws(FileError) {
        try checkDelegates()
        try settings.check(against: facts)
        try check(
            facts.dataType, otherwise: "the models are \(facts.dataType.rawValue): expected a program that runs them as they are")
    }

    /// Checks that the kernels are of a data type, as far as their names tell.
    ///
    /// - Parameter problem: the end of the sentence about another one.
    private func check(_ expected: Runtime.DataType, otherwise problem: String) throws(FileError) {
        if let dataType, dataType.rawValue != expected.rawValue {
            throw .invalid(path: path, place: "", problem: "the report's kernels are \(dataType.rawValue), and \(problem)")
        }
    }

    /// Checks that no node ran on a delegate that lists none of its own.
    private func checkDelegates() throws(FileError) {
        for node in nodes {
            guard let delegate = node.type.foreignDelegate else { continue }
            throw .invalid(
                path: path, place: "line \(node.line)",
                problem: "\(node.type.text.prefix(60)): nodes ran on \(delegate.name), which lists none of them; expected "
                    + delegate.expected)
        }
    }

    /// The latencies of the operators and blocks of `network`, which must be the report's model; a subject that occurs
    /// several times has the median.
    ///
    /// - Throws: `FileError.invalid` where the nodes are not the network's operators in their order.
    public func table(of network: Network) throws(FileError) -> ImportedTable {
        var table = ImportedTable()
        let (latencies, others) = try latencies(of: network)
        table.unmatched = strays.map { stray in
            ImportedTable.Unmatched(
                key: "line \(stray.line)", reason: "no node and its mean latency in milliseconds: \"\(stray.text)\"")
        }
        table.unmatched += others.map { node in
            ImportedTable.Unmatched(
                key: node.name.isEmpty ? node.type.text : "\(node.type.text) \(node.name)",
                reason: "no operator of the architecture; it takes \(node.averageMs) ms")
        }
        add(network, latencies, to: &table)
        table.storedRows = max(0, nodes.count + strays.count - table.unmatched.count)
        return table
    }

    /// The latencies of the operators of `network`, which must be the report's model, in milliseconds and in its order,
    /// and the nodes that are none of them.
    ///
    /// - Throws: `FileError.invalid` where the nodes are not the network's operators in their order.
    func latencies(of network: Network) throws(FileError) -> (operators: [Double], others: [Node]) {
        try checkDelegates()
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
                    + "\(latencies.count); the first that is missing is \(steps[latencies.count].key)" + delegateHint + strayHint)
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
        guard let delegate = nodes.first(where: { $0.type.isXNNPACKDelegate }),
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
        .invalid(path: path, place: "line \(node.line)", problem: problem + delegateHint + strayHint)
    }

    /// Where a line may have been a node.
    private var strayHint: String {
        strays.first.map { "; line \($0.line) is no node that can be read: \"\($0.text)\"" } ?? ""
    }
}
