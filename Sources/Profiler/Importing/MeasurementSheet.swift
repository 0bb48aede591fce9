import Architectures
import Files
import HardwareProfiles

/// Latencies of blocks and operators as a CSV table, one a row, for people who measure with their own program.
///
/// The first row names the columns, in any order:
///
/// | column | content |
/// | --- | --- |
/// | `model` | for people: the file of a model of the row's subject; ignored |
/// | `subject` | `block`, or the kind of an operator, such as `convolution` (see `Operator.Kind`) |
/// | `input_height`, `input_width`, `input_channels` | the map that is read |
/// | `output_channels` | the width of the map that is written |
/// | `kernel`, `stride` | of the window; 1 where an operator has none |
/// | `activation` | of an operator (see `Activation`), or of a block where it is not `relu` |
/// | `expansion`, `se_ratio`, `residual`, `expand_convolution` | of a block |
/// | `squeeze_activation`, `se_activation`, `projection_activation` | of a block, where they are not the default |
/// | `latency_ms` | the latency; empty where it was not measured |
/// | `stddev_ms`, `count` | its standard deviation, and the number of runs; may be empty or left out |
///
/// A cell that does not apply to the row's subject is empty. `devices/measurements-example.csv` is an example.
public struct MeasurementSheet {
    private static let descriptive = [
        "subject", "input_height", "input_width", "input_channels", "output_channels", "kernel", "stride",
        "activation", "expansion", "se_ratio", "residual", "expand_convolution", "squeeze_activation", "se_activation",
        "projection_activation",
    ]
    private static let model = "model"
    private static let measured = ["latency_ms", "stddev_ms", "count"]

    public let table: ImportedTable

    /// - Throws: `FileError`, also where a row is no block or operator, or a latency is no number.
    public init(contentsOf path: String) throws {
        try self.init(text: TextFile.read(path, what: "table of measurements"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws {
        let sheet = CommaSeparatedRows(text), rows = sheet.rows
        guard let heading = rows.first else {
            throw FileError.invalid(path: path, place: "", problem: "expected a row of column names, found nothing")
        }
        let known = [Self.model] + Self.descriptive + Self.measured
        for (index, name) in heading.cells.enumerated() {
            if !known.contains(name) {
                if let other = ForeignTable(text, besides: .csv) { throw other.problem(path: path) }
                throw FileError.invalid(
                    path: path, place: "line \(heading.line)",
                    problem: "unknown column \"\(name.prefix(60))\"; known here: \(known.joined(separator: ", "))")
            }
            if heading.cells[..<index].contains(name) {
                throw FileError.invalid(
                    path: path, place: "line \(heading.line)", problem: "a second column \"\(name)\"")
            }
        }
        var table = ImportedTable()
        for row in rows.dropFirst() {
            guard row.cells.count == heading.cells.count else {
                throw FileError.invalid(
                    path: path, place: "line \(row.line)",
                    problem: "expected \(heading.cells.count) cells, found \(row.cells.count)")
            }
            let members = zip(heading.cells, row.cells).filter { $0.0 != Self.model && !$0.1.isEmpty }.map {
                JSON.Member(key: $0, value: Self.value($1, mayHaveDecimalComma: sheet.mayHaveDecimalCommas))
            }
            let node = JSONNode(.object(members), path: path, pointer: "line \(row.line)")
            try node.object { try Self.read(&$0, into: &table) }
        }
        self.table = table
    }

    /// The JSON value of a cell.
    private static func value(_ cell: String, mayHaveDecimalComma: Bool) -> JSON {
        // "4,2", as spreadsheet programs write it in most of Europe.
        let isDecimal = mayHaveDecimalComma && cell.contains(",") && cell.allSatisfy { $0 == "," || $0 == "-" || $0.isWholeNumber }
        let cell = isDecimal ? cell.replacing(",", with: ".", maxReplacements: 1) : cell
        if let value = Int(cell) { return .integer(value) }
        if let value = Double(cell) { return .number(value) }
        return cell == "true" ? true : cell == "false" ? false : .string(cell)
    }

    private static func read(_ fields: inout JSONFields, into table: inout ImportedTable) throws {
        let subject = try subject(&fields)
        let deviation = try fields.optionalNode("stddev_ms")?.number(in: LatencyTable.deviationsMs)
        let count = try fields.optionalNode("count")?.integer(in: LatencyTable.counts)
        guard let latency = fields.optionalNode("latency_ms") else {
            table.unmatched.append(.init(key: subject.key, reason: "no latency_ms"))
            return
        }
        let limit = Double.greatestFiniteMagnitude
        table.add(
            Measurement(
                subject: subject, latencyMs: try latency.number(in: -limit...limit), standardDeviationMs: deviation,
                count: count),
            key: subject.key)
    }

    private static func subject(_ fields: inout JSONFields) throws -> MeasuredSubject {
        let subject = try fields.node("subject")
        let name = try subject.string()
        let height = try fields.integer("input_height", in: Limits.imageSide)
        let width = try fields.integer("input_width", in: Limits.imageSide)
        if name == "block" {
            let block = try Block(json: &fields)
            return .block(
                block, input: FeatureShape(height: height, width: width, channels: block.shape.inputChannels))
        }
        guard let kind = Operator.Kind(rawValue: name) else {
            throw subject.mismatch(expected: "\"block\" or the kind of an operator")
        }
        let input = FeatureShape(
            height: height, width: width, channels: try fields.integer("input_channels", in: Limits.channels))
        let outputs = try fields.node("output_channels")
        let kernel = try fields.node("kernel"), stride = try fields.integer("stride", in: Limits.stride)
        let activationName = try fields.node("activation")
        guard let activation = Activation(rawValue: try activationName.string()) else {
            throw activationName.mismatch(expected: "an activation")
        }
        let side = try kernel.integer(in: Limits.kernel)
        if side % 2 == 0 { throw kernel.mismatch(expected: "an odd integer") }
        guard let step = Operator(
            kind, kernel: side, stride: stride, input: input, outputChannels: try outputs.integer(in: Limits.channels),
            activation: activation)
        else { throw subject.mismatch(expected: "\"block\" or the kind of an operator in a search space") }
        // The kind fixes some cells: a sum has no window, and pooling keeps the width.
        let fixed = [
            (try outputs.integer(in: Limits.channels), step.output.channels, "output_channels"), (side, step.kernel, "kernel"),
            (stride, step.stride, "stride"), (height, step.input.height, "input_height"),
            (width, step.input.width, "input_width"),
        ]
        for (found, expected, field) in fixed where found != expected {
            throw fields.problem("expected \(expected) in \"\(field)\" of \(name), found \(found)")
        }
        if step.activation != activation {
            throw activationName.mismatch(expected: "\"\(step.activation.rawValue)\"")
        }
        return .operator(step)
    }

    /// The sheet for a plan, with the names of the models that `PlanDirectory` writes and empty latencies.
    public static func template(for plan: ProfilingPlan) -> String {
        CommaSeparatedRows.text([model] + descriptive + measured)
            + plan.subjects.map { subject in
                let fields = JSON.object(subject.members)
                let cells = descriptive.map { name in
                    name == "subject" ? fields["operator"] ?? "block" : fields[name] ?? ""
                }
                return CommaSeparatedRows.text([subject.modelName + ".onnx"] + cells.map(text) + measured.map { _ in "" })
            }.joined()
    }

    private static func text(_ value: JSON) -> String {
        if case .string(let text) = value { return text }
        return value.text(pretty: false)
    }
}
