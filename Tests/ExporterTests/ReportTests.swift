import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Reports")
struct ReportTests {
    private static let steps = [20, 40, 60, 75]
    /// Every character that could end a text or an attribute, one that XML cannot hold, and a reference to elsewhere.
    private static let hostile = "<script>\"a' & b\"</script>\u{1}]]>"

    private func provenance(_ command: String) -> Provenance {
        Provenance(
            command: command, seed: 7, inputs: [.init(path: "x.json", sha256: String(repeating: "0f", count: 32))],
            date: "2026-01-31T23:59:59Z")
    }

    private func run(steps: [Int] = steps, command: String = "onepath search") -> ReportRun {
        ReportRun(
            settings: [.init(name: "label_smoothing", value: "0.1")], provenance: provenance(command),
            phases: [.init(name: "warm-up", start: 0), .init(name: "deciding", start: 41)], steps: steps,
            crossEntropy: steps.map { 20 / Double($0) }, runtimeMs: steps.map { 2 + 1 / Double($0) },
            learningRate: steps.map { _ in 0.004 },
            indicators: [
                .init(layer: "stage1.1", part: "kernel 5", kind: .kernel, values: steps.map { $0 != 40 }),
                .init(layer: "stage1.1", part: "expansion 6", kind: .expansion, values: steps.map { _ in false }),
            ], accuracy: .init(testImages: 10_000, correct: 9_057))
    }

    private func costs(_ architecture: Architecture) -> ReportCosts {
        let layers = architecture.network.layers
        return ReportCosts(
            device: "phone",
            layers: layers.enumerated().map { index, layer in
                ReportLayerCost(
                    name: layer.name, choice: layer.choice,
                    latencyMs: layer.choice == "skip" ? 0 : Double(index + 1) / 8,
                    source: index.isMultiple(of: 2) ? .measured : .modelled,
                    bound: ReportLayerCost.Bound.allCases[index % 3])
            })
    }

    private func full(_ architecture: Architecture, run: ReportRun) -> Report {
        var report = Report(architecture, origin: run.provenance, provenance: provenance("onepath export"))
        report.run = run
        report.costs = costs(architecture)
        report.comparison = [ReportTotals(name: "the largest", network: architecture.network, latencyMs: 3)]
        return report
    }

    private func architecture(named name: String? = nil) throws -> Architecture {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        guard let name else { return space.smallest }
        guard case .object(var members) = space.smallest.json() else { return space.smallest }
        for (key, value) in [("name", JSON.string(name)), ("space", .string(name))] {
            if let index = members.firstIndex(where: { $0.key == key }) { members[index].value = value }
        }
        return try Architecture(json: JSONNode(.object(members), path: "hostile.json"))
    }

    /// The page and the pictures, as parsed.
    private func documents(_ report: Report) throws -> (page: XMLTree, pictures: XMLTree, texts: [String]) {
        let directory = try TemporaryDirectory()
        try report.writeHTML(to: directory.file("report.html"))
        try report.writeSVG(to: directory.file("report.svg"))
        let texts = try ["report.html", "report.svg"].map {
            try String(contentsOfFile: directory.file($0), encoding: .utf8)
        }
        return (try XMLTree(texts[0]), try XMLTree(texts[1]), texts)
    }

    @Test("show every layer in the network and in the latencies")
    func layers() throws {
        let plain = try SmallArchitectures.plain()
        for architecture in [try architecture(), plain, try SmallArchitectures.squeezed()] {
            let (page, pictures, _) = try documents(full(architecture, run: run()))
            for document in [page, pictures] {
                let network = try #require(document.picture("network")).titles
                let latency = try #require(document.picture("latency")).titles
                for layer in architecture.network.layers {
                    let shown = "\(layer.name): \(layer.choice), \(layer.input) to \(layer.output)"
                    #expect(network.contains { $0.hasPrefix(shown) })
                    #expect(latency.contains { $0.hasPrefix("\(layer.name), \(layer.choice): ") })
                }
            }
        }
        let latency = try #require(documents(full(plain, run: run())).page.picture("latency"))
        #expect(latency.titles.contains("stem, convolution 3x3: 0.125 ms, measured, bound by compute"))
        #expect(latency.titles.contains("first.1, fixed 3x3 e1: 0.250 ms, modelled, bound by memory"))
        #expect(latency.titles.contains("stage1.3, skip: 0 ms"))
    }

    @Test("draw a layer as wide as its channels")
    func widths() throws {
        let plain = try SmallArchitectures.plain()
        let network = try #require(documents(full(plain, run: run())).page.picture("network"))
        func widths(_ layer: String) throws -> [Double] {
            let group = try #require(network.all("g").first { $0.titles[0].hasPrefix("\(layer):") })
            let points = try #require(group.all("polygon").first).points
            return zip(points, points.reversed()).prefix(points.count / 2).map { $1[0] - $0[0] }
        }
        let (block, head) = (try widths("last.1"), try widths("head"))
        // From 7 channels through 42 to 5, then to 9.
        #expect(block.count == 4 && block[1] == block[2])
        for (found, channels) in [(block[0], 7.0), (block[3], 5), (head[0], 5), (head[1], 9)] {
            #expect(abs(found / block[1] - channels / 42) < 0.001)
        }
    }

    @Test("show every logged step in the curves and in the indicators")
    func everyStep() throws {
        let (page, pictures, _) = try documents(full(architecture(), run: run()))
        for document in [page, pictures] {
            for (name, curves) in [("cross-entropy", 2), ("runtime", 1), ("learning-rate", 1)] {
                let lines = try #require(document.picture(name)).all("polyline")
                #expect(lines.count == curves)
                for line in lines {
                    let x = line.points.map { $0[0] }
                    #expect(x.count == Self.steps.count)
                    for (found, step) in zip(x, Self.steps) {
                        #expect(abs((found - 44) / (352 - 44) - Double(step) / 75) < 0.001)
                    }
                }
            }
            let indicators = try #require(document.picture("indicators"))
            // The first is off from step 20 to 40 alone: a strip to 20 and one from 40. The other is never on.
            let strips = indicators.all("g").map { $0.all("rect").dropFirst() }
            #expect(strips.map(\.count) == [2, 0])
            let edges = strips[0].map { rect in
                [rect.number("x"), rect.number("x") + rect.number("width")].map { ($0 - 138) / (352 - 138) * 75 }
            }
            for (found, expected) in zip(edges.joined(), [0.0, 20, 40, 75]) { #expect(abs(found - expected) < 0.01) }
        }
        #expect(page.text.contains("90.57 %") && page.text.contains("9,057 of 10,000 test images"))
    }

    @Test("leave out what is not known")
    func parts() throws {
        let architecture = try architecture()
        let alone = Report(architecture, origin: nil, provenance: provenance("onepath export"))
        let (page, pictures, texts) = try documents(alone)
        for document in [page, pictures] {
            #expect(document.picture("network") != nil)
            for name in ["latency", "cross-entropy", "indicators"] { #expect(document.picture(name) == nil) }
        }
        #expect(!page.text.contains("How it came about") && !texts[0].contains(" ms"))
        // A run of which nothing was logged yet.
        let (begun, _, _) = try documents(full(architecture, run: run(steps: [])))
        #expect(begun.picture("cross-entropy") == nil && begun.text.contains("label smoothing"))
    }

    @Test("tell how everything came about")
    func origin() throws {
        let text = try documents(full(architecture(), run: run(command: "onepath search --seed 7"))).page.text
        for part in [
            "onepath search --seed 7", "onepath export", "x.json", String(repeating: "0f", count: 32),
            "2026-01-31T23:59:59Z", "label smoothing",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test("escape every text")
    func escaping() throws {
        let run = ReportRun(
            settings: [.init(name: Self.hostile, value: Self.hostile)], provenance: provenance(Self.hostile),
            phases: [.init(name: Self.hostile, start: 0)], steps: [1], crossEntropy: [1], runtimeMs: [1],
            learningRate: [1],
            indicators: [.init(layer: Self.hostile, part: Self.hostile, kind: .kernel, values: [true])], accuracy: nil)
        var report = full(try architecture(named: Self.hostile), run: run)
        report.costs = ReportCosts(
            device: Self.hostile,
            layers: [.init(name: Self.hostile, choice: Self.hostile, latencyMs: 1, source: .modelled, bound: .memory)],
            note: Self.hostile)
        let (page, pictures, texts) = try documents(report)
        let shown = Self.hostile.replacing("\u{1}", with: "\u{fffd}")
        #expect(page.all("h1").map(\.text) == [shown] && page.all("title").first?.text == shown)
        for document in [page, pictures] {
            let titles = try #require(document.picture("latency")).titles
            #expect(titles.contains { $0.hasPrefix("\(shown), \(shown): 1.00 ms") })
            #expect(document.all("script").isEmpty)
        }
        for text in texts { #expect(!text.contains("<script")) }
    }

    @Test("refer to nothing outside of themselves")
    func selfContained() throws {
        let (page, pictures, texts) = try documents(full(architecture(), run: run()))
        for text in texts {
            let rest = text.replacing(#/xmlns="http://www\.w3\.org/(1999/xhtml|2000/svg)"/#, with: "")
            for reference in ["http:", "https:", "//", "src=", "href=", "@import", "<script", "javascript"] {
                #expect(!rest.contains(reference), "\(reference)")
            }
            let targets = Set(rest.matches(of: #/url\(([^)]*)\)/#).map { String($0.1) })
            #expect(targets == ["#hatch-compute", "#hatch-memory", "#hatch-overhead"])
        }
        for document in [page, pictures] {
            let ids = document.descendants.compactMap { $0.attributes["id"] }
            #expect(Set(ids).count == ids.count)
            for picture in document.all("svg") where picture.attributes["role"] == "img" {
                let named = (picture.attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
                #expect(named.count == 2 && named.allSatisfy(ids.contains))
            }
        }
        #expect(page.all("meta").contains { $0.attributes["name"] == "viewport" })
        #expect(page.all("style").map(\.text).joined().contains("@media print"))
    }

    @Test("draw one step, equal values and large ones", arguments: [
        [5.0], [0], [1e12, 1e12], [0, 1e12], [1e-12, 2e-12],
    ])
    func extremes(values: [Double]) throws {
        let steps = Array(1...values.count)
        let run = ReportRun(
            settings: [], provenance: provenance("x"), phases: [], steps: steps, crossEntropy: values,
            runtimeMs: values, learningRate: values, indicators: [], accuracy: nil)
        let page = try documents(full(architecture(), run: run)).page
        for name in ["cross-entropy", "runtime", "learning-rate"] {
            let picture = try #require(page.picture(name))
            for point in picture.all("polyline").flatMap(\.points) {
                #expect((44...352).contains(point[0]) && (16...126).contains(point[1]), "\(point)")
            }
            #expect((2...8).contains(picture.all("line").count { $0.attributes["class"] == "stroke-rule" }))
        }
    }
}
