import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import HardwareProfiles
import TFLite
import Training

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a network for another program, or a report of it for people.",
        discussion: """
            tflite: a model with its weights for Android, iOS and boards, input "image" [1, height, width, channels], \
            output "logits", with what an app needs to know of images and classes in it; beside it benchmark.sh, which \
            measures it on a phone. onnx: a model with its weights, opset 17, input "image" [batch, channels, height, \
            width], output "logits". With test images, those of the --run or --data, the accuracy of either is printed. \
            timm: a Python file that builds the network in timm. safetensors: the weights in timm's names, for that \
            file. json: the architecture. A network's file of either kind, architecture.json or the Python file, can \
            be given as --architecture. Of a --run, architecture and weights are found.

            A model in float32 reads images of the network's input, or of --resolution.

            html: a page with the network and its latency by layer, and with --run how the search or the training went; it \
            needs nothing beside it. The latency is that on the run's own device, or on --device. svg: the page's \
            pictures alone.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx, tflite, timm, safetensors, json, html, svg

        /// Whether there is nothing to write without weights.
        var needsWeights: Bool { isModel || self == .safetensors }

        /// Whether it is a model that other programs run.
        var isModel: Bool { self == .onnx || self == .tflite }

        /// Whether people are to look at it.
        var isReport: Bool { self == .html || self == .svg }

        /// What the names of its files end with, the usual one first.
        var extensions: [String] {
            switch self {
            case .timm: ["py"]
            case .html: ["html", "htm"]
            case .onnx, .tflite, .safetensors, .json, .svg: [rawValue]
            }
        }

        /// That which a file of such a name is taken for; nil where the name does not tell.
        init?(ofFileNamed path: String) {
            let name = path.lowercased()
            let named = Self.allCases.first { format in format.extensions.contains { name.hasSuffix(".\($0)") } }
            guard let named else { return nil }
            self = named
        }
    }

    @Option(
        help: "The architecture: a name, the path of a JSON file or of an exported Python file, or the folder of a run.",
        completion: .architectures)
    var architecture: String?

    @Option(
        name: .customLong("run"), help: "The folder of a finished search or training, instead of an architecture and weights.",
        completion: .directory)
    var directory: String?

    @Option(
        help: """
            The device profile to show the latency on, instead of the run's own (html, svg), or to predict it on in \
            benchmark.sh (tflite): a name, or a path.
            """, completion: .devices)
    var device: String?

    @Option(
        help: "The weights: a safetensors file of a run, or in timm's names.",
        completion: .file(extensions: ["safetensors"]))
    var weights: String?

    @Option(help: "What to write: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Format

    @Option(help: "The file to write.", completion: .file())
    var output: String

    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Fold batch normalisation into the convolutions (onnx).")
    var fold = false

    @Flag(help: "Let the graph take bytes of 0 to 255 and normalise them itself (onnx, tflite).")
    var rawInput = false

    @Flag(help: "Let the graph answer probabilities, the softmax of the logits (onnx, tflite).")
    var probabilities = false

    @Option(
        help: "A file with the names of the classes, one on each line, if the weights have none or others (onnx, tflite).",
        completion: .file())
    var labels: String?

    @Option(
        help: "The images on whose test part the accuracy is printed (onnx, tflite; default: those of the run).",
        completion: .dataSets)
    var data: String?

    @OptionGroup var photos: PhotoOptions

    @Flag(help: "Write weights that nobody trained (onnx, tflite, safetensors): for measuring speed, not for classifying.")
    var untrained = false

    @OptionGroup var normalization: NormalizationOptions

    @OptionGroup var quantization: QuantizationOptions

    func validate() throws {
        if quantization.int8 {
            if format != .onnx, format != .tflite {
                throw ValidationError("--int8: expected --format tflite or onnx, found \(format.rawValue)")
            }
            if fold { throw ValidationError("--fold: expected no --int8, which always folds, found it") }
            if format == .onnx, rawInput || probabilities {
                throw ValidationError(
                    "\(rawInput ? "--raw-input" : "--probabilities"): expected --format tflite with --int8, found onnx")
            }
            if untrained {
                throw ValidationError("--untrained: expected no --int8, which images of a trained network calibrate, found it")
            }
        }
        if !format.isReport, format != .tflite, device != nil {
            throw ValidationError("--device: expected --format html or svg, or tflite, found \(format.rawValue)")
        }
        let ofModels = [
            (rawInput, "--raw-input"), (probabilities, "--probabilities"), (labels != nil, "--labels"), (data != nil, "--data"),
            (normalization.statistics != nil, "--image-mean"),
        ]
        if !format.isModel, quantization.resolution != nil {
            throw ValidationError("--resolution: expected --format onnx or tflite, found \(format.rawValue)")
        }
        if !format.isModel, let given = ofModels.first(where: \.0)?.1 ?? photos.given {
            throw ValidationError("\(given): expected --format onnx or tflite, found \(format.rawValue)")
        }
        if format.isModel, data == nil, directory == nil, let given = photos.given {
            throw ValidationError("\(given): expected --data, the images that it is for, or --run, found neither")
        }
        // As of a variable of the shell that has no value.
        if output.isEmpty { throw ValidationError("--output: expected the path of a file, found an empty one") }
        if labels == "" { throw ValidationError("--labels: expected the path of a file, found an empty one") }
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
        // Programs, and other commands of this one, go by the end of a name.
        if let other = Format(ofFileNamed: output), other != format {
            throw ValidationError(
                "--output: expected a name that ends with .\(format.extensions[0]) for --format \(format.rawValue), found "
                    + "\(output), the name of a file of --format \(other.rawValue)")
        }
    }

    func run() throws {
        if format.isReport { try writeReport() } else { try writeNetwork() }
    }

    private func writeReport() throws {
        let report = try ReportSources(run: directory, architecture: architecture, device: device)
            .report(provenanceOptions, hasImages: format == .html)
        if format == .html { try report.writeHTML(to: output) } else { try report.writeSVG(to: output) }
        print("The report of \(report.architecture.name) is in \(output).")
    }

    private func writeNetwork() throws {
        let files = try NetworkFiles(run: directory, architecture: architecture, weights: weights)
        let document = try ArchitectureDocument(exported: files.architecturePath)
        let origin = document.provenance.map(provenanceOptions.shown)
        // Of a run the weights are found, whether they are asked for or not.
        let weights = format.needsWeights ? files.weightsPath : nil
        let trained = try weights.map { _ in
            var file = try files.trained()
            file.provenance = file.provenance.map(provenanceOptions.shown)
            return file
        }
        let architecture = trained?.weights.architecture ?? document.architecture
        let provenance = try provenanceOptions.provenance(
            files: [files.architecturePath] + [weights].compactMap(\.self))
        var written =
            try trained
            ?? (untrained ? WeightsFile(TrainedWeights(untrained: architecture), provenance: provenance) : nil)
        if quantization.int8, let trained {
            return try writeQuantized(normalized(trained), of: files, provenance: provenance, origin: origin)
        }
        if let file = written, format.isModel {
            written = try normalized(file)
            if let side = quantization.resolution {
                written?.weights = file.weights.adopted(by: architecture.resized(to: side))
            }
        }
        var notes: [String] = []
        if architecture.classes != document.architecture.classes {
            notes.append("The weights are for \(architecture.classes) classes, and so is what is written; the architecture "
                + "says \(document.architecture.classes).")
        }
        switch format {
        case .json:
            try ArchitectureDocument(architecture, provenance: origin ?? provenance).write(to: output)
        case .timm:
            try TimmNetwork(architecture).write(to: output, provenance: origin ?? provenance)
        case .safetensors:
            try written?.writeForTimm(to: output)
        case .onnx, .tflite:
            guard let written else { break }
            var metadata = [(key: "provenance", value: provenance.json.text(pretty: false))]
            if let search = origin {
                metadata.append((key: "search", value: search.json.text(pretty: false)))
            }
            if untrained { metadata.append((key: "weights", value: "untrained")) }
            notes += try writeModel(written, files, metadata: metadata)
            let input = written.weights.architecture.input
            if let side = files.trainResolution, side != min(input.height, input.width), quantization.resolution == nil {
                notes.append("It reads images of \(input.height)x\(input.width) pixels, and was trained on smaller or larger ones: "
                    + "--resolution \(side) writes one that reads those.")
            }
        case .html, .svg:
            // A report is no network.
            break
        }
        print("\(architecture.name) as \(format.rawValue)\(untrained ? ", untrained," : "") is in \(output).")
        if !notes.isEmpty { print(notes.joined(separator: "\n")) }
    }

    /// The weights with the normalisation that was given, checked for a graph that takes bytes.
    private func normalized(_ file: WeightsFile) throws -> WeightsFile {
        let file = try normalization.completed(file)
        if rawInput, file.statistics == nil {
            throw FileError.invalid(
                path: weights ?? directory ?? architecture ?? "", place: "",
                problem: "--raw-input: expected weights that say how images are normalised, as onepath writes them, or --image-mean "
                    + "and --image-std, found neither")
        }
        return file
    }

    /// The names of classes that were given; nil where none were.
    private func givenNames(classes: Int) throws -> [String]? {
        guard let labels else { return nil }
        // Some editors put empty lines last.
        var names = try TextFile.lines(labels, what: "names of classes")
        func isEmpty(_ name: String) -> Bool { name.allSatisfy(\.isWhitespace) }
        while let last = names.last, isEmpty(last) { names.removeLast() }
        if let line = names.firstIndex(where: isEmpty) {
            throw FileError.invalid(
                path: labels, place: "line \(line + 1)", problem: "expected the name of a class, found an empty line")
        }
        guard names.count == classes else {
            throw FileError.invalid(
                path: labels, place: "",
                problem: "expected the names of \(classes) classes, one a line, as the network has, found \(names.count)")
        }
        return names
    }

    /// Checks that what is exported can be written, before images are decoded and classified for minutes.
    private func checkOutput() throws(FileError) {
        try AtomicFile.checkWritable(output)
        if format == .tflite { try BenchmarkScript.check(beside: output) }
    }

    /// Writes a model, and returns what is to be said of it, in sentences.
    private func writeModel(
        _ trained: WeightsFile, _ files: NetworkFiles, metadata: [(key: String, value: String)]
    ) throws -> [String] {
        var weights = trained
        if let names = try givenNames(classes: trained.weights.architecture.classes) { weights.classNames = names }
        try checkOutput()
        let model = TFLiteFile(
            weights, takesBytes: rawInput, answersProbabilities: probabilities, metadata: metadata
        ).model
        // Images that do not fit leave no file behind. Their classes have the names of the training, whatever the file calls
        // them.
        let accuracy = try self.accuracy(of: weights, model, files, classNames: trained.classNames)
        var notes: [String] = []
        if format == .onnx {
            try ONNXFile(weights, isFolded: fold, takesBytes: rawInput, answersProbabilities: probabilities)
                .write(to: output, metadata: metadata)
        } else {
            notes = try write(model, of: weights)
        }
        if let accuracy { notes.insert(accuracy, at: 0) }
        return notes
    }

    /// Writes a TensorFlow Lite model and the script that measures it, and returns what is to be said of it.
    private func write(_ model: TFLiteModel, of weights: WeightsFile) throws -> [String] {
        let script = BenchmarkScript(
            model: output.split(separator: "/").last.map(String.init) ?? output,
            prediction: try device.map { try prediction(of: weights.weights.architecture.network, on: $0) })
        // A model that cannot be written leaves the script of another one as it is.
        try model.write(to: output)
        try script.write(beside: output)
        let reports = TFLiteDelegate.allCases.map { $0.report(of: model) }
        var notes = ["\(reports.joined(separator: "; ")).".capitalisedFirst.wrapped(columns: TextTable.columns)]
        if weights.classNames == nil {
            notes.append("The model names no classes, because the weights do not; --labels names them.")
        }
        if weights.statistics == nil {
            notes.append("The model does not say how images are normalised, because the weights do not.")
        }
        return notes
    }

    private func prediction(of network: Network, on name: String) throws -> BenchmarkScript.Prediction {
        let device = try Catalogue.device(named: name, for: network)
        let estimate = CostModel(device: device).estimate(device.priced(network, in: quantization.int8 ? .int8 : .float32))
        return BenchmarkScript.Prediction(
            device: device.name, threads: device.runtime.threads, latencyMs: estimate.latencyMs, intervalMs: estimate.intervalMs())
    }

    /// How well the model classifies the test images; nil where there are none, or nothing says how they are normalised.
    ///
    /// - Parameter classNames: those that the network was trained with; nil where nothing tells them.
    private func accuracy(
        of weights: WeightsFile, _ model: TFLiteModel, _ files: NetworkFiles, classNames: [String]?
    ) throws -> String? {
        guard let name = data ?? files.data else { return nil }
        if weights.statistics == nil {
            guard data != nil else { return nil }
            throw NormalizationOptions.missing(for: "--data")
        }
        let classified: Classification, files = files.reading(data)
        do {
            let images = try ImageDataSource(
                named: name, classes: weights.weights.architecture.classes, classesIn: files.architecturePath,
                holdout: photos.split.share(of: files.holdout))
            let test = try photos.withoutBroken(
                images.test, as: .validation, of: images, without: files.skipped)
            if quantization.resolution != nil {
                try test.checkSize(for: weights.weights.architecture.input, setting: "resolution")
            }
            let classifier = try TFLiteClassifier(
                model, path: files.weightsPath ?? output, normalization: nil, classNames: classNames)
            classified = try classifier.classify(
                photos.following(files).cached(test, shape: classifier.shape, .none),
                classNames: images.classNames, threads: ThreadPool.availableCores)
        } catch let error as FileError where data == nil {
            // The images of an older run may be elsewhere by now, or have another class, or one that is broken. The model is
            // written all the same.
            return Self.unknownAccuracy("\(error)")
        } catch let error as ConfigurationError where data == nil {
            return Self.unknownAccuracy(RunOptions.sentence(of: error))
        }
        let found = classified.evaluation
        let sentence =
            "Of the \(found.count.grouped) test images of \(name) it classifies \((100 * found.accuracy).fixed(2)) % right"
            + (found.amongFive(classes: classified.confusion.count).map { " (top-5: \($0))" } ?? "") + "."
        return sentence.wrapped(columns: TextTable.columns)
    }

    private static func unknownAccuracy(_ reason: String) -> String {
        "Its accuracy is not known: \(reason).".wrapped(columns: TextTable.columns)
    }

    private func writeQuantized(
        _ trained: WeightsFile, of files: NetworkFiles, provenance: Provenance, origin: Provenance?
    ) throws {
        let given = try givenNames(classes: trained.weights.architecture.classes)
        var known = trained
        // Of weights that name no classes, the given names are those of the images too.
        if known.classNames == nil { known.classNames = given }
        try checkOutput()
        let outcome = try quantization.quantize(known, of: files, data: data, photos: photos)
        let classNames = given ?? outcome.classNames
        let provenance = provenanceOptions.provenance(inputs: provenance.inputs + outcome.inputs)
        func list(_ values: [Float]) -> String { JSON.array(values.map { .number(Double($0)) }).text(pretty: false) }
        var metadata = [
            (key: "image_mean", value: list(outcome.statistics.mean)),
            (key: "image_deviation", value: list(outcome.statistics.standardDeviation)),
        ]
        if let names = classNames {
            metadata.append((key: "class_names", value: JSON.array(names.map(JSON.string)).text(pretty: false)))
        }
        metadata.append((key: "provenance", value: provenance.json.text(pretty: false)))
        if let origin { metadata.append((key: "search", value: origin.json.text(pretty: false))) }
        var notes: [String] = []
        if format == .tflite {
            let mean = outcome.statistics.mean.map(Double.init), std = outcome.statistics.standardDeviation.map(Double.init)
            let described = WeightsFile(
                outcome.weights, imageMean: mean, imageDeviation: std, classNames: classNames, provenance: provenance)
            var model = QuantizedTFLiteNetwork(
                outcome.int8, input: rawInput ? .bytes(mean: mean, std: std) : .normalized,
                output: probabilities ? .probabilities : .logits
            ).model
            model.describe(described, takesBytes: rawInput)
            model.metadata += metadata.map { TFLiteMetadata(name: "onepath.\($0.key)", bytes: Array($0.value.utf8)[...]) }
            notes = try write(model, of: described)
        } else {
            try QuantizedONNXFile(outcome.int8).write(to: output, metadata: metadata)
        }
        print("\(outcome.int8.name) as \(format.rawValue), int8, is in \(output).")
        print(([try outcome.accuracy()] + notes).joined(separator: "\n"))
    }
}
