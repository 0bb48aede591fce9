import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Reports")
struct ReportTests: SampleReports {
    /// The first cards: their names, values and notes.
    private func cards(_ page: XMLTree) -> [(name: String, value: String)] {
        let list = page.all("dl").first { $0.attributes["class"] == "figures" }
        return zip(list?.all("dt") ?? [], list?.all("dd") ?? []).map { ($0.text, $1.text) }
    }

    @Test("isolate the names of classes, which may be written from right to left")
    func turnedNames() throws {
        var report = full(try architecture(), run: run())
        let example = ReportImages.Example(
            thumbnail: Thumbnail(name: "a.png", bytes: [0], format: .png), label: "חתול", answer: "<כלב>", probability: 0.93)
        report.images = ReportImages(samples: [], mistakes: [example], note: "1 image")
        let page = try documents(report).texts[0]
        #expect(page.contains("<bdi>חתול</bdi>, answer <bdi>&lt;כלב&gt;</bdi>, 93 %"))
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
        #expect(cards[0].value.hasPrefix("\(latency.milliseconds.significant(3)) msone image on phone\(latency.words)"))
        #expect(cards[1].value.hasPrefix("90.57 %95 % interval: 89.98 to 91.13 %9,057 of 10,000 test images"))
        #expect(cards[2].value == "met2.013 of at most 2.020 ms, 99.7 %")
        #expect(cards[3].value == "not met3.300 of at most 3.000 mJ, 110.0 %")
        #expect(cards[4].value == "not knownat most 3.000 MiB")
        let weights = architecture.network.layers.flatMap(\.operators).reduce(0) { $0 + $1.weightBytes }
        #expect(
            cards[5].value.contains("\(architecture.network.parameters.grouped) parameters\(weights.grouped) bytes"))
        // Where it trained at other sizes than the network's input.
        var resized = run()
        resized.resolution = "trained at 96-160 pixels, evaluated at 160"
        #expect(
            try self.cards(documents(full(architecture, run: resized)).page)[1].value.hasSuffix(
                "trained at 96-160 pixels, evaluated at 160"))
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
        (KnownLatency.Counts(measured: 7), "All 7 layers measured", "measured"),
        (.init(modelled: 7), "Not measured on this device: modelled, all 7 layers", "modelled"),
        (.init(extrapolated: 7), "Not measured on this device: extrapolated, all 7 layers", "extrapolated"),
        (.init(measured: 3, modelled: 4), "3 of 7 layers measured, 4 modelled", "3 of 7 layers measured, 4 modelled"),
        (
            .init(measured: 3, modelled: 3, extrapolated: 1), "3 of 7 layers measured, 3 modelled, 1 extrapolated",
            "3 of 7 layers measured, 3 modelled, 1 extrapolated"
        ),
        (
            .init(modelled: 5, extrapolated: 2),
            "Not measured on this device: 5 of 7 layers modelled, 2 extrapolated", "5 of 7 layers modelled, 2 extrapolated"
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
        report.costs = ReportCosts(device: "phone", layers: layers)
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

    @Test("count the layers of a network as estimates do, with those that it skips")
    func countedLayers() throws {
        let plain = try costs(SmallArchitectures.plain())
        // Stem, six layers, head and classifier, of which the second, fourth, … are modelled; one is skipped.
        #expect(plain.latency.layers == KnownLatency.Counts(measured: 5, modelled: 4))
        // Where all that takes time is known in one way, so is what takes none.
        func words(_ source: ReportLayerCost.Source) -> String {
            let times: [(ms: Double, source: ReportLayerCost.Source)] = [(1.5, source), (2.5, source), (0, .modelled)]
            let layers = times.map {
                ReportLayerCost(name: "\($0.ms)", choice: "3x3", latencyMs: $0.ms, source: $0.source, bound: .memory)
            }
            return ReportCosts(device: "phone", layers: layers).latency.words
        }
        #expect(words(.measured) == "All 3 layers measured")
        #expect(words(.extrapolated) == "Not measured on this device: extrapolated, all 3 layers")
    }

    @Test("say what holds a latency that was not measured")
    func latencyInterval() throws {
        var report = full(try architecture(), run: run())
        report.costs?.interval = 2.0496...2.3234
        let page = try documents(report).page, words = try #require(report.costs).latency.words
        #expect(cards(page)[0].value.contains(" msone image on phone90 % interval: 2.05 to 2.32 ms\(words)"))
        let caption = page.picture("latency")?.all("desc").first?.text ?? ""
        #expect(caption.contains(" ms for one image. 90 % interval: 2.05 to 2.32 ms. \(words)."), "\(caption)")
    }

    @Test("tell latencies in the table of layers too, for those who do not see pictures")
    func latencyColumns() throws {
        let plain = try SmallArchitectures.plain()
        func rows(_ report: Report) throws -> [String] { try documents(report).page.all("tr").map(\.text) }
        var report = full(plain, run: run())
        let stem = plain.network.layers[0], start = "stemconvolution 3x3\(stem.output)"
        let end = "\(stem.macs.grouped)\(stem.parameters.grouped)"
        let all = try rows(report)
        #expect(all.contains("layerchoicegiveslatency, mssourcebound byMACsparameters"))
        #expect(all.contains("\(start)0.125measuredcompute\(end)"), "\(all)")
        #expect(all.contains { $0.hasPrefix("stage1.3skip") && $0.contains("0--00") }, "\(all)")
        // Several layers that were measured as one have a row of their own.
        report.costs = ReportCosts(
            device: "phone",
            layers: [.init(name: "fixed part", choice: "5 layers", latencyMs: 19.6, source: .measured, bound: .compute)])
        let together = try rows(report)
        #expect(together.contains("fixed part5 layers-19.6measuredcompute--") && together.contains("\(start)---\(end)"))
        report.costs = nil
        #expect(try rows(report).contains("layerchoicegivesMACsparameters"))
    }

    @Test("count skipped layers and many classes for people")
    func header() throws {
        let published = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        let page = try documents(full(published, run: run())).page
        #expect(page.text.contains("25 layers, 1 of them skipped, images of 224x224x3, 1,000 classes; a network of"))
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
        let named = Self.hostile.replacing("\u{1}", with: ""), shown = Self.hostile.replacing("\u{1}", with: "\u{fffd}")
        #expect(page.all("h1").map(\.text) == [named] && page.all("title").first?.text == named)
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
}
