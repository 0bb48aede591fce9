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
/// A cell that does not apply to the row's subject is empty. `devices/measurements-example.csv` is an example. Headings
/// may be written as people do, "Latency [ms]" or "latency_us" (see `SheetHeading`), and numbers as spreadsheet
/// programs of all countries do (see `SheetNumbers`).
public struct MeasurementSheet {
    private static let descriptive = [
        "subject", "input_height", "input_width", "input_channels", "output_channels", "kernel", "stride",
        "activation", "expansion", "se_ratio", "residual", "expand_convolution", "squeeze_activation", "se_activation",
        "projection_activation",
    ]
    private static let model = "model"
    private static let measured = ["latency_ms", "stddev_ms", "count"]
    /// Why a row that was not measured is none of the table's.
    public static let withoutLatency = "no latency_ms"

    /// All columns that a sheet may have.
    static let columns: [NamedSheet.Column] = ([model] + descriptive + measured).map { name -> NamedSheet.Column in
        let isText = name == model || name == "subject" || name.hasSuffix("activation")
        let isTruth = name == "residual" || name == "expand_convolution"
        return (name: name, kind: isText ? .text : isTruth ? .truth : .number)
    }

    /// The blocks and operators. A row that is none, or has no number for a latency, is listed with its line.
    public let table: ImportedTable

    /// - Throws: `FileError`, also where the sheet has no heading, or an unknown column.
    public init(contentsOf path: String) throws {
        try self.init(text: TextFile.read(path, what: "table of measurements"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws {
        let sheet = try NamedSheet(text, path: path, columns: Self.columns)
        var table = ImportedTable()
        table.notes = sheet.notes
        for row in sheet.rows {
            do {
                try Self.read(sheet.members(of: row), line: row.line, path: path, into: &table)
            } catch let error as FileError {
                table.unmatched.append(sheet.unmatched(row, error))
            }
        }
        self.table = table
    }

    /// Reads the cells of a row.
    ///
    /// - Throws: `FileError.invalid` where they are no block or operator, or a cell is no number; `table` is then as
    ///   before.
    static func read(_ members: [JSON.Member], line: Int, path: String, into table: inout ImportedTable) throws {
        let node = JSONNode(.object(members.filter { $0.key != model }), path: path, pointer: "line \(line)")
        let (subject, measurement) = try node.object { fields -> (MeasuredSubject, Measurement?) in
            let subject = try Self.subject(&fields)
            return (subject, try Self.measurement(of: subject, &fields))
        }
        if let measurement {
            table.add(measurement, key: subject.key)
        } else {
            table.unmatched.append(.init(key: subject.key, reason: withoutLatency))
        }
    }

    /// nil where the row has no latency.
    private static func measurement(of subject: MeasuredSubject, _ fields: inout JSONFields) throws -> Measurement? {
        let deviation = try fields.optionalNode("stddev_ms")?.number(in: LatencyTable.deviationsMs)
        let count = try fields.optionalNode("count")?.integer(in: LatencyTable.counts)
        let limit = Double.greatestFiniteMagnitude
        return try fields.optionalNode("latency_ms").map { latency in
            Measurement(
                subject: subject, latencyMs: try latency.number(in: -limit...limit), standardDeviationMs: deviation, count: count)
        }
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
    ///
    /// - Parameter modelExtension: of the models that the sheet names.
    public static func template(for plan: ProfilingPlan, modelExtension: String = "onnx") -> String {
        CommaSeparatedRows.text([model] + descriptive + measured)
            + plan.subjects.map { subject in
                let fields = JSON.object(subject.members)
                let cells = descriptive.map { name in
                    name == "subject" ? fields["operator"] ?? "block" : fields[name] ?? ""
                }
                return CommaSeparatedRows.text(
                    ["\(subject.modelName).\(modelExtension)"] + cells.map(text) + measured.map { _ in "" })
            }.joined()
    }

    private static func text(_ value: JSON) -> String {
        if case .string(let text) = value { return text }
        return value.text(pretty: false)
    }
}
