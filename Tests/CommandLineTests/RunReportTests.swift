import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Reports of runs", .serialized)
struct RunReportTests {
    private let task: SmallTask

    init() throws {
        task = try SmallTask()
        let searched = try task.program(task.search("run", epochs: 2) + ["--target-latency", "0.07"])
        #expect(searched.status == 0, "\(searched.error)")
    }

    /// Writes the report of a run in the task's directory, and reads it.
    private func report(_ run: String, _ more: [String] = [], in directory: String? = nil) throws -> String {
        let path = task.directory.file("report.html")
        let outcome = try Program.run(
            ["export", "--run", task.directory.file(run), "--format", "html", "--output", path] + more,
            in: directory ?? task.directory.path)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Replaces a part of a file of a copy of the run, wherever it stands there.
    private func changed(_ file: String, _ change: (String) -> String) throws -> String {
        let copy = task.directory.file("changed")
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: task.directory.file("run"), toPath: copy)
        let before = try String(contentsOfFile: "\(copy)/\(file)", encoding: .utf8), after = change(before)
        #expect(before != after)
        try AtomicFile.write(after, to: "\(copy)/\(file)")
        return "changed"
    }

    /// What a card of a page says.
    private func card(named name: String, of page: String) -> String? {
        guard let start = page.range(of: ">\(name)</dt><dd>")?.upperBound,
            let end = page.range(of: "</dd>", range: start..<page.endIndex)?.lowerBound
        else { return nil }
        return String(page[start..<end])
    }

    @Test("are for the device of the search, from wherever they are written")
    func device() throws {
        let page = try report("run")
        let latency = try #require(card(named: "latency", of: page))
        #expect(latency.contains(" ms<small>one image on pixel1</small>"))
        #expect(latency.contains("<small>Not measured on this device: extrapolated, all "))
        #expect(card(named: "target: latency", of: page)?.hasPrefix("met<small>") == true)
        #expect(card(named: "accuracy of the supernet", of: page)?.contains("95 % interval: ") == true)
        #expect(page.contains("of 40 test images") && page.contains("latency-title"))
        let result = try JSON(contentsOf: task.directory.file("run/result.json"), what: "result")
        guard case .array(let undecided)? = result["decision"]?["undecided"] else {
            Issue.record("no decision")
            return
        }
        #expect(page.contains("the search was not certain") == !undecided.isEmpty)
        // What the search calls deciding and settling.
        #expect(page.contains(">search</text>") && !page.contains(">deciding<") && !page.contains(">settling<"))
        let elsewhere = try report("run", in: "/")
        #expect(card(named: "latency", of: elsewhere) == latency)
        // Another device is told, and the target is that of the search still.
        let other = try report("run", ["--device", "pixel4-tflite-2018"])
        #expect(card(named: "latency", of: other)?.contains("one image on pixel4-tflite-2018") == true)
        #expect(card(named: "latency", of: other) != latency)
        #expect(card(named: "target: latency", of: other) == card(named: "target: latency", of: page))
    }

    @Test("of a search for several devices tell each target on each of them")
    func severalDevices() throws {
        let searched = try task.program(
            task.search("both", epochs: 2) + ["--device", "pixel6", "--target-latency", "0.07", "--target-macs", "5"])
        #expect(searched.status == 0, "\(searched.error)")
        let page = try report("both")
        for device in ["pixel1", "pixel6"] {
            let estimate = try task.program(["estimate", "--architecture", "both/architecture.json", "--device", device, "--json"]).json()
            guard case .number(let latency)? = estimate["latency_ms"] else {
                Issue.record("no latency")
                return
            }
            let card = card(named: "target: latency on \(device)", of: page) ?? "none"
            #expect(card.contains("<small>\(latency.significant(4)) of at most 0.07000 ms, "), "\(card)")
            #expect(card.hasPrefix(latency <= 0.07 ? "met" : "not met"))
            #expect(self.card(named: "target: macs on \(device)", of: page) == nil)
        }
        // They are the same everywhere.
        #expect(card(named: "target: macs", of: page)?.hasPrefix("met") == true)
        #expect(card(named: "target: latency", of: page) == nil && page.contains("<dt>other devices</dt><dd>pixel6</dd>"))
        let shown = try task.program(["show", "run", "both"]).output
        #expect(shown.contains(/\nother devices +pixel6\n/), "\(shown)")
        #expect(try !task.program(["show", "run", "run"]).output.contains("other devices"))
    }

    @Test("of a search whose device profile is another now tell what the search knew")
    func otherProfile() throws {
        let digest = try Provenance.Input(of: ShippedFiles.device("pixel1")).sha256
        let run = try changed("config.json") { $0.replacing(digest, with: String(repeating: "0", count: 64)) }
        let page = try report(run), before = try report("run")
        let latency = try #require(card(named: "latency", of: page))
        #expect(latency.hasSuffix("<small>Whether it was measured is not on record</small>"))
        #expect(latency.prefix { $0 != "<" } == card(named: "latency", of: before)?.prefix { $0 != "<" })
        #expect(card(named: "target: latency", of: page)?.hasPrefix("met<small>") == true)
        #expect(!page.contains("latency-title"))
    }

    @Test("of a search without a fine-tune step show what was found, and not what its last step had")
    func withoutFineTuning() throws {
        // Two steps, of which a seventh is none.
        let searched = try task.program(task.search("short", epochs: 1) + ["--train-examples", "50"])
        #expect(searched.status == 0, "\(searched.error)")
        let metrics = task.directory.file("short/metrics.jsonl")
        let text = try String(contentsOfFile: metrics, encoding: .utf8)
        try AtomicFile.write(text.replacing(#/"runtime_ms": ?[0-9.e+-]+/#, with: #""runtime_ms": 9.5"#), to: metrics)
        let estimate = try task.program(["estimate", "--architecture", "short", "--device", "pixel1", "--json"]).json()
        guard case .number(let latency)? = estimate["latency_ms"] else {
            Issue.record("no latency: \(estimate)")
            return
        }
        let shown = try task.program(["show", "run", "short", "--json"]).json()
        #expect(shown["found_latency_ms"] == .number(latency) && latency != 9.5)
        guard case .array(let layers)? = shown["selection"]?["layers"] else {
            Issue.record("no layers: \(shown)")
            return
        }
        let choices = try Architecture(contentsOf: task.directory.file("short/architecture.json")).choices.map(JSON.string)
        #expect(layers.map { $0["choice"] } == choices)
        let table = try task.program(["show", "run", "short"]).output, words = table.split(whereSeparator: \.isWhitespace)
        #expect(words.joined(separator: " ").contains(" found \(latency.significant(4)) ms "), "\(table)")
        let page = try report("short")
        #expect(page.contains("What was found afterwards takes \(latency.significant(3)) ms. One image on pixel1."))
        #expect(card(named: "latency", of: page)?.hasPrefix("\(latency.significant(3)) ms") == true)
    }

    @Test("of a search that compares no candidates do not say that it found any", arguments: [
        ["--candidates", "1"], ["--strategy", "gradient"],
    ])
    func withoutCandidates(options: [String]) throws {
        func shown(_ run: String) throws -> String {
            try task.program(["show", "run", run]).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        #expect(try shown("run").hasSuffix("the present choice, which was found among the candidates afterwards."))
        let search = task.search("plain", epochs: 2)
        let place = try #require(search.firstIndex(of: "--candidates"))
        let searched = try task.program(Array(search[..<place]) + Array(search[(place + 2)...]) + options)
        #expect(searched.status == 0, "\(searched.error)")
        #expect(try shown("plain").hasSuffix("the present choice."))
    }

    @Test("show no bars of a layer while it is skipped")
    func skipped() throws {
        let run = try changed("metrics.jsonl") {
            $0.replacing(#/"stage1.2": \{[^}]*\}/#, with: #""stage1.2": {"kernel_5": 1, "expansion_3": 0, "expansion_6": 1}"#)
                .replacing(#/"stage2.2": \{[^}]*\}/#, with: #""stage2.2": {"kernel_5": 1, "expansion_3": 1, "expansion_6": 0}"#)
        }
        let page = try report(run)
        for part in ["kernel 5", "expansion 3", "expansion 6"] {
            #expect(page.contains("stage1.2, \(part): in use after 0 of "), "\(part)")
        }
        for (part, count) in [("kernel 5", 3), ("expansion 3", 3), ("expansion 6", 0)] {
            #expect(page.contains("stage2.2, \(part): in use after \(count) of 3 logged steps"), "\(part)")
        }
    }

    @Test("tell of a training what is known of it")
    func training() throws {
        let trained = try task.program([
            "train", "--architecture", "run/architecture.json", "--inherit", "run/weights.safetensors", "--data", "images",
            "--output", "trained", "--epochs", "2", "--batch", "16", "--threads", "2",
        ])
        #expect(trained.status == 0, "\(trained.error)")
        let page = try report("trained"), searched = try report("run")
        // The device is the one that the network was searched for.
        #expect(card(named: "latency", of: page) == card(named: "latency", of: searched))
        #expect(card(named: "accuracy", of: page)?.contains("of 40 test images") == true)
        for part in [
            "cross-entropy-title", "learning-rate-title", "test-accuracy-title", "network-title", "The training",
            "at epoch 2.", "inherited weights", "the largest",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        for part in ["runtime-title", "indicators-title", "target:"] { #expect(!page.contains(part), "\(part)") }
        // One that goes on yet has no result.
        for file in ["result.json", "architecture.json"] {
            try FileManager.default.removeItem(atPath: task.directory.file("trained/\(file)"))
        }
        let begun = try report("trained")
        #expect(begun.contains("test-accuracy-title") && card(named: "accuracy", of: begun) == nil)

        let metrics = task.directory.file("trained/metrics.jsonl")
        let text = try String(contentsOfFile: metrics, encoding: .utf8)
        try AtomicFile.write(text.replacing("\"epoch\": 2", with: "\"epoch\": 0"), to: metrics)
        let refused = try task.program(["export", "--run", "trained", "--format", "html", "--output", "x.html"])
        #expect(
            refused.status == 65 && refused.error.hasPrefix("onepath: trained/metrics.jsonl: line ")
                && refused.error.contains("/epoch: expected an integer from 1"), "\(refused.error)")
    }

    @Test("of an architecture alone need a device for a latency; of a sweep there is none")
    func others() throws {
        try AtomicFile.write(#"{"schema": "onepath.sweep-run/1"}"#, to: task.directory.file("sweep.json"))
        try FileManager.default.createDirectory(atPath: task.directory.file("swept"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: task.directory.file("sweep.json"), toPath: task.directory.file("swept/config.json"))
        let sweep = try task.program(["export", "--run", "swept", "--format", "html", "--output", "x.html"])
        #expect(sweep.status == 65 && sweep.error.contains("found that of a sweep"), "\(sweep.error)")
        let alone = try task.program([
            "export", "--architecture", "network.json", "--format", "html", "--output", "alone.html",
        ])
        #expect(alone.status == 0, "\(alone.error)")
        let page = try String(contentsOfFile: task.directory.file("alone.html"), encoding: .utf8)
        #expect(card(named: "latency", of: page) == nil && card(named: "size", of: page) != nil)
    }
}
