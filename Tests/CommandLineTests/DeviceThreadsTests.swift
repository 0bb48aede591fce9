import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Searches for a number of the device's threads", .serialized)
struct DeviceThreadsTests {
    private let task: SmallTask

    init() throws { task = try SmallTask() }

    private func number(_ node: JSON?) -> Double {
        switch node {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: .nan
        }
    }

    @Test("are priced with it, keep it, and say that what was measured with another does not hold")
    func search() throws {
        let outcome = try task.program(task.search("run", epochs: 1) + ["--device-threads", "big"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let words = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains(
            "The model was fitted to what was measured with 1 thread: its error there does not hold with 2 threads."), "\(words)")
        #expect(words.contains("Latency not measured on this device: modelled, calibrated on 80 blocks"), "\(words)")
        let config = try JSON(contentsOf: task.directory.file("run/config.json"), what: "configuration")
        #expect(config["device_threads"] == 2)
        // The trainer's threads are its own.
        #expect(config["configuration"]?["threads"] == 2)

        let device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")).running(threads: 2)
        let found = try Architecture(contentsOf: task.directory.file("run/architecture.json"))
        let expected = CostModel(device: device).estimate(found.network).latencyMs
        let again = try task.program(["search", "--resume", "--output", "run", "--json"])
        #expect(again.status == 0, "\(again.error)")
        let json = try again.json()
        #expect(json["device_threads"] == 2 && abs(number(json["estimate"]?["latency_ms"]) - expected) <= 1e-9 * expected)
        let one = try task.program(["estimate", "--architecture", "run", "--device", "pixel1", "--json"]).json()
        #expect(number(one["latency_ms"]) > expected)

        let shown = try task.program(["show", "run", "run"])
        #expect(shown.output.contains("device threads"), "\(shown.output)")
        let page = try task.program(["export", "--run", "run", "--format", "html", "--output", "run.html"])
        #expect(page.status == 0, "\(page.error)")
        let html = try TextFile.read(task.directory.file("run.html"), what: "report")
        #expect(html.contains("device threads"))

        for (threads, status) in [("2", Int32(0)), ("big", 0), ("1", 64)] {
            let resumed = try task.program(["search", "--resume", "--output", "run", "--device-threads", threads])
            #expect(resumed.status == status, "\(resumed.error)")
            if status != 0 { #expect(resumed.error.contains("--device-threads: the run in run has 2, found 1")) }
        }
    }

    @Test("stay those of each of several devices in a run that is resumed")
    func severalDevices() throws {
        // One big core, and two.
        for devices in [["pixel4", "pixel6"], ["pixel6", "pixel4"]] {
            let name = devices.joined()
            let search = task.search(name, epochs: 1)
            let place = try #require(search.firstIndex(of: "--device"))
            let given = search[..<place] + search[(place + 2)...] + devices.flatMap { ["--device", $0] }
            let first = try task.program(given + ["--target-latency", "1000", "--device-threads", "big", "--json"])
            #expect(first.status == 0, "\(first.error)")
            let again = try task.program(["search", "--resume", "--output", name, "--json"])
            #expect(again.status == 0, "\(again.error)")
            let others = try first.json()["other_devices"]
            #expect(try others != nil && again.json()["other_devices"] == others)
            #expect(try task.program(["search", "--resume", "--output", name, "--device-threads", "big"]).status == 0)
            let one = try task.program(["search", "--resume", "--output", name, "--device-threads", "1"])
            #expect(one.status == 64 && one.error.contains("--device-threads: the run in \(name) has 2, found 1"), "\(one.error)")
        }
    }

    @Test("as many as the profile says are the default, of runs without the field too")
    func asTheProfileSays() throws {
        let outcome = try task.program(task.search("run", epochs: 1) + ["--device-threads", "1"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let config = try JSON(contentsOf: task.directory.file("run/config.json"), what: "configuration")
        #expect(config["device_threads"] == nil)
        let resumed = try task.program(["search", "--resume", "--output", "run", "--device-threads", "2"])
        #expect(resumed.status == 64 && resumed.error.contains("--device-threads: the run in run has 1, found 2"))
        let shown = try task.program(task.search("dry", epochs: 1) + ["--device-threads", "2", "--dry-run"])
        #expect(shown.status == 0 && shown.output.contains("device threads"), "\(shown.error)")
        for threads in ["0", "3", "all"] {
            for command in ["search", "sweep"] {
                let refused = try task.program([
                    command, "--space", "./space.json", "--device", "pixel1", "--data", "images", "--output", "x",
                    "--device-threads", threads,
                ])
                #expect(
                    refused.status == 64 && refused.error.contains("--device-threads: expected big or a number from 1 to"),
                    "\(refused.error)")
            }
        }
    }

    @Test("a search and a sweep say in the end how the latencies are known, and what to do next, but not to programs")
    func ends() throws {
        func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        let search = try task.program(task.search("run", epochs: 1))
        let basis = "Latency not measured on this device: modelled, calibrated on 80 blocks, off by 1.8 % on average, "
            + "5.5 % at worst."
        #expect(words(search.output).contains(basis), "\(search.output)")
        #expect(
            search.output.hasSuffix(
                "\nNext: onepath train --architecture run --inherit run --data images --output run-trained\n"))
        let json = try task.program(["search", "--resume", "--output", "run", "--json"])
        guard case .string(let told)? = try json.json()["latency_basis"] else {
            Issue.record("no basis: \(json.output)")
            return
        }
        #expect(told.hasPrefix(basis + " ") && told.hasSuffix("nothing like them was measured, and errors can be larger."))
        #expect(try json.json()["estimate"]?["measured_layers"] == 0)
        #expect(!json.output.contains("Next:"))

        let sweep = try task.program([
            "sweep", "--space", "./space.json", "--device", "pixel6-tflite-2018", "--data", "images", "--batch", "16",
            "--epochs", "4", "--threads", "2", "--candidates", "1", "--random", "0", "--points", "1", "--output", "sweep",
        ])
        #expect(sweep.status == 0, "\(sweep.error)")
        #expect(words(sweep.output).contains("Latency not measured on this device: modelled, with parameters of pixel1"))
        #expect(sweep.output.contains("\nNext: onepath export --run sweep/latency-"), "\(sweep.output)")
        let document = try JSON(contentsOf: task.directory.file("sweep/sweep.json"), what: "sweep")
        guard case .string(let known)? = document["latency_basis"] else {
            Issue.record("no basis in \(document)")
            return
        }
        #expect(words(sweep.output).contains(known))
        let train = try task.program(task.train("trained", epochs: 1))
        #expect(
            train.output.hasSuffix("Next: onepath export --run trained --format onnx --output trained.onnx\n"), "\(train.output)")
    }
}
