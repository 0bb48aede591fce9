import Architectures
import Exporter
import Files
import Testing
import TestSupport

private let sampleSteps = [20, 40, 60, 75]

/// Gives a suite reports of runs that never were, and what is written of them.
protocol SampleReports {}

extension SampleReports {
    static var steps: [Int] { sampleSteps }
    /// Every character that could end a text or an attribute, one that XML cannot hold, and a reference to elsewhere.
    static var hostile: String { "<script>\"a' & b\"</script>\u{1}]]>" }

    func provenance(_ command: String) -> Provenance {
        Provenance(
            command: command, seed: 7, inputs: [.init(path: "x.json", sha256: String(repeating: "0f", count: 32))],
            date: "2026-01-31T23:59:59Z")
    }

    func run(steps: [Int] = sampleSteps, command: String = "onepath search") -> ReportRun {
        var run = ReportRun(.search, provenance: provenance(command))
        run.settings = [.init(name: "label_smoothing", value: "0.1")]
        run.phases = [
            .init(name: "warm-up", start: 0), .init(name: "search", start: 41), .init(name: "fine-tune", start: 66),
        ]
        run.curves = [
            ReportCurve(.crossEntropy, places: steps, values: steps.map { 20 / Double($0) }),
            ReportCurve(.latency, places: steps, values: steps.map { 2 + 1 / Double($0) }),
            ReportCurve(.learningRate, places: steps, values: steps.map { $0 < 50 ? 0.004 : 0.003 }),
        ]
        run.curves[1].target = 2.02
        run.selection = .init(
            steps: steps,
            indicators: [
                .init(layer: "stage1.1", part: "kernel 5", kind: .kernel(5), values: steps.map { $0 != 40 }),
                .init(layer: "stage1.1", part: "expansion 6", kind: .expansion, values: steps.map { _ in false }),
                .init(layer: "stage1.2", part: "expansion 3", kind: .expansion, values: steps.map { _ in true }),
            ])
        run.accuracy = .init(testImages: 10_000, correct: 9_057)
        run.targets = [
            .init(name: "latency", unit: "ms", limit: 2.02, value: 2.0133),
            .init(name: "energy", unit: "mJ", limit: 3, value: 3.3), .init(name: "memory", unit: "MiB", limit: 3, value: nil),
        ]
        return run
    }

    func training(_ epochs: Int) -> ReportRun {
        var run = ReportRun(.training, provenance: provenance("onepath train"))
        let steps = (1...3 * epochs).map { 20 * $0 }
        run.curves = [
            ReportCurve(.crossEntropy, places: steps, values: steps.map { 20 / Double($0) }),
            ReportCurve(.learningRate, places: steps, values: steps.map { 1 / Double($0) }),
            ReportCurve(.testAccuracy, places: Array(1...epochs), values: (1...epochs).map { 90 + Double($0) / 2 }),
        ]
        run.accuracy = .init(testImages: 10_000, correct: 9_100)
        return run
    }

    func costs(_ architecture: Architecture) -> ReportCosts {
        let layers = architecture.network.layers
        return ReportCosts(
            device: "phone",
            layers: layers.enumerated().map { index, layer in
                ReportLayerCost(
                    name: layer.name, choice: layer.choice,
                    latencyMs: layer.choice == "skip" ? 0 : Double(index + 1) / 8,
                    source: index.isMultiple(of: 2) ? .measured : .modelled,
                    bound: [.compute, .memory, .overhead][index % 3])
            })
    }

    func full(_ architecture: Architecture, run: ReportRun) -> Report {
        var report = Report(architecture, origin: run.provenance, provenance: provenance("onepath export"))
        report.run = run
        report.costs = costs(architecture)
        let latency = KnownLatency(milliseconds: 3, layers: .init(modelled: 9))
        report.comparison = [ReportTotals(name: "the largest", network: architecture.network, latency: latency)]
        return report
    }

    func architecture(named name: String? = nil) throws -> Architecture {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        // A file's names have no control characters.
        guard let name = name?.replacing("\u{1}", with: "") else { return space.smallest }
        guard case .object(var members) = space.smallest.json() else { return space.smallest }
        for (key, value) in [("name", JSON.string(name)), ("space", .string(name))] {
            if let index = members.firstIndex(where: { $0.key == key }) { members[index].value = value }
        }
        return try Architecture(json: JSONNode(.object(members), path: "hostile.json"))
    }

    /// The page and the pictures, as parsed.
    func documents(_ report: Report) throws -> (page: XMLTree, pictures: XMLTree, texts: [String]) {
        let directory = try TemporaryDirectory()
        try report.writeHTML(to: directory.file("report.html"))
        try report.writeSVG(to: directory.file("report.svg"))
        let texts = try ["report.html", "report.svg"].map {
            try String(contentsOfFile: directory.file($0), encoding: .utf8)
        }
        return (try XMLTree(texts[0]), try XMLTree(texts[1]), texts)
    }

    /// Where the plot of a curve or of strips begins and ends, from its axis.
    func plot(_ picture: XMLTree) throws -> (left: Double, right: Double) {
        let axis = try #require(picture.all("line").first { line in
            line.attributes["class"] == "stroke-muted" && line.number("y1") == line.number("y2")
        })
        return (axis.number("x1"), axis.number("x2"))
    }
}
