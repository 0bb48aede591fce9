import Exporter
import Files
import Testing
import TestSupport

@Suite("Pictures of sweeps")
struct TradeoffTests {
    private func point(
        _ name: String, _ kind: Tradeoff.Kind, ms: Double, correct: Int, of count: Int = 1000,
        layers: KnownLatency.Counts = .init(modelled: 9)
    ) -> Tradeoff.Point {
        Tradeoff.Point(
            name: name, kind: kind, latency: KnownLatency(milliseconds: ms, layers: layers), macs: 5_000_000,
            parameters: 200_000, inherited: TestAccuracy(testImages: count, correct: correct))
    }

    private func tradeoff(_ points: [Tradeoff.Point]) -> Tradeoff {
        var tradeoff = Tradeoff(
            title: "small on phone", provenance: Provenance(command: "x", seed: nil, inputs: [], date: Provenance.now))
        tradeoff.points = points
        return tradeoff
    }

    /// Networks as a sweep has them.
    private var usual: [Tradeoff.Point] {
        var found = [1.2, 1.6, 1.8, 2.4].map { limit in
            var point = point("latency-\(limit)", .found, ms: limit - 0.01, correct: Int(240 + 50 * limit))
            point.label = "\(limit) ms"
            point.searchedAccuracy = 0.9
            return point
        }
        var largest = point("largest", .largest, ms: 3.3, correct: 371)
        largest.label = "largest"
        found.append(largest)
        let others = (0..<6).map { point("random \($0)", .random, ms: 1.6 + Double($0) / 5, correct: 240 + 10 * $0) }
        return found + others + [point("3x3 e3 everywhere", .uniform, ms: 1.78, correct: 215)]
    }

    private func picture(_ tradeoff: Tradeoff) throws -> XMLTree {
        let directory = try TemporaryDirectory()
        try tradeoff.writeSVG(to: directory.file("sweep.svg"))
        let file = try XMLTree(String(contentsOfFile: directory.file("sweep.svg"), encoding: .utf8))
        #expect(PictureLayout(file).problems == [])
        let picture = try #require(file.picture("tradeoff"))
        #expect(PictureLayout(picture).problems == [])
        // What stands below says the same as a screen reader does.
        let caption = file.children.filter { $0.name == "text" }.map(\.text).joined(separator: " ")
        #expect(caption.hasSuffix(picture.all("desc").first?.text ?? "none"))
        return picture
    }

    @Test("show each network once, by the accuracy that it inherits, with its interval")
    func points() throws {
        let picture = try picture(tradeoff(usual))
        let marks = picture.all("g").filter { !($0.all("title").isEmpty) }
        #expect(marks.count == usual.count)
        // No other accuracy is in the picture.
        #expect(!picture.text.contains("90.00 %"))
        let bars = picture.all("g").filter { $0.attributes["class"] == "interval" }
        #expect(bars.count == usual.count)
        // The axis: two ticks and where they stand.
        let ticks = picture.all("text").filter { $0.attributes["text-anchor"] == "end" && Double($0.text) != nil }
        let (first, last) = (try #require(ticks.first), try #require(ticks.last))
        let (low, high) = (try #require(Double(first.text)), try #require(Double(last.text)))
        func accuracy(_ y: Double) -> Double {
            low + (y + 4 - first.number("y")) / (last.number("y") - first.number("y")) * (high - low)
        }
        for (bar, point) in zip(bars, usual.sorted { $0.latency.milliseconds < $1.latency.milliseconds }) {
            let line = try #require(bar.all("line").first), interval = point.inherited.interval
            let ends = [accuracy(line.number("y1")), accuracy(line.number("y2"))].sorted()
            #expect(abs(ends[0] - 100 * interval.lowerBound) < 0.02 && abs(ends[1] - 100 * interval.upperBound) < 0.02)
        }
    }

    @Test("label what was found with its target, and the largest network")
    func labels() throws {
        let picture = try picture(tradeoff(usual)), texts = picture.all("text").map(\.text)
        for label in ["1.2 ms", "1.6 ms", "1.8 ms", "2.4 ms", "largest"] {
            #expect(texts.count { $0 == label } == 1, "\(label)")
        }
        for part in ["latency, ms", "inherited top-1, % of test images", "largest of the space", "random", "found"] {
            #expect(texts.contains(part), "\(part)")
        }
    }

    /// How far each point's interval is from a label, in the order of latency.
    private func distances(from label: XMLTree, in picture: XMLTree) -> [Double] {
        let half = TextWidth.of(label.text, size: label.number("font-size")) / 2
        let (x, top, bottom) = (label.number("x"), label.number("y") - 9, label.number("y") + 2)
        return picture.all("g").filter { $0.attributes["class"] == "interval" }.map { bar in
            let line = bar.all("line")[0], ends = [line.number("y1"), line.number("y2")].sorted()
            let across = max(0, abs(line.number("x1") - x) - half), up = max(0, ends[0] - bottom, top - ends[1])
            return (across * across + up * up).squareRoot()
        }
    }

    @Test("put labels nearest to their own points, or join them by a line")
    func nearLabels() throws {
        // Left of the plot there is no room for the middle of the first label, and below stands another network.
        var points = [(1.658, "1.669 ms"), (2.467, "2.47 ms")].map { milliseconds, label in
            var point = point(label, .found, ms: milliseconds, correct: 1114, of: 10_000)
            point.label = label
            return point
        }
        points += [(1.775, 965), (1.992, 1211), (2.838, 1090)].map { point("\($0)", .uniform, ms: $0, correct: $1, of: 10_000) }
        points += [(2.020, 1257), (2.655, 1041), (2.360, 1228)].map { point("\($0)", .random, ms: $0, correct: $1, of: 10_000) }
        points.append(point("largest", .largest, ms: 3.272, correct: 1398, of: 10_000))
        let drawn = try picture(tradeoff(points))
        #expect(drawn.all("g").allSatisfy { $0.attributes["class"] != "leader" })
        for (label, place) in [("1.669 ms", 0), ("2.47 ms", 5)] {
            let text = try #require(drawn.all("text").first { $0.text == label }), all = distances(from: text, in: drawn)
            #expect(all.count == 9 && all.min() == all[place], "\(label): \(all)")
        }
        // A point in the midst of others has no place of its own; its label is joined to it.
        let crowd = (0..<60).map { point("\($0)", .random, ms: 2 + Double($0 % 30 - 15) / 100, correct: 400 + $0 / 30 * 25) }
        var found = point("found", .found, ms: 2.001, correct: 412)
        found.label = "2.1 ms"
        let wide = [point("a", .random, ms: 1, correct: 200), point("b", .random, ms: 3, correct: 600)]
        let crowded = try picture(tradeoff(crowd + wide + [found]))
        let leader = try #require(crowded.all("g").first { $0.attributes["class"] == "leader" }?.all("line").first)
        let mark = try #require(crowded.all("g").first { $0.titles.first?.hasPrefix("found: ") == true }?.all("rect").first)
        #expect(abs(leader.number("x2") - mark.number("x") - 4) < 0.02)
        #expect(crowded.all("text").contains { $0.text == "2.1 ms" })
    }

    @Test("label both of two searches that found the same network")
    func sameNetwork() throws {
        let points = ["2 ms", "3 ms"].map { label in
            var point = point(label, .found, ms: 1.9, correct: 500)
            point.label = label
            return point
        }
        let texts = try picture(tradeoff(points + [point("r", .random, ms: 1, correct: 300)])).all("text").map(\.text)
        #expect(texts.contains("2 ms") && texts.contains("3 ms"), "\(texts)")
    }

    @Test("say that all had the same training, and how the latencies are known")
    func caption() throws {
        func caption(_ layers: [KnownLatency.Counts]) throws -> String {
            let points = layers.enumerated().map { point("\($0)", .found, ms: 1, correct: 500, layers: $1) }
            return try picture(tradeoff(points)).all("desc").first?.text ?? ""
        }
        let usual = try picture(tradeoff(usual)).all("desc").first?.text ?? ""
        #expect(usual.hasPrefix("4 found, 6 random, 1 the same in every layer, 1 largest of the space: "))
        #expect(usual.contains("inherit from one warm-up, so that all had the same training"))
        #expect(usual.contains("on 1,000 test images, with 95 % intervals"))
        #expect(usual.hasSuffix("stands beside it. Latency: not measured on this device: modelled."))
        #expect(try caption([.init(measured: 9), .init(measured: 8)]).hasSuffix("measured, every layer of every network."))
        #expect(
            try caption([.init(measured: 9), .init(measured: 8, modelled: 1, extrapolated: 1)]).contains(
                "every layer of 1 of 2 networks; in the others modelled where it was not measured; "
                    + "extrapolated in part in 1 of 2 networks"))
    }

    @Test("have a word for how most layers of a network are known", arguments: [
        (KnownLatency.Counts(modelled: 13, extrapolated: 2), "modelled"), (.init(modelled: 2, extrapolated: 13), "extrapolated"),
        (.init(measured: 4, modelled: 1, extrapolated: 2), "measured"), (.init(measured: 3, modelled: 3), "measured"),
    ])
    func mostly(counts: KnownLatency.Counts, word: String) {
        #expect(KnownLatency(milliseconds: 1, layers: counts).mostly == word)
    }

    @Test("are drawn for one network, for equal ones and for many", arguments: [1, 2, 30])
    func counts(count: Int) throws {
        let points = (0..<count).map { index -> Tradeoff.Point in
            var found = point("latency-\(index)", .found, ms: 2 + Double(index / 2) / 40, correct: 500 + index / 2)
            found.label = "\(index) ms"
            return found
        }
        let picture = try picture(tradeoff(points))
        #expect(picture.all("g").count { $0.attributes["class"] == "interval" } == count)
        #expect(picture.all("polyline").count == (count > 1 ? 1 : 0))
    }

    @Test("stand beside the same as numbers")
    func numbers() throws {
        let tradeoff = tradeoff(usual)
        let lines = tradeoff.csv.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        #expect(lines.count == usual.count + 1 && Set(lines.map(\.count)).count == 1)
        // The first ones are those of the first version.
        #expect(
            lines[0].prefix(7) == ["name", "kind", "latency_ms", "macs", "parameters", "inherited_accuracy", "searched_accuracy"])
        guard case .array(let points)? = tradeoff.json["points"] else { return #expect(Bool(false), "no points") }
        #expect(points.count == usual.count)
        for (json, point) in zip(points, usual) {
            let interval = point.inherited.interval
            #expect(json["test_images"] == 1000 && json["correct"] == .integer(point.inherited.correct))
            #expect(json["inherited_accuracy_low"] == .number(interval.lowerBound))
            #expect(json["inherited_accuracy_high"] == .number(interval.upperBound))
            #expect(json["measured_layers"] == 0 && json["modelled_layers"] == 9)
        }
    }
}
