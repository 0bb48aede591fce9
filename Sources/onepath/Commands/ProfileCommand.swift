import Architectures
import ArgumentParser
import Exporter
import Files
import Glibc
import HardwareProfiles
import Profiler

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measures a latency table on this machine, or imports one that others measured.",
        discussion: """
            Measures every block and operator that a search space or some architectures need, each in its place in \
            running networks. The same command resumes a profile that was stopped: until it is finished, the \
            measurements are kept beside the output, in OUTPUT.partial.jsonl.

            With --import, reads a table instead: ofa (the YAML or JSON of ProxylessNAS and Once-for-All), \
            tflite-benchmark (what benchmark_model --enable_op_profiling=true prints, for one --architecture), csv (what \
            --plan writes, filled in), or ncnn (what benchncnn prints, with --like a profile for ncnn).
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ofa
        case tfliteBenchmark = "tflite-benchmark"
        case csv
        case ncnn
    }

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String?

    @Option(help: "An architecture: a name, or a path; may be repeated.", completion: .architectures)
    var architecture: [String] = []

    @OptionGroup
    var measuring: MeasuringOptions

    @Option(
        name: .customLong("import"),
        help: ArgumentHelp("Read this table instead of measuring.", valueName: "file"),
        completion: .file())
    var importFile: String?

    @Option(help: "What the table to import is: ofa, tflite-benchmark, csv or ncnn.")
    var format: Format?

    @Option(
        help: "Of an imported table: the profile with the device's hardware and runtime, a name or a path.",
        completion: .devices)
    var like = "pixel1"

    @Option(
        help: ArgumentHelp(
            "Write what is to be measured into this directory, a sheet and ONNX models, to be done elsewhere.",
            valueName: "directory"), completion: .directory)
    var plan: String?

    @Option(help: ArgumentHelp("The file for the latencies.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var provenanceOptions: ProvenanceOptions

    func validate() throws {
        if importFile != nil {
            guard plan == nil else { throw ValidationError("--import and --plan exclude each other") }
            guard let format else { throw ValidationError("--import: its --format is needed") }
            if format == .tfliteBenchmark, architecture.count != 1 {
                throw ValidationError("--format tflite-benchmark: expected one --architecture, the model's")
            }
        } else if (space != nil) != architecture.isEmpty {
            throw ValidationError("expected either a --space or an --architecture")
        }
        if (output == nil) == (plan == nil) { throw ValidationError("expected either an --output or a --plan") }
    }

    func run() throws {
        if let importFile, let format, let output {
            try importTable(importFile, format, to: output)
            return
        }
        let todo = try profilingPlan()
        if let plan {
            let path = try PlanDirectory(creating: plan).write(todo) { try ONNXPart($0.layer).write(to: $1) }
            print(
                "\(todo.blocks.count) blocks and \(todo.operators.count) operators to measure are in \(path), "
                    + "an ONNX model of each beside it")
        } else if let output {
            try measure(todo, to: output)
        }
    }

    private func profilingPlan() throws -> ProfilingPlan {
        if let space { return ProfilingPlan(space: try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))) }
        return ProfilingPlan(architectures: try architecture.map(Catalogue.architecture(named:)))
    }

    private func measure(_ plan: ProfilingPlan, to output: String) throws {
        let journal = output + ".partial.jsonl"
        // What can be wrong is found before the minutes of measuring, not after them.
        let hardware = MachineHardware()
        let provenance = try provenance(inputs: planInputs())
        func description(_ source: String, machine: MachineState, json: JSON) -> ProfileDocument.Description {
            ProfileDocument.Description(
                name: Catalogue.name(ofFile: output),
                text: "\(machine.processor), measured on the machine itself.", source: source, hardware: hardware.json,
                runtime: HardwareProfiles.Runtime(
                    name: .xnnpack, dataType: .float32, threads: measuring.threads, cluster: "all"),
                machine: json)
        }
        try ProfileDocument.check(description("onepath profile", machine: .current, json: [:]), path: output)
        let result = try measure(plan, journal: journal)
        let document = try ProfileDocument(
            result.measurements,
            description(
                "onepath profile, \(result.runtime.name) \(result.runtime.version ?? ""), "
                    + "\(result.course.visits) visits of random networks, medians",
                machine: result.machine, json: result.machineJSON), provenance: provenance, path: output)
        try document.json.write(to: output)
        print(document.calibration.summary)
        print(result.summary(in: output, precision: measuring.settings.precision))
        print(nextCommand(output))
        if result.uncertain.isEmpty && result.unmeasured.isEmpty {
            unlink(journal)
        } else {
            writeError("What is measured is in \(journal) too; the same command goes on from there.\n")
        }
    }

    private func measure(_ plan: ProfilingPlan, journal: String) throws -> ProfileResult {
        var display = ProgressDisplay()
        var isTold = false
        Interruption.listen()
        do {
            return try measuring.measure { runtime in
                let profiling = Profiling(plan: plan, runtime: runtime, settings: measuring.settings)
                return try profiling.run(journal: journal) { progress in
                    if let unsteadiness = progress.unsteadiness, !isTold {
                        isTold = true
                        display.finish()
                        writeError("onepath: \(unsteadiness); what is not known well for that will be marked\n")
                    }
                    display.show(
                        fraction: progress.fraction,
                        "visit \(progress.visits)  settled \(progress.settled)/\(progress.subjects)")
                    if Interruption.isRequested {
                        display.finish()
                        throw Interruption(
                            description: "interrupted after visit \(progress.visits); the same command goes on from "
                                + "there, what is measured is in \(journal)")
                    }
                } begin: { kept in
                    writeError(
                        "\(plan.blocks.count) blocks and \(plan.operators.count) operators, about "
                            + "\(try profiling.estimatedSeconds().clock), at most \(measuring.budget.clock)"
                            + (kept > 0 ? "; \(kept) visits are done\n" : "\n"))
                }
            }
        } catch let error as ProfilingError {
            switch error {
            case .unsteady, .refused:
                writeError("What is measured is in \(journal); the same command goes on from there.\n")
            case .unavailable, .rejected, .cannotPin: break
            }
            throw error
        }
    }

    private func importTable(_ file: String, _ format: Format, to output: String) throws {
        if format == .ncnn {
            try importNetworks(file, to: output)
            return
        }
        let likePath = try Catalogue.devices.path(of: like)
        let device = try DeviceProfile(contentsOf: likePath)
        let table: ImportedTable
        switch format {
        case .ncnn: return
        case .ofa: table = try OFATable(contentsOf: file).table
        case .tfliteBenchmark:
            let report = try TFLiteBenchmarkReport(contentsOf: file)
            table = try report.table(of: Catalogue.architecture(named: architecture[0]).network)
            try report.check(against: device.runtime, of: device.name)
        case .csv: table = try MeasurementSheet(contentsOf: file).table
        }
        if table.measurements.isEmpty {
            throw FileError.invalid(
                path: file, place: "",
                problem: table.unmatched.first.map { "nothing to import; \($0)" } ?? "nothing to import")
        }
        let document = try ProfileDocument(
            table.measurements,
            ProfileDocument.Description(
                name: Catalogue.name(ofFile: output),
                text: "Imported from \(provenanceOptions.shown(path: file)), with the hardware of \(device.name).",
                source: "\(provenanceOptions.shown(path: file)), read as \(format.rawValue)", hardware: try device.hardwareReference(from: output),
                runtime: device.runtime),
            provenance: provenance(inputs: [file] + device.inputs), path: output)
        try document.json.write(to: output)
        print("\(table.measurements.count) latencies from \(file) are in \(output), on the hardware of \(device.name)")
        print(document.calibration.summary)
        if !table.unmatched.isEmpty {
            print("\(table.unmatched.count) not imported:")
            for entry in table.unmatched { print("  \(entry)") }
        }
        print(nextCommand(output))
    }

    /// Whole networks that benchncnn timed, with what all known devices teach.
    private func importNetworks(_ file: String, to output: String) throws {
        let report = try BenchncnnReport(contentsOf: file)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: like))
        guard device.runtime.name == .ncnn else {
            throw ValidationError("--format ncnn: expected --like to name a profile for ncnn, found \(like)")
        }
        let all = device.runtime.dataType == .int8 ? report.int8 : report.float
        let known = Set(Catalogue.networks.names)
        let networks = all.filter { known.contains($0.architecture) }
        guard !networks.isEmpty else {
            throw FileError.invalid(
                path: file, place: "",
                problem: "nothing to import in \(device.runtime.dataType.rawValue); known networks: "
                    + known.sorted().joined(separator: ", "))
        }
        let name = Catalogue.name(ofFile: output)
        let document = DeviceDocument(
            name: name, description: "Imported from \(provenanceOptions.shown(path: file)), with the hardware of \(device.name).",
            hardware: try device.hardwareReference(from: output), runtime: device.runtime, networks: networks)
        let adapted = try document.profile(at: output)
        // What was measured on the same hardware before is of another time.
        let same = try KnownDevices.measured().filter { $0.hardware.name == device.hardware.name }.map(\.name)
        var teaching = try KnownDevices.teaching(of: adapted.runtime.dataType, without: Set(same), adding: [adapted])
        let parameters = try teaching.parameters(
            of: adapted, threads: KnownDevices.threads(of: adapted), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: output)
        print("\(networks.count) latencies from \(file) are in \(output), on the hardware of \(device.name)")
        print(parameters.summary)
        let skipped = report.float.count + report.int8.count - networks.count
        if skipped > 0 { print("\(skipped) not imported: of another data type, or of networks that are not known") }
        print(nextCommand(output))
    }

    private func nextCommand(_ output: String) -> String {
        NextCommand.line("estimate", "--device", output, "--architecture", architecture.first ?? "single-path-nas")
    }

    private func planInputs() throws -> [String] {
        if let space { return [try Catalogue.spaces.path(of: space)] }
        return try architecture.map { try Catalogue.architectures.path(of: $0) }
    }

    private func provenance(inputs: [String]) throws -> Provenance {
        try provenanceOptions.provenance(seed: measuring.seed.value, files: inputs)
    }
}

extension ProfileResult {
    /// How much was measured and how well, and what is not known well.
    fileprivate func summary(in output: String, precision: Double) -> String {
        var lines = [
            "\(measurements.count) latencies from \(course.visits) visits in \(course.seconds.clock) are in \(output); "
                + "\(course.settled) to within \((100 * precision).fixed(0)) %, \(course.disturbedVisits) visits did not "
                + "count"
        ]
        func add(_ heading: String, _ entries: [String]) {
            if entries.isEmpty { return }
            lines.append("\(entries.count) \(heading):")
            lines += entries.prefix(10).map { "  \($0)" }
            if entries.count > 10 { lines.append("  and \(entries.count - 10) more") }
        }
        if !course.steadiness.isSteady { lines.append("\(course.steadiness)") }
        add("are uncertain, and marked so", uncertain.map { measurement in
            let latencyMs = measurement.latencyMs
            let median = MeasuredMedian(latencyMs: latencyMs, intervalMs: measurement.intervalMs ?? latencyMs...latencyMs)
            return "\(measurement.subject.key): \(median.text)"
        })
        add("are not known, and will be modelled", unmeasured.map(\.description))
        return lines.joined(separator: "\n")
    }
}
