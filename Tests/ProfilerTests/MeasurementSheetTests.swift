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

    @Test("without a heading that can be read is refused at its line", arguments: [
        ("", ""), ("subject,colour\n", "line 1"), ("subject,subject\n", "line 1"), ("latency_ms,subject,Latency [us]\n", "line 1"),
        ("subject,,latency_ms\nadd,x,3\n", "line 1"), ("# Mine\n\nsubject,colour\n", "line 3"),
        (Self.heading + Self.stem("4.5") + "\"convolution,3,2,28,28,1,8,relu,1\n" + Self.stem("4.5"), "line 3"),
    ])
    func damaged(text: String, place: String) {
        let found = invalidPlace { try MeasurementSheet(text: text, path: "sheet.csv") }
        #expect(found?.place == place, "\(String(describing: found))")
    }

    @Test("lists a row with something wrong, and reads the others", arguments: [
        ("convolution,3,2,28,28,1,8", "expected 9 cells, found 7"),
        ("convolution,3,2,28,28,1,8,relu,4,2", "expected 9 cells, found 10"),
        ("convolution,4,2,28,28,1,8,relu,1", "kernel: expected an odd integer, found 4"),
        ("convolution,3,2,28,28,1,8,relu7,1", "activation: expected an activation, found \"relu7\""),
        ("convolution,3,2,28,0,1,8,relu,1", "input_width: expected an integer from 1"),
        ("convolution,3,2,28,28,1,8,relu,fast", "latency_ms: expected a number, found \"fast\""),
        ("convolution,3,2,28,28,1,8,relu,4.2 ms", "latency_ms: expected a number, found \"4.2 ms\""),
        ("convolution,3,2,28,28,1,8,relu,nan", "latency_ms: expected a number, found \"nan\""),
        ("convolution,3,,28,28,1,8,relu,1", "stride: missing field"),
        ("convolution,3,2.5,28,28.5,1,8,relu,1", "input_width: expected an integer from"),
        ("convolutoin,3,2,28,28,1,8,relu,1", "subject: expected \"block\" or the kind of an operator, found \"convolutoin\""),
        ("add,3,1,28,28,8,8,none,1", "expected 1 in \"kernel\" of add, found 3"),
        ("add,1,1,28,28,8,8,relu,1", "activation: expected \"none\""),
        ("fully_connected,1,1,28,28,8,8,none,1", "expected 1 in \"input_height\""),
        ("block,3,2,28,28,1,8,,1", "expansion: missing field \"expansion\"; se_ratio: missing field"),
    ])
    func badRow(row: String, reason: String) throws {
        let text = Self.heading + Self.stem("4.5") + row + "\n" + Self.stem("5.5")
        let table = try MeasurementSheet(text: text, path: "sheet.csv").table
        #expect(table.measurements.map(\.latencyMs) == [4.5, 5.5] && table.rows == 3)
        #expect(table.unmatched.map(\.key) == ["line 3"])
        #expect(table.unmatched.first?.reason.hasPrefix(reason) == true, "\(table.unmatched)")
    }

    /// A row of a stem with that latency.
    private static func stem(_ latency: String) -> String { "convolution,3,2,28,28,1,8,relu,\(latency)\n" }

    /// The latencies of a sheet of stems, and the reasons of those that are not read.
    private func read(_ latencies: [String], separator: String) throws -> (ms: [Double], reasons: [String]) {
        let rows = latencies.map { latency in
            let cell = latency.contains(separator) ? "\"\(latency)\"" : latency
            return String(Self.stem("").dropLast()).replacing(",", with: separator) + cell + "\n"
        }
        let text = Self.heading.replacing(",", with: separator) + rows.joined()
        let table = try MeasurementSheet(text: text, path: "sheet").table
        #expect(table.rows == latencies.count)
        return (table.measurements.map(\.latencyMs), table.unmatched.map(\.reason))
    }

    @Test("has one decimal sign, which its cells tell", arguments: [
        // A point elsewhere makes commas stand between thousands, and the other way round.
        ("\t", ["1,234", "8.5"], [1234, 8.5]), ("\t", ["1.234", "8,5"], [1234, 8.5]), (";", ["1.234,5", "0,5"], [1234.5, 0.5]),
        (",", ["1,234.5", "2"], [1234.5, 2]), (",", ["4,2", "4,25"], [4.2, 4.25]), (";", ["4,2E+00", "4,2e-01"], [4.2, 0.42]),
        // Nothing but the separator tells.
        (";", ["1,234", "2,345"], [1.234, 2.345]), (",", ["1.234", "2.345"], [1.234, 2.345]), (";", ["1.234"], [1.234]),
        ("\t", ["1,234,567", "5"], [1_234_567, 5]), ("\t", [".5", "5."], [0.5, 5]), (",", ["0,125"], [0.125]),
        (",", ["1e2", "+3", "1.5E+1"], [100, 3, 15]), (";", ["4,2", "0.25", "8.5"], [4.2, 0.25, 8.5]),
    ] as [(String, [String], [Double])])
    func decimalSigns(separator: String, cells: [String], expected: [Double]) throws {
        let found = try read(cells, separator: separator)
        // Longer than any latency is.
        let stored = expected.filter { $0 < 900_000 }
        #expect(found.ms == stored && found.reasons.count == expected.count - stored.count, "\(found)")
    }

    @Test("lists a number that may mean two things, with both", arguments: [
        ("\t", ["1,234", "2,345"], "latency_ms: \"1,234\" may be 1234 or 1.234, and no other number", 2),
        (",", ["1,234", "7"], "latency_ms: \"1,234\" may be 1234 or 1.234, and no other number", 1),
        (";", ["1,234", "2.345"], "latency_ms: \"1,234\" may be 1234 or 1.234, and no other number", 2),
        (
            "\t", ["1,234", "4,2", "8.5"],
            "latency_ms: \"1,234\" may be 1234 or 1.234, and the sheet has decimal points (\"8.5\" on line 4) and decimal commas", 1
        ),
    ] as [(String, [String], String, Int)])
    func unclear(separator: String, cells: [String], reason: String, count: Int) throws {
        let found = try read(cells, separator: separator)
        #expect(found.reasons.count == count && found.ms.count == cells.count - count)
        #expect(found.reasons.first?.hasPrefix(reason) == true, "\(found.reasons)")
    }

    @Test("may have comments, empty rows and columns, a line that names the separator, and any line ends", arguments: [
        "\n", "\r\n", "\r",
    ])
    func surroundings(end: String) throws {
        let heading = String(Self.heading.dropLast()).replacing(",", with: ";")
        let row = "convolution;3;2;28;28;1;8;relu"
        let lines = [
            "sep=;", "# measured by me; with a \"phone", "\(heading);;", "\(row);4,5;;", ";;;;;;;;;;", "", "\(row);5,5", "x",
        ]
        let table = try MeasurementSheet(text: lines.joined(separator: end), path: "sheet").table
        #expect(table.measurements.map(\.latencyMs) == [4.5, 5.5])
        #expect(table.unmatched.map(\.description) == ["line 8: expected 9 cells, found 1"])
    }

    @Test("may have headings as people write them, and times in other units, which it tells", arguments: [
        ("latency [ms]", "4.5", nil), ("Latency (ms)", "4.5", nil), ("LATENCY_MS", "4.5", nil), ("latency ms", "4.5", nil),
        ("latency_us", "4500", "microseconds"), ("Latency [µs]", "4500", "microseconds"), ("latency_ns", "4500000", "nanoseconds"),
        ("latency (s)", "0.0045", "seconds"),
    ] as [(String, String, String?)])
    func headings(heading: String, cell: String, unit: String?) throws {
        let text = Self.heading.replacing("latency_ms", with: heading).replacing("input_height", with: "Input Height") + Self.stem(cell)
        let table = try MeasurementSheet(text: text, path: "sheet").table
        #expect(table.measurements.count == 1 && abs((table.measurements.first?.latencyMs ?? 0) - 4.5) < 1e-12, "\(table)")
        #expect(table.notes == (unit.map { ["the column \(heading) is in \($0), and is stored as latency_ms"] } ?? []))
    }

    @Test("has true and false as programs write them", arguments: [
        ("TRUE", true), ("True", true), ("true", true), ("1", true), ("FALSE", false), ("False", false), ("0", false),
        ("WAHR", nil), ("yes", nil),
    ] as [(String, Bool?)])
    func truths(cell: String, value: Bool?) throws {
        let heading = "subject,input_height,input_width,input_channels,output_channels,kernel,stride,expansion,se_ratio,residual,"
            + "expand_convolution,latency_ms\n"
        let text = heading + "block,56.0,56.0,24.0,24.0,5.0,1.0,6.0,0.0,\(cell),TRUE,9.5\n"
        let table = try MeasurementSheet(text: text, path: "sheet").table
        if let value {
            let block = Block(
                shape: .init(kernel: 5, stride: 1, expansion: 6, inputChannels: 24, outputChannels: 24), squeezeExcite: nil,
                residual: value, expandConvolution: true)
            let subject = MeasuredSubject.block(block, input: FeatureShape(height: 56, width: 56, channels: 24))
            #expect(table.measurements == [Measurement(subject: subject, latencyMs: 9.5)])
        } else {
            #expect(table.unmatched.map(\.description) == ["line 2: residual: expected true or false, found \"\(cell)\""])
        }
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

    @Test("tells of several rows with other latencies for the same, whose mean counts")
    func repeats() throws {
        let row = "convolution,3,2,28,28,1,8,relu,"
        func rows(_ latencies: [String]) throws -> ImportedTable {
            try MeasurementSheet(text: Self.heading + latencies.map { row + $0 + "\n" }.joined(), path: "sheet").table
        }
        let table = try rows(["0.25", "0.5", "0.25"])
        #expect(table.storedRows == 3 && table.subjects == 1)
        #expect(
            table.repeats == "1 of the blocks and operators has several rows, and the mean of them counts; farthest apart: "
                + "convolution k3 s2 28x28x1->14x14x8 relu, 0.25 to 0.5 ms")
        let equal = try rows(["0.25", "0.25"])
        #expect(equal.storedRows == 2 && equal.subjects == 1 && equal.repeats == nil)
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

    @Test("may have columns without a heading or a cell, and none without a heading alone")
    func emptyColumns() throws {
        let columns = "subject,,input_height,input_width,input_channels,output_channels,kernel,stride,activation,latency_ms"
        let row = "add,,14,14,96,96,1,1,none,0.05"
        #expect(try MeasurementSheet(text: "\(columns)\n\(row)\n", path: "sheet").table.measurements.count == 1)
        #expect(throws: FileError.self) {
            try MeasurementSheet(text: "\(columns)\n\(row.replacing("add,,", with: "add,x,"))\n", path: "sheet")
        }
    }
}
