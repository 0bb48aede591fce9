import Architectures
import Files
import Foundation
import FoundationXML
import Testing
import TestSupport

@Suite("Sweeps", .serialized)
struct SweepTests {
    private let task: SmallTask

    init() throws { task = try SmallTask() }

    private func sweep(_ name: String, _ more: [String]) -> [String] {
        [
            "sweep", "--space", "space.json", "--device", ShippedFiles.device("pixel1"), "--data", "images",
            "--batch", "16", "--epochs", "4", "--threads", "2", "--candidates", "5", "--random", "3", "--output", name,
        ] + more
    }

    /// The points of a sweep, from its file.
    private func points(of name: String) throws -> [JSON] {
        let document = try JSONNode(contentsOf: task.directory.file("\(name)/sweep.json"), what: "sweep").value
        #expect(document["schema"] == "onepath.sweep/1")
        guard case .array(let points)? = document["points"] else { return [] }
        return points
    }

    private func number(_ point: JSON, _ key: String) throws -> Double {
        switch point[key] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: try #require(nil, "\(key) is no number")
        }
    }

    @Test("from one warm-up, a network for every latency, beside random and uniform ones")
    func latencies() throws {
        let outcome = try task.program(sweep("two", ["--points", "2"]))
        #expect(outcome.status == 0, "\(outcome.error)")
        let points = try points(of: "two")
        #expect(points.map { $0["kind"] } == ["found", "found", "largest", "uniform", "uniform", "uniform", "random", "random", "random"])
        for point in points.prefix(2) {
            guard case .string(let name)? = point["name"], let limit = Double(name.dropFirst("latency-".count)) else {
                Issue.record("\(point) has no name")
                continue
            }
            let latency = try number(point, "latency_ms")
            #expect(latency <= limit && latency >= 0.99 * limit, "\(latency) of \(limit)")
            let found = try Architecture(contentsOf: task.directory.file("two/\(name)/architecture.json"))
            #expect(found.network.macs == Int(try number(point, "macs")))
            // The searches share the warm-up: its lines of metrics are the same.
            let own = try String(contentsOfFile: task.directory.file("two/\(name)/metrics.jsonl"), encoding: .utf8)
            let shared = try String(contentsOfFile: task.directory.file("two/warm-up/metrics.jsonl"), encoding: .utf8)
            #expect(!shared.isEmpty && own.hasPrefix(shared) && own.count > shared.count)
        }
        for point in points {
            let accuracy = try number(point, "inherited_accuracy")
            let low = try number(point, "inherited_accuracy_low"), high = try number(point, "inherited_accuracy_high")
            #expect(0 <= low && low <= accuracy && accuracy <= high && high <= 1 && low < high)
            #expect(try number(point, "correct") / number(point, "test_images") == accuracy && point["test_images"] == 40)
        }
        let reference = try Architecture(contentsOf: task.directory.file("network.json"))
        #expect(reference.network.macs == Int(try number(points[2], "macs")))
        for part in ["95 % interval", "so that all networks had the same training", "not measured on this device: modelled"] {
            #expect(outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(part), "\(part)")
        }
        #expect(!outcome.output.contains("searched"))
        let table = try String(contentsOfFile: task.directory.file("two/sweep.csv"), encoding: .utf8)
        #expect(table.split(separator: "\n").count == 1 + points.count)
        let picture = try Data(contentsOf: URL(fileURLWithPath: task.directory.file("two/sweep.svg")))
        #expect(XMLParser(data: picture).parse())
        let words = String(decoding: picture, as: UTF8.self)
        // Every point has a title, and a found one its latency beside it, where there is room for it.
        var labels = 0
        for point in points.prefix(2) {
            guard case .string(let name)? = point["name"], let limit = Double(name.dropFirst("latency-".count)) else { continue }
            #expect(words.contains("<title>\(name): "))
            if words.contains(">\(limit) ms</text>") { labels += 1 }
        }
        #expect(labels > 0)
        #expect(words.contains("not measured on this device: modelled"))
        for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }

        // The warm-up is of use for the sweep alone.
        let searched = try task.program(["search", "--resume", "--output", "two/warm-up/"])
        #expect(searched.status == 65)
        #expect(
            searched.error.hasPrefix("onepath: two/warm-up: expected a search, found the warm-up of a sweep, which `onepath sweep"),
            "\(searched.error)")
        let evaluated = try task.program(["evaluate", "--run", "two/warm-up"])
        #expect(evaluated.status == 65)
        #expect(evaluated.error.contains("found the warm-up of a sweep, whose networks are in the folders beside it"))

        let other = try task.program(task.search("two"))
        #expect(other.status == 73 && other.error.contains("it holds another run (config.json)"), "\(other.error)")
        let shown = try task.program(["show", "run", "two"])
        #expect(shown.status == 65 && shown.error.contains("found that of a sweep"), "\(shown.error)")
        let second = try task.program(sweep("two", ["--points", "2"]))
        #expect(second.status == 73 && second.error.contains("--resume"), "\(second.error)")
    }

    @Test("interrupted and gone on with, a sweep ends as one that was left alone; λ will do as well as latencies")
    func resumed() throws {
        let lambdas = ["--lambdas", "0.01,1"]
        #expect(try task.program(sweep("alone", lambdas)).status == 0)
        for moment in [20, 60] {
            let outcome = try task.program(
                moment > 20 ? ["sweep", "--resume", "--output", "run"] : sweep("run", lambdas), signal: SIGINT,
                interruptWhen: {
                    task.newestStep(of: "run/warm-up") + task.newestStep(of: "run/lambda-0.01") >= moment
                })
            #expect(outcome.status == 130 || outcome.status == 0, "\(outcome.error)")
        }
        for (more, says) in [
            (["--lambdas", "0.01,2"], "--lambdas: the run in run has 0.01,1.0, found 0.01,2.0"),
            (["--points", "3"], "--points: the run in run has none, found 3"),
            (["--random", "4"], "--random: the run in run has 3, found 4"),
        ] {
            let refused = try task.program(["sweep", "--resume", "--output", "run"] + more)
            #expect(refused.status == 64 && refused.error.contains(says), "\(refused.error)")
        }
        let none = try task.program(["sweep", "--resume", "--output", "none"])
        #expect(none.status == 66 && none.error.contains("no sweep to resume"), "\(none.error)")
        let last = try task.program(sweep("run", lambdas + ["--resume"]))
        #expect(last.status == 0, "\(last.error)")
        #expect(try points(of: "run") == points(of: "alone"))

        // Each folder is that of its own search.
        for (from, to) in [("lambda-0.01", "t"), ("lambda-1.0", "lambda-0.01"), ("t", "lambda-1.0")] {
            try FileManager.default.moveItem(atPath: task.directory.file("run/\(from)"), toPath: task.directory.file("run/\(to)"))
        }
        let swapped = try task.program(["sweep", "--resume", "--output", "run"])
        #expect(swapped.status == 65)
        #expect(
            swapped.error.contains("run/lambda-0.01/config.json: /configuration/lambda: expected 0.01 as in the search lambda-0.01 "
                + "of the sweep, found 1.0\n"), "\(swapped.error)")
    }

    @Test("a warm-up that was gone on with as a search is refused, because its weights are not those of the others")
    func warmUpOfAnotherLength() throws {
        // With the λ of the warm-up, a search has its settings.
        let run = try task.program(sweep("run", ["--lambdas", "0.1"]))
        try #require(run.status == 0, "\(run.error)")
        let before = try points(of: "run")
        let warmUp = task.directory.file("run/warm-up")
        try FileManager.default.moveItem(atPath: warmUp, toPath: task.directory.file("kept"))
        try FileManager.default.copyItem(atPath: task.directory.file("run/lambda-0.1"), toPath: warmUp)
        let refused = try task.program(["sweep", "--resume", "--output", "run"])
        #expect(refused.status == 65)
        // Of 18 steps an epoch, five sevenths of four epochs, and all.
        #expect(
            refused.error.contains("run/warm-up: expected the warm-up of a sweep, which ends with step 51, found a run that went "
                + "on to step 72; remove it, and the sweep does its warm-up again\n"), "\(refused.error)")
        try FileManager.default.removeItem(atPath: warmUp)
        let again = try task.program(["sweep", "--resume", "--output", "run"])
        #expect(again.status == 0, "\(again.error)")
        #expect(try points(of: "run") == before)
    }

    @Test("of a space whose networks all cost the same, one point is left, which the network keeps")
    func oneNetwork() throws {
        let space = try String(contentsOfFile: task.directory.file("space.json"), encoding: .utf8)
        let single = space.replacing("[3, 5]", with: "[5]").replacing("[3, 6]", with: "[3]")
            .replacing("\"skip\": true", with: "\"skip\": false")
        #expect(single != space)
        try AtomicFile.write(single, to: task.directory.file("space.json"))
        let outcome = try task.program(sweep("one", ["--points", "3"]))
        #expect(outcome.status == 0, "\(outcome.error)")
        let found = try points(of: "one").filter { $0["kind"] == "found" }
        try #require(found.count == 1)
        guard case .string(let name)? = found[0]["name"], let limit = Double(name.dropFirst("latency-".count)) else {
            Issue.record("\(found[0]) has no name")
            return
        }
        let latency = try number(found[0], "latency_ms")
        #expect(latency <= limit && limit - latency <= 0.001)
        #expect(outcome.error.contains("of 3 points, 1 is left: the others have the same latency"), "\(outcome.error)")

        // The command that began it says what the run has.
        let again = try task.program(sweep("one", ["--points", "3", "--resume"]))
        #expect(again.status == 0, "\(again.error)")
    }

    @Test("targets that cannot be are refused before anything is trained")
    func refused() throws {
        let outcome = try task.program(sweep("none", ["--target-latencies", "0.001"]))
        #expect(outcome.status == 64 && outcome.error.contains("--target-latencies: expected at least"), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: task.directory.file("none")))
        let both = try task.program(sweep("none", ["--target-latencies", "1", "--lambdas", "1"]))
        #expect(both.status == 64)
        for (list, says) in [
            ("1,,2", "expected numbers separated by commas"), (",", "expected numbers separated by commas"),
            ("1.5,1.5", "expected numbers that differ"),
        ] {
            let outcome = try task.program(sweep("none", ["--target-latencies", list]))
            #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
        }
    }

    @Test("a dry run tells what would run, its memory and its time, and writes nothing")
    func dryRun() throws {
        let outcome = try task.program(sweep("dry", ["--lambdas", "0.01,1", "--dry-run"]))
        #expect(outcome.status == 0, "\(outcome.error)")
        for part in ["lambdas", "0.01, 1.0", "random", "MiB", "about", "Nothing was written."] {
            #expect(outcome.output.contains(part), "\(outcome.output)")
        }
        // One warm-up, two of all else, and what is compared at the end.
        let json = try task.program(sweep("dry", ["--lambdas", "0.01,1", "--dry-run", "--json"])).json()
        guard case .array(let phases)? = json["phases"] else {
            Issue.record("no phases in \(json)")
            return
        }
        let counts: [(name: String, count: Int, unit: String)] = [
            ("warm-up", 51, "steps"), ("search", 2 * 11, "steps"), ("candidates", 2 * 5, "networks"),
            ("fine-tune", 2 * 10, "steps"), ("evaluation", 2 * 40, "images"),
            ("inherited accuracy", 2 + 4 + 3, "networks"),
        ]
        #expect(phases.map { $0["name"] } == counts.map { .string($0.name) })
        #expect(phases.map { $0["count"] } == counts.map { .integer($0.count) })
        #expect(phases.map { $0["unit"] } == counts.map { .string($0.unit) })
        #expect(try task.directory.names() == ["images", "network.json", "space.json"])
    }
}
