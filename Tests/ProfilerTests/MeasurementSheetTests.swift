import Architectures
import Files
import Profiler
import Testing
import TestSupport

@Suite("A sheet of measurements")
struct MeasurementSheetTests {
    @Test(
        "that a plan writes is read back to the plan, once it is filled in",
        arguments: ["fashion-mnist", "single-path-mobile", nil])
    func roundTrip(space: String?) throws {
        // What all known architectures need, where it is not a space.
        let plan =
            try space.map { ProfilingPlan(space: try SearchSpace(contentsOf: ShippedFiles.space($0))) }
            ?? ProfilingPlan(architectures: ShippedFiles.references().map { try Architecture(contentsOf: $0) })
        let template = MeasurementSheet.template(for: plan)
        let empty = try MeasurementSheet(text: template, path: "sheet").table
        #expect(empty.measurements == [])
        #expect(empty.unmatched.map(\.key) == plan.subjects.map(\.key))
        #expect(empty.unmatched.allSatisfy { $0.reason == "no latency_ms" })

        let filled = template.split(separator: "\n").enumerated().map { index, line in
            index == 0 ? String(line) : line.dropLast(3) + ",\(Double(index) / 4),0.5,\(index)"
        }.joined(separator: "\r\n")
        let table = try MeasurementSheet(text: filled, path: "sheet").table
        #expect(table.unmatched == [])
        #expect(table.measurements.map(\.subject) == plan.subjects)
        #expect(table.measurements[2].latencyMs == 0.75 && table.measurements[2].count == 3)
        #expect(table.measurements[2].deviationMs == 0.6745 * 0.5)
    }

    @Test("tells all that a subject is")
    func columns() throws {
        let squeeze = Block(
            shape: .init(kernel: 5, stride: 1, expansion: 3, inputChannels: 8, outputChannels: 8),
            squeezeExcite: SqueezeExcite(ratio: 0.25), residual: true)
        let input = FeatureShape(height: 6, width: 5, channels: 8)
        let subject = MeasuredSubject.block(squeeze, input: input)
        let steps = squeeze.operators(input: input).map(MeasuredSubject.operator)
        for subject in [subject] + steps {
            let measurement = Measurement(subject: subject, latencyMs: 2, deviationMs: 0.5, count: 3)
            guard case .object(let members) = measurement.json else {
                Issue.record("no object")
                return
            }
            var columns = members.map { ["operator": "subject", "deviation_ms": "stddev_ms"][$0.key] ?? $0.key }
            var cells = members.map { member in
                if case .string(let text) = member.value { text } else { member.value.text(pretty: false) }
            }
            if !columns.contains("subject") { (columns, cells) = (columns + ["subject"], cells + ["block"]) }
            let text = columns.joined(separator: ",") + "\n" + cells.joined(separator: ",") + "\n"
            let table = try MeasurementSheet(text: text, path: "sheet").table
            #expect(table.measurements.map(\.subject) == [subject])
        }
    }

    @Test("may have its columns in any order, quotes, and empty lines")
    func forms() throws {
        let text = """
            latency_ms,subject,kernel, stride ,"input_height",input_width,input_channels,output_channels,activation

            0.5,"convolution",3,2,28,28,1,8,relu
            """
        let table = try MeasurementSheet(text: text, path: "sheet").table
        let stem = Operator.convolution(
            kernel: 3, stride: 2, input: FeatureShape(height: 28, width: 28, channels: 1), outputChannels: 8,
            activation: .relu)
        #expect(table.measurements == [Measurement(subject: .operator(stem), latencyMs: 0.5)])
    }

    @Test("may be saved by a spreadsheet program: a byte order mark, semicolons or tabs, decimal commas, CRLF", arguments: [
        (";", "\n", ""), (";", "\r\n", "\u{FEFF}"), ("\t", "\n", ""), (",", "\r\n", "\u{FEFF}"),
    ])
    func spreadsheets(separator: String, end: String, start: String) throws {
        let latency = separator == "," ? "4.25" : "4,25"
        let rows = [
            ["subject", "input_height", "input_width", "input_channels", "output_channels", "kernel", "stride", "activation", "latency_ms"],
            ["convolution", "96", "96", "3", "16", "3", "2", "relu", latency],
        ]
        let text = start + rows.map { $0.joined(separator: separator) + end }.joined()
        #expect(try MeasurementSheet(text: text, path: "t").table.measurements.map(\.latencyMs) == [4.25])
    }

    @Test("with something wrong is refused at its line", arguments: [
        ("", ""), ("subject,colour\n", "line 1"), ("subject,subject\n", "line 1"),
        (Self.heading + "convolution,3,2,28,28,1,8\n", "line 2"),
        (Self.heading + "convolution,4,2,28,28,1,8,relu,1\n", "line 2/kernel"),
        (Self.heading + "convolution,3,2,28,28,1,8,relu7,1\n", "line 2/activation"),
        (Self.heading + "convolution,3,2,28,0,1,8,relu,1\n", "line 2/input_width"),
        (Self.heading + "convolution,3,2,28,28,1,8,relu,fast\n", "line 2/latency_ms"),
        (Self.heading + "\nconvolution,3,,28,28,1,8,relu,1\n", "line 3/stride"),
        (Self.heading + "squeeze,3,2,28,28,1,8,relu,1\n", "line 2/subject"),
        (Self.heading + "add,3,1,28,28,8,8,none,1\n", "line 2"),
        (Self.heading + "add,1,1,28,28,8,8,relu,1\n", "line 2/activation"),
        (Self.heading + "fully_connected,1,1,28,28,8,8,none,1\n", "line 2"),
        (Self.heading + "block,3,2,28,28,1,8,,1\n", "line 2/expansion"),
    ])
    func damaged(text: String, place: String) {
        let found = invalidPlace { try MeasurementSheet(text: text, path: "sheet.csv") }
        #expect(found?.place == place, "\(String(describing: found))")
    }

    private static let heading =
        "subject,kernel,stride,input_height,input_width,input_channels,output_channels,activation,latency_ms\n"

    @Test("lists latencies that are none with their numbers", arguments: ["0", "-3", "1e-12"])
    func refused(latency: String) throws {
        let table = try MeasurementSheet(
            text: Self.heading + "convolution,3,2,28,28,1,8,relu,\(latency)\n", path: "sheet"
        ).table
        #expect(table.measurements == [] && table.unmatched.count == 1)
        #expect(table.unmatched[0].reason.contains("ms is"))
    }

    @Test("has an example that comes with the product")
    func example() throws {
        let table = try MeasurementSheet(contentsOf: ShippedFiles.root + "/devices/measurements-example.csv").table
        #expect(table.unmatched == [] && table.measurements.count == 4)
        let blocks = table.measurements.filter { if case .block = $0.subject { true } else { false } }
        #expect(blocks.count == 1 && table.measurements.contains { $0.count == nil })
    }

    @Test("stands in a plan's directory beside a model of every row, and is not written over")
    func planDirectory() throws {
        let directory = try TemporaryDirectory()
        for plan in [
            try ProfilingPlan(space: .small()),
            ProfilingPlan(architectures: try ["mobilenet-v3-large", "efficientnet-b0"].map {
                try Architecture(contentsOf: ShippedFiles.reference($0))
            }),
        ] {
            let place = directory.file("plan\(plan.subjects.count)")
            var written: [(key: String, path: String)] = []
            let path = try PlanDirectory(creating: place).write(plan) { subject, path in
                try AtomicFile.write(subject.layer.key, to: path)
                written.append((subject.key, path))
            }
            #expect(try MeasurementSheet(contentsOf: path).table.unmatched.map(\.key) == plan.subjects.map(\.key))
            let rows = try TextFile.read(path, what: "sheet").split(separator: "\n").map { $0.prefix { $0 != "," } }
            #expect(rows.first == "model" && rows.dropFirst().map { "\(place)/\($0)" } == written.map { $0.path + ".onnx" })
            #expect(Set(rows).count == rows.count && written.map(\.key) == plan.subjects.map(\.key))
            #expect(rows.dropFirst().allSatisfy { $0.wholeMatch(of: #/models/[A-Za-z0-9._-]{1,200}\.onnx/#) != nil })
            for (key, path) in written { #expect(try TextFile.read(path, what: "model") == key) }

            written = []
            #expect(throws: FileError.self) {
                try PlanDirectory(creating: place).write(plan) { written.append(($0.key, $1)) }
            }
            #expect(written.isEmpty)
        }
    }
}
