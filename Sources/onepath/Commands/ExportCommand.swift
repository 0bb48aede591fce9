import Architectures
import ArgumentParser
import Exporter
import Files

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a network for another program, or a report of it for people.",
        discussion: """
            onnx: a model with its weights, opset 17, input "image" [batch, channels, height, width], output "logits". \
            timm: a Python file that builds the network in timm. safetensors: the weights in timm's names, for that \
            file. json: the architecture. A network's file of either kind, architecture.json or the Python file, can \
            be given as --architecture. A search leaves its weights beside architecture.json.

            html: a page with the network and its latency by layer, and with --run how the search or the training went; it \
            needs nothing beside it. The latency is that on the run's own device, or on --device. svg: the page's \
            pictures alone.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx, timm, safetensors, json, html, svg

        /// Whether there is nothing to write without weights.
        var needsWeights: Bool { self == .onnx || self == .safetensors }

        /// Whether people are to look at it.
        var isReport: Bool { self == .html || self == .svg }
    }

    @Option(help: "The architecture: a name, or the path of a JSON file or of an exported Python file.")
    var architecture: String?

    @Option(
        name: .customLong("run"), help: "The directory of a search or a training, instead of an architecture (html, svg).")
    var directory: String?

    @Option(help: "The device profile to tell the latency on, instead of the run's own: a name, or a path (html, svg).")
    var device: String?

    @Option(help: "The weights: a safetensors file of a search, or in the names of timm's EfficientNet.")
    var weights: String?

    @Option(help: "What to write: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Format

    @Option(help: "The file to write.")
    var output: String

    @Flag(help: "Fold batch normalisation into the convolutions (onnx).")
    var fold = false

    @Flag(help: "Write weights that nobody trained (onnx, safetensors): for measuring speed, not for classifying.")
    var untrained = false

    func validate() throws {
        if !format.isReport, let name = directory != nil ? "run" : device != nil ? "device" : nil {
            throw ValidationError("--\(name): expected --format html or svg, found \(format.rawValue)")
        }
        if (architecture == nil) == (directory == nil) {
            let expected = format.isReport ? "either --architecture or --run" : "--architecture"
            throw ValidationError("expected \(expected), found \(directory == nil ? "neither" : "both")")
        }
        if fold && format != .onnx { throw ValidationError("--fold: expected --format onnx, found \(format.rawValue)") }
        if format.needsWeights {
            if (weights == nil) != untrained {
                throw ValidationError(
                    "--format \(format.rawValue): expected either --weights (a search leaves weights.safetensors "
                        + "beside architecture.json) or --untrained, found \(untrained ? "both" : "neither")")
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
            .report(command: CommandLine.arguments.joined(separator: " "))
        if format == .html { try report.writeHTML(to: output) } else { try report.writeSVG(to: output) }
        print("The report of \(report.architecture.name) is in \(output).")
    }

    private func writeNetwork() throws {
        let path = try Catalogue.architectures.path(of: architecture ?? "")
        let document = try ArchitectureDocument(exported: path)
        let architecture = document.architecture
        let trained = try weights.map { try WeightsFile(contentsOf: $0, for: architecture) }
        let provenance = try Provenance(
            command: CommandLine.arguments.joined(separator: " "), seed: nil, files: [path] + (weights.map { [$0] } ?? []))
        let written =
            try trained
            ?? (untrained ? WeightsFile(TrainedWeights(untrained: architecture), provenance: provenance) : nil)
        switch format {
        case .json:
            try ArchitectureDocument(architecture, provenance: document.provenance ?? provenance).write(to: output)
        case .timm:
            try TimmNetwork(architecture).write(to: output, provenance: document.provenance ?? provenance)
        case .safetensors:
            try written?.writeForTimm(to: output)
        case .onnx:
            var metadata = [(key: "provenance", value: provenance.json.text(pretty: false))]
            if let search = document.provenance {
                metadata.append((key: "search", value: search.json.text(pretty: false)))
            }
            if untrained { metadata.append((key: "weights", value: "untrained")) }
            if let written { try ONNXFile(written, isFolded: fold).write(to: output, metadata: metadata) }
        case .html, .svg:
            // A report is no network.
            break
        }
        print("\(architecture.name) as \(format.rawValue)\(untrained ? ", untrained," : "") is in \(output).")
    }
}
