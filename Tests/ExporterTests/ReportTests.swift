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

    private func training(_ epochs: Int) -> ReportRun {
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

    private func costs(_ architecture: Architecture) -> ReportCosts {
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

    private func full(_ architecture: Architecture, run: ReportRun) -> Report {
        var report = Report(architecture, origin: run.provenance, provenance: provenance("onepath export"))
        report.run = run
        report.costs = costs(architecture)
        report.comparison = [ReportTotals(name: "the largest", network: architecture.network, latency: .init(milliseconds: 3, layers: .init(modelled: 9)))]
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

    /// Where the plot of a curve or of strips begins and ends, from its axis.
    private func plot(_ picture: XMLTree) throws -> (left: Double, right: Double) {
        let axis = try #require(picture.all("line").first { line in
            line.attributes["class"] == "stroke-muted" && line.number("y1") == line.number("y2")
        })
        return (axis.number("x1"), axis.number("x2"))
    }

    @Test("show every logged step in the curves and in the indicators")
    func everyStep() throws {
        let (page, pictures, _) = try documents(full(architecture(), run: run()))
        for document in [page, pictures] {
            for name in ["cross-entropy", "runtime"] {
                let picture = try #require(document.picture(name)), (left, right) = try plot(picture)
                let lines = picture.all("polyline")
                #expect(lines.count == 1 && picture.all("circle").count == Self.steps.count)
                let x = lines[0].points.map { $0[0] }
                #expect(x.count == Self.steps.count)
                for (found, step) in zip(x, Self.steps) {
                    #expect(abs((found - left) / (right - left) - Double(step) / 75) < 0.001)
                }
            }
            let indicators = try #require(document.picture("indicators")), (left, right) = try plot(indicators)
            // The first is off from step 20 to 40 alone: a strip to 20 and one from 40. The second is never on.
            let strips = indicators.all("g").map { $0.all("rect").dropFirst() }
            #expect(strips.map(\.count) == [2, 0, 1])
            let edges = strips[0].map { rect in
                [rect.number("x"), rect.number("x") + rect.number("width")].map { ($0 - left) / (right - left) * 75 }
            }
            for (found, expected) in zip(edges.joined(), [0.0, 20, 40, 75]) { #expect(abs(found - expected) < 0.01) }
        }
        #expect(page.text.contains("2 of 3 parts are in use at the end."))
        // Many steps are smoothed: the values, and their mean.
        let many = try documents(full(architecture(), run: run(steps: Array(1...200)))).page
        let lines = try #require(many.picture("cross-entropy")).all("polyline")
        #expect(lines.map(\.points.count) == [200, 200] && many.text.contains("the mean of the 9 logged steps around it"))
    }

    @Test("draw a learning rate as steps")
    func staircase() throws {
        let picture = try #require(documents(full(architecture(), run: run())).page.picture("learning-rate"))
        let (left, right) = try plot(picture), points = try #require(picture.all("polyline").first).points
        // Level up to each logged step, straight up or down there.
        let places = points.map { (($0[0] - left) / (right - left) * 75).rounded() }
        #expect(places == [0, 20, 20, 40, 40, 60, 60, 75])
        for index in stride(from: 0, to: points.count, by: 2) { #expect(points[index][1] == points[index + 1][1]) }
        #expect(points[3][1] == points[0][1] && points[4][1] > points[3][1])
    }

    @Test("give every axis a title with its unit")
    func units() throws {
        let search = try documents(full(architecture(), run: run())), trained = try documents(full(architecture(), run: training(3)))
        for (document, name, units) in [
            (search.page, "cross-entropy", ["cross-entropy, nats", "step"]), (search.page, "runtime", ["latency, ms", "step"]),
            (search.page, "learning-rate", ["learning rate, no unit", "step"]), (search.page, "indicators", ["step"]),
            (search.page, "latency", ["latency, ms"]), (trained.page, "test-accuracy", ["top-1, % of test images", "epoch"]),
        ] {
            let texts = try #require(document.picture(name)).all("text").map(\.text)
            for unit in units { #expect(texts.contains(unit), "\(name): \(unit)") }
        }
        #expect(trained.page.text.contains("90.5 % at epoch 1, 91.5 % at epoch 3."))
    }

    @Test("have captions that make sense for one point")
    func onePoint() throws {
        let (page, _, _) = try documents(full(architecture(), run: run(steps: [20])))
        for (name, caption) in [
            ("cross-entropy", "1.00 nats at step 20, the only one that was logged."),
            ("learning-rate", "0.00400 at step 20, the only one that was logged."),
            ("indicators", "2 of 3 parts are in use at step 20, the only one that was logged."),
        ] {
            #expect(try #require(page.picture(name)).all("desc").first?.text.hasSuffix(caption) == true, "\(name)")
        }
        #expect(try #require(page.picture("cross-entropy")).all("circle").count == 1)
        let (trained, _, _) = try documents(full(architecture(), run: training(1)))
        let accuracy = try #require(trained.picture("test-accuracy"))
        #expect(accuracy.all("desc").first?.text == "90.5 % at epoch 1, the only one that was tested.")
        #expect(accuracy.all("circle").count == 1 && accuracy.all("polyline").isEmpty)
    }

    /// The first cards: their names, values and notes.
    private func cards(_ page: XMLTree) -> [(name: String, value: String)] {
        let list = page.all("dl").first { $0.attributes["class"] == "figures" }
        return zip(list?.all("dt") ?? [], list?.all("dd") ?? []).map { ($0.text, $1.text) }
    }

    @Test("tell first latency, accuracy, targets and size")
    func cards() throws {
        let architecture = try architecture()
        let report = full(architecture, run: run())
        let page = try documents(report).page
        let cards = cards(page)
        #expect(
            cards.map(\.name) == [
                "latency", "accuracy of the supernet", "target: latency", "target: energy", "target: memory", "size",
                "multiply-accumulates",
            ])
        let latency = try #require(report.costs).latency
        #expect(cards[0].value.hasPrefix("\(latency.milliseconds.significant(3)) msone image on phoneMeasured: "))
        #expect(cards[1].value.hasPrefix("90.57 %95 % interval: 89.98 to 91.13 %9,057 of 10,000 test images"))
        #expect(cards[2].value == "met2.013 of at most 2.020 ms, 99.7 %")
        #expect(cards[3].value == "not met3.300 of at most 3.000 mJ, 110.0 %")
        #expect(cards[4].value == "not knownat most 3.000 MiB")
        let weights = architecture.network.layers.flatMap(\.operators).reduce(0) { $0 + $1.weightBytes }
        #expect(
            cards[5].value.contains("\(architecture.network.parameters.grouped) parameters\(weights.grouped) bytes"))
        // Without a target, λ weighed.
        var free = run()
        free.targets = []
        #expect(self.cards(try documents(full(architecture, run: free)).page)[2].value.hasPrefix("none"))
        let trained = self.cards(try documents(full(architecture, run: training(2))).page)
        #expect(trained.map(\.name) == ["latency", "accuracy", "size", "multiply-accumulates"])
        // Where the device is not what it was, what the search knew of the latency is left.
        var old = full(architecture, run: run())
        old.costs = nil
        old.found = ("phone", KnownLatency(milliseconds: 2.5, layers: nil))
        let left = try documents(old).page
        #expect(self.cards(left)[0].value == "2.50 msone image on phoneWhether it was measured is not on record")
        #expect(left.picture("latency") == nil)
    }

    @Test("tell a target that is missed by a hair from one that is met")
    func nearTargets() {
        func target(_ value: Double) -> ReportTarget { ReportTarget(name: "latency", unit: "ms", limit: 1.8, value: value) }
        #expect(target(1.8).isMet == true && target(1.8).text == "1.800 of at most 1.800 ms, 100.0 %")
        #expect(target(1.80002).isMet == false && target(1.80002).text == "1.80002 of at most 1.80000 ms, 100.001 %")
        #expect(target(1.79).isMet == true)
    }

    @Test("say wherever a latency stands how it is known", arguments: [
        (KnownLatency.Counts(measured: 7), "Measured: all 7 layers", "measured"),
        (.init(modelled: 7), "Not measured on this device: modelled, all 7 layers", "modelled"),
        (.init(measured: 3, modelled: 4), "Measured: 3 of 7 layers; modelled: 4", "3 of 7 measured"),
        (
            .init(measured: 3, modelled: 3, extrapolated: 1), "Measured: 3 of 7 layers; modelled: 3; extrapolated: 1",
            "3 of 7 measured"
        ),
        (
            .init(modelled: 5, extrapolated: 2),
            "Not measured on this device: 5 of 7 layers modelled, 2 of 7 layers extrapolated", "extrapolated"
        ),
    ])
    func known(counts: KnownLatency.Counts, words: String, kind: String) throws {
        let architecture = try architecture()
        let layers = [
            (ReportLayerCost.Source.measured, counts.measured), (.modelled, counts.modelled),
            (.extrapolated, counts.extrapolated),
        ].flatMap { source, count in
            (0..<count).map {
                ReportLayerCost(
                    name: "\(source.rawValue) \($0)", choice: "3x3", latencyMs: 1, source: source, bound: .memory)
            }
        }
        var report = full(architecture, run: run())
        // One that is skipped counts for nothing.
        report.costs = ReportCosts(
            device: "phone",
            layers: layers + [.init(name: "none", choice: "skip", latencyMs: 0, source: .modelled, bound: .compute)])
        let latency = try #require(report.costs).latency
        #expect(latency.milliseconds == 7 && latency.words == words && latency.kind == kind)
        let page = try documents(report).page
        #expect(cards(page)[0].value.contains(words))
        let picture = try #require(page.picture("latency"))
        #expect(picture.all("desc").first?.text.contains("7.00 ms for one image. \(words).") == true)
        for source in ReportLayerCost.Source.allCases {
            let isThere = layers.contains { $0.source == source }
            #expect(picture.all("text").contains { $0.text == source.rawValue } == isThere)
        }
        let rows = page.all("tr").map(\.text)
        #expect(rows.contains { $0.hasPrefix("this network7.00\(kind)") } && rows.contains { $0.hasPrefix("the largest3.00modelled") })
    }

    @Test("have intervals as published")
    func intervals() {
        // Newcombe, 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        for (correct, count, low, high) in [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
            (29, 29, 0.8830, 1),
        ] {
            let interval = TestAccuracy(testImages: count, correct: correct).interval
            #expect(abs(interval.lowerBound - low) < 6e-5 && abs(interval.upperBound - high) < 6e-5, "\(interval)")
        }
    }

    @Test("fold digests and configuration")
    func folded() throws {
        let page = try documents(full(architecture(), run: run())).page
        let folded = page.all("details").map(\.text)
        func shown(_ text: String) -> (all: Int, folded: Int) {
            (page.text.components(separatedBy: text).count - 1, folded.count { $0.contains(text) })
        }
        // The run's inputs, and the page's.
        #expect(shown(String(repeating: "0f", count: 32)) == (2, 2))
        #expect(shown("label smoothing") == (1, 1))
        #expect(shown("onepath search").folded == 0 && shown("onepath search").all == 1)
    }

    @Test("use a colour for one meaning, on light screens, in print and on dark screens")
    func colours() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let choices = space.searchableLayers.enumerated().map { $1.choices[$0 % $1.choices.count] }
        let page = try documents(full(space.architecture(name: "each choice", choices: choices), run: run())).page
        let style = page.all("style").map(\.text).joined()
        /// A shape's colour, in the way that it is drawn there.
        func colour(_ shape: XMLTree, _ property: String, isDark: Bool) -> String? {
            guard let plain = shape.attributes[property], plain.hasPrefix("#") else { return nil }
            let name = (shape.attributes["class"] ?? "").split(separator: " ").first { $0.hasPrefix("\(property)-") }
            guard isDark, let name else { return plain }
            guard let start = style.range(of: ".\(name){\(property):")?.upperBound else { return nil }
            return String(style[start...].prefix(7))
        }
        func colours(_ picture: String, _ element: String, _ property: String, isDark: Bool) throws -> Set<String> {
            let shapes = try #require(page.picture(picture)).all(element).filter { shape in
                let paint = shape.attributes["class"] ?? ""
                // What is neutral has no meaning of its own.
                return !["band", "fixed", "muted", "surface", "text"].contains { paint.contains("\(property)-\($0)") }
            }
            return Set(shapes.compactMap { colour($0, property, isDark: isDark) })
        }
        func distance(_ one: String, _ other: String) -> Double {
            func channels(_ text: String) -> [Double] {
                let value = Int(text.dropFirst(), radix: 16) ?? 0
                return [16, 8, 0].map { Double(value >> $0 & 255) }
            }
            return zip(channels(one), channels(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        for isDark in [false, true] {
            let kernels = try colours("network", "polygon", "fill", isDark: isDark)
            let strips = try colours("indicators", "rect", "fill", isDark: isDark)
            let meanings = [
                kernels, strips.subtracting(kernels),
                try colours("latency", "rect", "fill", isDark: isDark)
                    .union(colours("runtime", "polyline", "stroke", isDark: isDark)),
                try colours("cross-entropy", "polyline", "stroke", isDark: isDark)
                    .union(colours("learning-rate", "polyline", "stroke", isDark: isDark)),
            ]
            // 3x3 and 5x5 with two expansions each, of which the strip of the kernel has one; expansions; latencies; other
            // curves.
            #expect(meanings.map(\.count) == [4, 1, 1, 1] && strips.count == 2, "\(meanings)")
            for (index, one) in meanings.enumerated() {
                for other in meanings[(index + 1)...] {
                    for (first, second) in one.flatMap({ first in other.map { (first, $0) } }) {
                        #expect(distance(first, second) > 60, "\(first) and \(second)")
                    }
                }
            }
        }
    }

    @Test("lay pictures out so that nothing overlaps, leaves them or is too small to read")
    func layout() throws {
        var architectures = [try SmallArchitectures.plain(), try SmallArchitectures.squeezed(), try architecture(named: Self.hostile)]
        for path in try ShippedFiles.references() { architectures.append(try Architecture(contentsOf: path)) }
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            architectures += [space.largest, space.smallest]
        }
        let runs = [run(), run(steps: [1]), run(steps: Array(1...200)), run(steps: [99_999, 12_345_678]), training(1), training(20)]
        for (index, architecture) in architectures.enumerated() {
            let (page, file, _) = try documents(full(architecture, run: runs[index % runs.count]))
            for document in [page, file] {
                let pictures = document.all("svg").filter { $0.attributes["role"] == "img" }
                #expect(pictures.count >= 5)
                for picture in pictures {
                    let problems = PictureLayout(picture).problems
                    #expect(problems == [], "\(picture.titles[0]) of \(architecture.name)")
                }
            }
            #expect(PictureLayout(file).problems == [], "the file of \(architecture.name)")
            // Titles and captions stand between the pictures.
            for text in file.children where text.name == "text" {
                let y = text.number("y")
                for picture in file.children where picture.name == "svg" {
                    let top = picture.number("y"), bottom = top + picture.number("height")
                    #expect(y <= top || y - 12 >= bottom - 1, "\(text.text)")
                }
            }
        }
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
        #expect(cards(page).map(\.name) == ["size", "multiply-accumulates"])
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
        var run = ReportRun(.search, provenance: provenance(Self.hostile))
        run.settings = [.init(name: Self.hostile, value: Self.hostile)]
        run.phases = [.init(name: Self.hostile, start: 0)]
        run.curves = [.crossEntropy, .latency, .learningRate].map { ReportCurve($0, places: [1], values: [1]) }
        run.curves[1].note = Self.hostile
        run.selection = .init(
            steps: [1],
            indicators: [.init(layer: Self.hostile, part: Self.hostile, kind: .kernel(5), values: [true])])
        run.targets = [.init(name: Self.hostile, unit: Self.hostile, limit: 1, value: 1)]
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
            #expect(targets == ["#latency-modelled"])
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
        var run = ReportRun(.search, provenance: provenance("x"))
        run.curves = [.crossEntropy, .latency, .learningRate].map { ReportCurve($0, places: steps, values: values) }
        let page = try documents(full(architecture(), run: run)).page
        for name in ["cross-entropy", "runtime", "learning-rate"] {
            let picture = try #require(page.picture(name))
            let (left, right) = try plot(picture)
            let points = picture.all("polyline").flatMap(\.points)
                + picture.all("circle").map { [$0.number("cx"), $0.number("cy")] }
            #expect(points.count >= values.count)
            for point in points {
                #expect((left...right).contains(point[0]) && (24...136).contains(point[1]), "\(point)")
            }
            #expect(PictureLayout(picture).problems == [])
            #expect((2...8).contains(picture.all("line").count { $0.attributes["class"] == "stroke-rule" }))
        }
    }
}
