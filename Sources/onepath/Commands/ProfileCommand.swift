import Architectures
import ArgumentParser
import Exporter
import Files
import Glibc
import HardwareProfiles
import Profiler
import TFLite

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measures a latency table on this machine, a phone or a board, or imports one that others measured.",
        discussion: """
            Measures every block and operator that a search space or some architectures need, each in its place in \
            running networks. The same command resumes a profile that was stopped: until it is finished, the \
            measurements are kept beside the output, in OUTPUT.partial.jsonl.

            With --adb or --ssh, copies the same networks as TensorFlow Lite files to a phone or a board, and runs them there \
            by TensorFlow Lite's benchmark_model. A reference network runs between them; while it is slow, as on a phone \
            that is hot, the command waits. Facts of the device come from --like, or from itself and --memory.

            With --import, reads a table instead. Of blocks and operators: ofa (the YAML or JSON of ProxylessNAS, \
            Once-for-All and DynamicOFA), tflite-benchmark (what benchmark_model --enable_op_profiling=true prints, for one \
            --architecture), csv (what --plan writes, filled in), nni (the rows of NNI's tables), nn-meter (kernels that its \
            builder measured). Of whole networks: ncnn (what benchncnn prints, with --like a profile for ncnn), litert \
            (results of LiteRT's benchmark_model in JSON), ai-hub (Qualcomm AI Hub's perf.yaml, or the profile of a job). \
            Every row is stored, or listed with its reason.
            """)

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String?

    @Option(help: "An architecture: a name, or a path; may be repeated.", completion: .architectures)
    var architecture: [String] = []

    @OptionGroup
    var measuring: MeasuringOptions

    @OptionGroup
    var remote: RemoteOptions

    @Option(
        help: ArgumentHelp(
            """
            With --adb or --ssh and without --like: the device's memory, its kind, million transfers a second, bits, such \
            as lpddr4x-4266x32.
            """, valueName: "kind-MxB"))
    var memory: String?

    @Option(
        name: .customLong("import"),
        help: ArgumentHelp("Read this table instead of measuring.", valueName: "file"),
        completion: .file())
    var importFile: String?

    @Option(help: "What the table to import is: ofa, tflite-benchmark, csv, nni, nn-meter, ncnn, litert or ai-hub.")
    var format: ProfileImport.Format?

    @Option(
        help: """
            The profile that has the device's hardware, a name or a path; for an imported table, its runtime too (default: \
            pixel1).
            """,
        completion: .devices)
    var like: String?

    @Option(
        help: ArgumentHelp(
            "Of imported networks: the device in the table whose latencies count (default: the only one).",
            valueName: "device"))
    var measuredOn: String?

    @Flag(help: "Of an import: end with exit code 65, and write nothing, where a row cannot be imported.")
    var strict = false

    @Flag(help: "Of an import: print one JSON document instead of sentences.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Write a sheet of what to measure, and the models, into this directory, to measure elsewhere.",
            valueName: "directory"), completion: .directory)
    var plan: String?

    @Option(help: ArgumentHelp("The file for the latencies.", valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var provenanceOptions: ProvenanceOptions

    func validate() throws {
        if importFile != nil {
            guard plan == nil else { throw ValidationError("--import and --plan exclude each other") }
            if measuring.dataType != .float32 {
                throw ValidationError("--data-type: expected no --import, which has the type of its --like, found it")
            }
            if measuring.threads != 1 {
                throw ValidationError("--threads: expected no --import, which has the threads of its --like, found it")
            }
            if measuring.runtime != .xnnpack {
                throw ValidationError("--runtime: expected no --import, which has the runtime of its --like, found it")
            }
            if space != nil { throw ValidationError("--space: expected no --import, which has rows of its own, found it") }
            guard let format else { throw ValidationError("--import: its --format is needed") }
            if !architecture.isEmpty, ![.tfliteBenchmark, .litert, .aiHub].contains(format) {
                throw ValidationError(
                    "--architecture: expected --format tflite-benchmark, litert or ai-hub, found \(format.rawValue)")
            }
            if format == .tfliteBenchmark, architecture.count != 1 {
                throw ValidationError("--format tflite-benchmark: expected one --architecture, the model's")
            }
            if [.litert, .aiHub].contains(format), architecture.count > 1 {
                throw ValidationError("--format \(format.rawValue): expected at most one --architecture")
            }
            if measuredOn != nil, ![.litert, .aiHub].contains(format) {
                throw ValidationError("--measured-on: only tables of litert and ai-hub name devices")
            }
        } else {
            if strict || json || measuredOn != nil {
                throw ValidationError("--strict, --json and --measured-on need an --import")
            }
            if format != nil { throw ValidationError("--format needs an --import") }
            if like != nil, !remote.isGiven { throw ValidationError("--like needs an --import, --adb or --ssh") }
            if (space != nil) != architecture.isEmpty {
                throw ValidationError("expected either a --space or an --architecture")
            }
        }
        if (output == nil) == (plan == nil) { throw ValidationError("expected either an --output or a --plan") }
        if remote.isGiven {
            guard importFile == nil, plan == nil else {
                throw ValidationError("--adb and --ssh measure, and exclude --import and --plan")
            }
            if measuring.runtime == .ncnn {
                throw ValidationError(
                    "--runtime ncnn: only for whole networks (onepath measure, onepath device plan), because benchncnn tells "
                        + "nothing of operators")
            }
            guard (like == nil) != (memory == nil) else {
                throw ValidationError(
                    "expected either the device's --memory, such as lpddr4x-4266x32, or --like a profile with its hardware, "
                        + "found \(like == nil ? "neither" : "both")")
            }
        } else if memory != nil {
            throw ValidationError("--memory: only for a device that is given by --adb or --ssh")
        }
        if let memory, DeviceFacts.Memory(memory) == nil {
            throw ValidationError("--memory: \(DeviceFacts.Memory.form), found \(memory)")
        }
    }

    func run() throws {
        if let importFile, let format, let output {
            let report = try ProfileImport(
                file: importFile, format: format, like: importedLike, architecture: architecture.first, measuredOn: measuredOn,
                isStrict: strict, provenanceOptions: provenanceOptions
            ).write(to: output)
            if json || !report.text.isEmpty { print(json ? report.json.text(pretty: true) : report.text) }
            if let problem = report.problem { throw problem }
            if !json { print(nextCommand(output)) }
            return
        }
        let todo = try profilingPlan()
        if let plan {
            let isInt8 = measuring.dataType == .int8
            let path = try PlanDirectory(creating: plan).write(todo, modelExtension: isInt8 ? "tflite" : "onnx") { subject, model in
                if !isInt8 { try ONNXPart(subject.layer).write(to: model + ".onnx") }
                try TFLitePart(subject.layer, isInt8: isInt8).model.write(to: model + ".tflite")
            }
            let sentence = "\(todo.blocks.count) blocks and \(todo.operators.count) operators to measure are in \(path), "
                + "a model of each beside it, as \(isInt8 ? "TensorFlow Lite of int8" : "ONNX and TensorFlow Lite")"
            print(sentence.wrapped(columns: TextTable.columns))
        } else if let output {
            try measure(todo, to: output)
        }
    }

    private var importedLike: String { like ?? "pixel1" }

    private func profilingPlan() throws -> ProfilingPlan {
        if let space { return ProfilingPlan(space: try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))) }
        return ProfilingPlan(architectures: try architecture.map(Catalogue.architecture(named:)))
    }

    private func measure(_ plan: ProfilingPlan, to output: String) throws {
        let journal = output + ".partial.jsonl"
        if remote.isGiven {
            try remote.measure(measuring) { bench in
                let target = try MeasuredTarget(
                    bench, runtime: measuring.runtime, remote: remote, facts: (like, memory), output: output)
                try measure(
                    plan, Profiling(plan: plan, bench: bench, settings: measuring.remoteSettings), target,
                    journal: journal, to: output)
            }
        } else {
            let target = try MeasuredTarget(thisMachineWith: measuring.threads, dataType: measuring.dataType)
            try measuring.measure { runtime in
                try measure(
                    plan, Profiling(plan: plan, runtime: runtime, settings: measuring.settings), target,
                    journal: journal, to: output)
            }
        }
    }

    private func measure(
        _ plan: ProfilingPlan, _ profiling: Profiling, _ target: MeasuredTarget, journal: String, to output: String
    ) throws {
        // What can be wrong is found before the minutes of measuring, not after them.
        try AtomicFile.checkWritable(output)
        let provenance = try provenance(inputs: planInputs())
        for note in target.notes { writeError("onepath: \(note)\n") }
        func description(_ source: String, machine: JSON) -> ProfileDocument.Description {
            ProfileDocument.Description(
                name: Catalogue.name(ofFile: output), text: target.text, source: source, hardware: target.hardware,
                runtime: target.runtime, machine: machine)
        }
        try ProfileDocument.check(description("onepath profile", machine: [:]), path: output)
        let result = try run(profiling, of: plan, journal: journal)
        let document = try ProfileDocument(
            result.measurements,
            description(
                "onepath profile, \(result.runtime.name) \(result.runtime.version ?? ""), "
                    + "\(result.course.visits) visits of \(target.visited), medians",
                machine: result.machineJSON), provenance: provenance, path: output)
        try document.json.write(to: output)
        print(document.calibration.summary.wrapped(columns: TextTable.columns))
        print(result.summary(in: output, precision: measuring.settings.precision))
        print(nextCommand(output))
        if result.uncertain.isEmpty && result.unmeasured.isEmpty {
            unlink(journal)
        } else {
            writeError("What is measured is in \(journal) too; the same command goes on from there.\n")
        }
    }

    private func run(_ profiling: Profiling, of plan: ProfilingPlan, journal: String) throws -> ProfileResult {
        var display = ProgressDisplay()
        var isTold = false
        Interruption.listen()
        do {
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
            } begin: { kept, seconds in
                writeError(
                    "\(plan.blocks.count) blocks and \(plan.operators.count) operators, about \(seconds.clock), at most "
                        + "\(measuring.budget.clock)" + (kept > 0 ? "; \(kept) visits are done\n" : "\n"))
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
        var sentences = [
            "\(measurements.count) latencies from \(course.visits) visits in \(course.seconds.clock) are in \(output); "
                + "\(course.settled) to within \((100 * precision).fixed(0)) %, \(course.disturbedVisits) visits did not "
                + "count"
        ]
        if !course.steadiness.isSteady { sentences.append("\(course.steadiness)") }
        var lines = sentences.map { $0.wrapped(columns: TextTable.columns) }
        func add(_ heading: String, _ entries: [String]) {
            if entries.isEmpty { return }
            lines.append("\(entries.count) \(heading):")
            lines += entries.prefix(10)
            if entries.count > 10 { lines.append("  and \(entries.count - 10) more") }
        }
        add("are uncertain, and marked so", uncertain.map { measurement in
            let latencyMs = measurement.latencyMs
            let median = MeasuredMedian(latencyMs: latencyMs, intervalMs: measurement.intervalMs ?? latencyMs...latencyMs)
            return String.entry("\(measurement.subject.key):", median.text)
        })
        add("are not known, and will be modelled", unmeasured.map { String.entry("\($0.name):", "\($0.reason)") })
        return lines.joined(separator: "\n")
    }
}
