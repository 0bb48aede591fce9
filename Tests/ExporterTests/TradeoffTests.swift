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

    @Test("say that all had the same training, and how the latencies are known")
    func caption() throws {
        func caption(_ layers: [KnownLatency.Counts]) throws -> String {
            let points = layers.enumerated().map { point("\($0)", .found, ms: 1, correct: 500, layers: $1) }
            return try picture(tradeoff(points)).all("desc").first?.text ?? ""
        }
        let usual = try picture(tradeoff(usual)).all("desc").first?.text ?? ""
        #expect(usual.hasPrefix("4 found, 6 random, 1 uniform, 1 largest: "))
        #expect(usual.contains("inherit from one warm-up, so that all had the same training"))
        #expect(usual.contains("on 1,000 test images, with 95 % intervals"))
        #expect(usual.hasSuffix("Latency: not measured on this device: modelled."))
        #expect(try caption([.init(measured: 9), .init(measured: 8)]).hasSuffix("measured, every layer of every network."))
        #expect(
            try caption([.init(measured: 9), .init(measured: 8, modelled: 1, extrapolated: 1)]).contains(
                "every layer of 1 of 2 networks; in the others modelled where it was not measured; of 1 networks "
                    + "extrapolated in part"))
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
