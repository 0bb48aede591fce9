import Architectures
import JSONDocuments

/// What TensorFlow Lite's benchmark_model prints with --enable_op_profiling=true, as text or as CSV, about one model.
///
/// Only the last list "Run Order" is read, which is that of the benchmark runs: one node a line, with the mean of its
/// latency in milliseconds. Nodes are TensorFlow Lite's own ("CONV_2D") or those of its XNNPACK delegate
/// ("Convolution (NHWC, F32) IGEMM").
public struct TFLiteBenchmarkReport {
    /// A node of the model as the report lists it.
    struct Node: Hashable {
        let type: String
        let name: String
        let averageMs: Double
        /// In the file, from 1.
        let line: Int
    }

    private let nodes: [Node]
    private let path: String

    /// - Throws: `FileError`, also for a file without a list of nodes in run order.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "benchmark report"), path: path)
    }

    /// - Parameter path: of the file that `text` is from.
    public init(text: String, path: String) throws(FileError) {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? line.dropLast() : line
        }
        guard let title = lines.lastIndex(where: { $0.contains("=== Run Order ===") }) else {
            throw .invalid(
                path: path, place: "",
                problem: "expected a list \"Run Order\", which benchmark_model prints with --enable_op_profiling=true")
        }
        guard title + 1 < lines.count, let columns = Columns(heading: lines[title + 1]) else {
            throw .invalid(
                path: path, place: "line \(title + 2)", problem: "expected the names of columns, among them \"avg ms\"")
        }
        var nodes: [Node] = []
        for index in (title + 2)..<max(title + 2, lines.count) {
            let cells = columns.cells(of: lines[index])
            // An empty line ends the list.
            if cells.allSatisfy(\.isEmpty) { break }
            guard cells.count > columns.average, let average = Double(cells[columns.average]) else {
                throw .invalid(
                    path: path, place: "line \(index + 1)",
                    problem: "expected a node and its mean latency in milliseconds")
            }
            nodes.append(
                Node(
                    type: cells[0], name: cells.count > columns.count - 1 ? cells[columns.count - 1] : "",
                    averageMs: average, line: index + 1))
        }
        self.nodes = nodes
    }

    /// How a list of nodes is laid out.
    private struct Columns {
        let separator: Character
        /// Of the mean latency.
        let average: Int
        let count: Int

        /// nil where the line names no column for the mean latency.
        init?(heading: Substring) {
            separator = heading.contains("\t") ? "\t" : ","
            let names = Self.cells(of: heading, separator)
            guard let average = names.firstIndex(where: { ["[avg ms]", "avg_ms"].contains($0) }) else { return nil }
            self.average = average
            count = names.count
        }

        func cells(of line: Substring) -> [String] {
            let cells = Self.cells(of: line, separator)
            // A comma in a node's type is no separator: all numbers stand behind it.
            guard separator == ",", cells.count > count else { return cells }
            let more = cells.count - count
            return [cells[0...more].joined(separator: ", ")] + cells[(more + 1)...]
        }

        private static func cells(of line: Substring, _ separator: Character) -> [String] {
            var cells = line.split(separator: separator, omittingEmptySubsequences: false).map { cell in
                let start = cell.drop(while: \.isWhitespace)
                return String(start.reversed().drop(while: \.isWhitespace).reversed())
            }
            // The text begins every line with separators.
            if separator == "\t" { cells = Array(cells.drop(while: \.isEmpty)) }
            return cells
        }
    }

    /// The latencies of a network's operators and blocks, the network being the model's; what stands in it several
    /// times has the median of them.
    ///
    /// - Throws: `FileError.invalid` where the nodes are not the network's operators in their order.
    public func table(of network: Network) throws(FileError) -> ImportedTable {
        var table = ImportedTable()
        let steps = network.layers.flatMap(\.operators)
        var latencies: [Double] = []
        for node in nodes {
            if Self.isSigmoid(node.type), let last = latencies.indices.last, steps[last].activation == .sigmoid {
                // A runtime that does not fuse the gate's activation runs it as a node of its own.
                latencies[last] += node.averageMs
                continue
            }
            let kinds = Self.kinds(of: node.type)
            if kinds.isEmpty {
                table.unmatched.append(
                    .init(
                        key: node.name.isEmpty ? node.type : "\(node.type) \(node.name)",
                        reason: "no operator of the architecture; it takes \(node.averageMs) ms"))
                continue
            }
            guard latencies.count < steps.count else {
                throw problem(node, "\(node.type), after all operators of \(network.name)")
            }
            let step = steps[latencies.count]
            guard kinds.contains(step.kind) else {
                throw problem(node, "\(node.type), where \(network.name) has \(step.key)")
            }
            latencies.append(node.averageMs)
        }
        guard latencies.count == steps.count else {
            throw .invalid(
                path: path, place: "", problem: "expected \(steps.count) operators of \(network.name), found "
                    + "\(latencies.count); the first that is missing is \(steps[latencies.count].key)")
        }
        add(network, latencies, to: &table)
        return table
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
        .invalid(path: path, place: "line \(node.line)", problem: problem)
    }

    private static func isSigmoid(_ type: String) -> Bool { type == "LOGISTIC" || type.hasPrefix("Sigmoid (") }

    /// What a node may be an operator of; a matrix product on a map of one pixel may be either of two.
    private static func kinds(of type: String) -> [Operator.Kind] {
        switch type {
        case "CONV_2D": [.convolution, .fullyConnected]
        case "DEPTHWISE_CONV_2D": [.depthwiseConvolution]
        case "FULLY_CONNECTED": [.fullyConnected]
        case "AVERAGE_POOL_2D", "MEAN": [.globalAveragePool]
        case "ADD": [.add]
        case "MUL": [.multiply]
        default:
            if type.hasPrefix("Convolution (") {
                type.hasSuffix("DWConv") ? [.depthwiseConvolution] : [.convolution, .fullyConnected]
            } else if type.hasPrefix("Fully Connected (") {
                [.fullyConnected]
            } else if type.hasPrefix("Global Average Pooling (") || type.hasPrefix("Mean (") {
                [.globalAveragePool]
            } else if type.hasPrefix("Add (") {
                [.add]
            } else if type.hasPrefix("Multiply (") {
                [.multiply]
            } else {
                []
            }
        }
    }
}
