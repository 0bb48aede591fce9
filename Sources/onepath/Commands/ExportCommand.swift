import Architectures
import ArgumentParser
import Exporter
import Files
import TFLite

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a network for another program, or a report of it for people.",
        discussion: """
            onnx: a model with its weights, opset 17, input "image" [batch, channels, height, width], output "logits". \
            timm: a Python file that builds the network in timm. safetensors: the weights in timm's names, for that \
            file. json: the architecture. A network's file of either kind, architecture.json or the Python file, can \
            be given as --architecture. Of a --run, architecture and weights are found.

            html: a page with the network and its latency by layer, and with --run how the search or the training went; it \
            needs nothing beside it. The latency is that on the run's own device, or on --device. svg: the page's \
            pictures alone.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx, tflite, timm, safetensors, json, html, svg

        /// Whether there is nothing to write without weights.
        var needsWeights: Bool { self == .onnx || self == .tflite || self == .safetensors }

        /// Whether people are to look at it.
        var isReport: Bool { self == .html || self == .svg }
    }

    @Option(
        help: "The architecture: a name, the path of a JSON file or of an exported Python file, or the folder of a run.",
        completion: .architectures)
    var architecture: String?

    @Option(
        name: .customLong("run"), help: "The folder of a finished search or training, instead of an architecture and weights.",
        completion: .directory)
    var directory: String?

    @Option(help: "The device profile to show the latency on, instead of the run's own: a name, or a path (html, svg).", completion: .devices)
    var device: String?

    @Option(
        help: "The weights: a safetensors file of a search, or in timm's names.",
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    @Option(help: "What to write: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Format

    @Option(help: "The file to write.", completion: .file())
    var output: String

    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Fold batch normalisation into the convolutions (onnx).")
    var fold = false

    @Flag(help: "Write weights that nobody trained (onnx, safetensors): for measuring speed, not for classifying.")
    var untrained = false

    @OptionGroup var quantization: QuantizationOptions

    func validate() throws {
        if quantization.int8 {
            if format != .onnx, format != .tflite {
                throw ValidationError("--int8: expected --format tflite or onnx, found \(format.rawValue)")
            }
            if fold { throw ValidationError("--fold: expected no --int8, which always folds, found it") }
            if untrained {
                throw ValidationError("--untrained: expected no --int8, which images of a trained network calibrate, found it")
            }
        }
        if !format.isReport, device != nil {
            throw ValidationError("--device: expected --format html or svg, found \(format.rawValue)")
        }
        if (architecture == nil) == (directory == nil) {
            throw ValidationError("expected either --architecture or --run, found \(directory == nil ? "neither" : "both")")
        }
        if fold && format != .onnx { throw ValidationError("--fold: expected --format onnx, found \(format.rawValue)") }
        if format.needsWeights {
            let given = [(directory != nil, "--run"), (weights != nil, "--weights"), (untrained, "--untrained")].filter(\.0)
            if given.count != 1 {
                throw ValidationError(
                    "--format \(format.rawValue): expected weights: those of a --run, --weights or --untrained, found "
                        + (given.isEmpty ? "none" : given.map(\.1).joined(separator: " and ")))
            }
        } else if weights != nil || untrained {
            throw ValidationError(
                "--format \(format.rawValue) holds no weights; export them with --format safetensors")
        }
    }

    func run() throws {
        if format.isReport { try writeReport() } else { try writeNetwork() }
    }

    private func writeReport() throws {
        let report = try ReportSources(run: directory, architecture: architecture, device: device)
            .report(provenanceOptions)
        if format == .html { try report.writeHTML(to: output) } else { try report.writeSVG(to: output) }
        print("The report of \(report.architecture.name) is in \(output).")
    }

    private func writeNetwork() throws {
        let files = try NetworkFiles(run: directory, architecture: architecture, weights: weights)
        let document = try ArchitectureDocument(exported: files.architecturePath)
        let architecture = document.architecture, origin = document.provenance.map(provenanceOptions.shown)
        // Of a run the weights are found, whether they are asked for or not.
        let weights = format.needsWeights ? files.weightsPath : nil
        let trained = try weights.map { path in
            var file = try WeightsFile(contentsOf: path, for: architecture)
            file.provenance = file.provenance.map(provenanceOptions.shown)
            return file
        }
        let provenance = try provenanceOptions.provenance(
            files: [files.architecturePath] + [weights].compactMap(\.self))
        let written =
            try trained
            ?? (untrained ? WeightsFile(TrainedWeights(untrained: architecture), provenance: provenance) : nil)
        if quantization.int8, let trained {
            return try writeQuantized(trained, of: files, provenance: provenance, origin: origin)
        }
        switch format {
        case .json:
            try ArchitectureDocument(architecture, provenance: origin ?? provenance).write(to: output)
        case .timm:
            try TimmNetwork(architecture).write(to: output, provenance: origin ?? provenance)
        case .safetensors:
            try written?.writeForTimm(to: output)
        case .onnx:
            var metadata = [(key: "provenance", value: provenance.json.text(pretty: false))]
            if let search = origin {
                metadata.append((key: "search", value: search.json.text(pretty: false)))
            }
            if untrained { metadata.append((key: "weights", value: "untrained")) }
            if let written { try ONNXFile(written, isFolded: fold).write(to: output, metadata: metadata) }
        case .html, .svg, .tflite:
            // A report is no network.
            break
        }
        print("\(architecture.name) as \(format.rawValue)\(untrained ? ", untrained," : "") is in \(output).")
    }

    private func writeQuantized(
        _ trained: WeightsFile, of files: NetworkFiles, provenance: Provenance, origin: Provenance?
    ) throws {
        let outcome = try quantization.quantize(trained, of: files)
        let provenance = provenanceOptions.provenance(inputs: provenance.inputs + outcome.inputs)
        func list(_ values: [Float]) -> String { JSON.array(values.map { .number(Double($0)) }).text(pretty: false) }
        var metadata = [
            (key: "image_mean", value: list(outcome.statistics.mean)),
            (key: "image_deviation", value: list(outcome.statistics.standardDeviation)),
        ]
        if let names = outcome.classNames {
            metadata.append((key: "class_names", value: JSON.array(names.map(JSON.string)).text(pretty: false)))
        }
        metadata.append((key: "provenance", value: provenance.json.text(pretty: false)))
        if let origin { metadata.append((key: "search", value: origin.json.text(pretty: false))) }
        if format == .tflite {
            var model = QuantizedTFLiteNetwork(outcome.int8).model
            model.metadata += metadata.map { TFLiteMetadata(name: "onepath.\($0.key)", bytes: Array($0.value.utf8)[...]) }
            try model.write(to: output)
        } else {
            try QuantizedONNXFile(outcome.int8).write(to: output, metadata: metadata)
        }
        print("\(outcome.int8.name) as \(format.rawValue), int8, is in \(output).")
        print(try outcome.accuracy())
    }
}
