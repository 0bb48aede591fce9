import Files
import Training

/// The log of a run that trains an architecture, as far as a summary needs it.
///
/// It is not read strictly: fields that are not needed are ignored.
struct TrainingLog {
    /// A line of `metrics.jsonl`.
    struct Line {
        let step: Int
        let epoch: Int
        let imagesPerSecond: Double
        let numbers: [(path: [String], value: Double)]
    }

    let path: String
    let facts: [RunSummary.Fact]
    let epochs: Int
    let batch: Int
    let steps: Int
    /// nil where all images have the size of the input.
    let resolution: TrainResolution?
    let lines: [Line]
    let result: Evaluation?

    /// - Parameter configuration: the content of `config.json`.
    /// - Throws: `FileError.invalid`.
    init(contentsOf path: String, configuration: JSONNode) throws {
        self.path = path
        func field(_ name: String, of node: JSONNode) throws(FileError) -> JSONNode {
            guard let found = try node.members().first(where: { $0.key == name }) else {
                throw node.problem("missing field \"\(name)\"")
            }
            return found.node
        }
        let settings = try field("configuration", of: configuration)
        let images = try RunImages(configuration: configuration)
        batch = try field("batch", of: settings).integer(in: 1...images.trained)
        epochs = try field("epochs", of: settings).integer(in: 1...1 << 20)
        steps = epochs * (images.trained / batch)
        resolution = TrainResolution(recorded: settings.value["train_resolution"])
        facts =
            try [
                .init(name: "architecture", value: .string(field("architecture", of: configuration).string())),
                .init(name: "data", value: .string(images.data)),
            ] + images.facts + ["seed", "batch"].map { RunSummary.Fact(name: $0, value: try field($0, of: settings).value) }

        let limit = 1_000_000_000_000
        lines = try JSONLines.read(path + "/" + RunDirectory.metricsName, what: "metrics", isGrowing: true) { line in
            Line(
                step: try field("step", of: line).integer(in: 1...limit),
                epoch: try field("epoch", of: line).integer(in: 1...limit),
                imagesPerSecond: try field("images_per_second", of: line).number(in: 0...Double(limit)),
                numbers: line.value.numbers)
        }
        result = try RunDirectory.result(ofRunIn: path)
    }

    /// Every figure of the lines, in their order; a figure that some lines lack has only the values of the others.
    var curves: [RunSummary.Curve] {
        var names: [String] = []
        var values: [String: [Double]] = [:]
        for (path, value) in lines.flatMap(\.numbers) {
            let name = path.joined(separator: "/")
            if ["step", "epoch", "images_per_second"].contains(name) { continue }
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(value)
        }
        return names.map { RunSummary.Curve(name: $0, values: values[$0] ?? []) }
    }
}
