import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath device")
struct DeviceTests {
    private func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> String {
        let outcome = try Program.run(arguments, in: directory.path)
        #expect(outcome.status == 0, "\(outcome.error)")
        return outcome.output
    }

    private func latency(_ device: String, in directory: TemporaryDirectory) throws -> (low: Double, ms: Double, high: Double) {
        let outcome = try Program.run(
            ["estimate", "--architecture", "mobilenet-v2", "--device", device, "--json"], in: directory.path)
        let json = try outcome.json()
        func number(_ key: String) -> Double { if case .number(let value)? = json[key] { value } else { .nan } }
        return (number("latency_low_ms"), number("latency_ms"), number("latency_high_ms"))
    }

    @Test("a profile from facts answers, and measurements draw it towards them and make it surer")
    func adapting() throws {
        let directory = try TemporaryDirectory()
        let made = try run([
            "device", "new", "--cores", "4xcortex-a76@2.2,4xcortex-a55@1.8", "--memory", "lpddr4x-4266x32", "--runtime", "ncnn",
            "--output", "mine.json",
        ], in: directory)
        let known = try #require(made.split(whereSeparator: \.isWhitespace).joined(separator: " ").firstMatch(
            of: #/learned from its facts and (\d+) devices/#)).1
        let facts = try latency("mine.json", in: directory)
        #expect(facts.low < facts.ms && facts.ms < facts.high && facts.ms > 3 && facts.ms < 100)
        let plan = try run(["device", "plan", "--device", "mine.json", "--count", "2", "--output", "plan"], in: directory)
        #expect(plan.contains("expected ms"))
        #expect(FileManager.default.fileExists(atPath: directory.file("plan/measurements.csv")))
        let all = try run(["device", "plan", "--device", "mine.json", "--count", "100"], in: directory)
        #expect(all.contains("There are no more candidates that were not measured."))
        // What a plan expects is what an estimate tells, to the digits that the profile keeps.
        let listed = try JSON(parsing: run(["device", "plan", "--device", "mine.json", "--count", "100", "--json"], in: directory), path: "plan")
        guard case .array(let items) = listed, let item = items.first(where: { $0["network"] == "mobilenet-v2" }),
            case .number(let expected)? = item["expected_ms"]
        else { throw CancellationError() }
        #expect(abs(expected / facts.ms - 1) < 1e-4)
        // It takes twice what was thought.
        try AtomicFile.write("network,threads,latency_ms\nmobilenet_v2,1,\(2 * facts.ms)\n", to: directory.file("m.csv"))
        let better = try run(
            ["device", "adapt", "--device", "mine.json", "--measured", "m.csv", "--output", "better.json"], in: directory)
        // No table is there, so that nothing is replaced where this is not refused.
        let named = try Program.run(["device", "adapt", "--device", "pixel6", "--measured", "none.csv"], in: directory.path)
        #expect(named.status == 64 && named.error.contains("--output: expected a file for the profile, because pixel6, a name, "))
        // The device itself is none of them.
        #expect(
            better.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                "learned from its facts, 1 measured network and \(known) other devices"), "\(better)")
        let adapted = try latency("better.json", in: directory)
        #expect(adapted.ms > 1.5 * facts.ms && adapted.ms < 2.3 * facts.ms)
        #expect(adapted.high / adapted.low < facts.high / facts.low)

        // What is twice as slow in float is slower in int8 too; nobody has to say it twice.
        func int8(_ other: String) throws -> Double {
            _ = try run(
                ["device", "new", "--same-device", other, "--runtime", "ncnn", "--data-type", "int8", "--output", "int8.json"],
                in: directory)
            return try latency("int8.json", in: directory).ms
        }
        let plain = try int8("mine.json"), slower = try int8("better.json")
        #expect(slower > 1.3 * plain && slower < 2.5 * plain, "\(plain) \(slower)")
        let other = try Program.run(
            ["device", "adapt", "--device", "int8.json", "--measured", "m.csv", "--same-device", "pixel6"], in: directory.path)
        #expect(other.status == 64 && other.error.contains("expected a profile of the hardware mine, found one of pixel6"))
    }

    @Test("the names of measured files stand whole in the table, without their folders")
    func fileNames() throws {
        let directory = try TemporaryDirectory()
        let name = "single-path-mobile-random-11.json"
        try FileManager.default.copyItem(
            atPath: ShippedFiles.reference("single-path-nas"), toPath: directory.file(name))
        let ms = try latency("pixel6", in: directory).ms
        try AtomicFile.write("network,threads,latency_ms\n./\(name),1,\(ms)\n", to: directory.file("m.csv"))
        let table = try run(
            ["device", "adapt", "--device", "pixel6", "--measured", "m.csv", "--output", "x.json"], in: directory)
        let lines = table.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("\(name)  ") } && lines.allSatisfy { $0.count <= 80 }, "\(table)")
    }

    @Test("what was guessed is said by the command, in the profile, and with each latency; a device may be called as its core")
    func guesses() throws {
        let directory = try TemporaryDirectory()
        let made = try Program.run([
            "device", "new", "--cores", "4xbroadwell@3.5", "--memory", "ddr3-1600x128", "--l3", "8192", "--runtime", "ncnn",
            "--output", "haswell.json",
        ], in: directory.path)
        let sentence = "the core broadwell is not known: the nearest, haswell, stands in"
        #expect(made.status == 0 && made.error.contains(sentence) && made.output.contains("is inferred from its name"), "\(made)")
        func words(_ arguments: [String]) throws -> String {
            try run(arguments, in: directory).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let said = "The core broadwell is not known: the nearest, haswell, stands in."
        #expect(try words(["show", "device", "haswell.json"]).contains(said))
        let estimate = ["estimate", "--device", "haswell.json", "--architecture", "mobilenet-v2"]
        #expect(try words(estimate).contains(said))
        let json = try Program.run(estimate + ["--json"], in: directory.path).json()
        #expect(json["assumptions"] == .array([.string(sentence)]))
        let sweep = ["estimate", "--device", "haswell.json", "--space", "fashion-mnist", "--sweep", "2"]
        #expect(try words(sweep).contains(said))
        #expect(try Program.run(sweep + ["--json"], in: directory.path).json()["assumptions"] == json["assumptions"])
        // A Core i7 of the same family took 14.04 ms in a MacBook Pro; without the third level of cache, 28 were expected.
        #expect(try latency("haswell.json", in: directory).ms < 22)
    }

    @Test("wrong facts are refused as wrong usage")
    func refused() throws {
        let directory = try TemporaryDirectory()
        for wrong in [
            ["--cores", "many", "--memory", "ddr4-2400x64"], ["--cores", "4xcortex-a53@1.4", "--memory", "much"],
            ["--memory", "ddr4-2400x64"], ["--cores", "4xcortex-a53@1.4"], ["--same-device", "pixel6", "--memory", "ddr4-2400x64"],
            ["--same-device", "pixel6", "--cores", "4xcortex-a53@1.4"], ["--same-device", "pixel6", "--l3", "4096"],
            ["--cores", "4xhaswell@3.5", "--memory", "ddr3-1600x128", "--l3", "0"],
            // Less than the 256 KiB of the second level; and nobody can tell which core of a Snapdragon 855 this is.
            ["--cores", "4xhaswell@3.5", "--memory", "ddr3-1600x128", "--l3", "128"],
            ["--cores", "4xkryo 485@2.8", "--memory", "lpddr4x-4266x64"],
        ] {
            let outcome = try Program.run(["device", "new"] + wrong + ["--output", "x.json"], in: directory.path)
            #expect(outcome.status == 64 && !outcome.error.isEmpty, "\(wrong)")
        }
        #expect(try Program.run(["device", "plan", "--device", "pixel1"], in: directory.path).status == 64)
    }

    @Test("what cannot be a measurement is refused with its line, and what is left out is said")
    func measurements() throws {
        let directory = try TemporaryDirectory()
        func adapt(_ rows: String) throws -> Program.Outcome {
            try AtomicFile.write("network,threads,latency_ms\n" + rows, to: directory.file("m.csv"))
            return try Program.run(
                ["device", "adapt", "--device", "pixel6", "--measured", "m.csv", "--output", "x.json"], in: directory.path)
        }
        let ms = try latency("pixel6", in: directory).ms
        for (rows, message) in [
            // Seconds, and microseconds.
            ("mobilenet-v2,1,\(ms / 1000)\n", "m.csv: line 2: expected about"), ("mobilenet-v2,1,\(ms * 1000)\n", "look at the unit"),
            ("mobilenet-v2,1,\(ms)\nmobilenet-v2,1,\(2 * ms)\n", "m.csv: line 3: expected about what line 2 has"),
            ("mobilenetv2,1,\(ms)\n", "m.csv: line 2: no architecture (did you mean mobilenet-v2"),
            ("mobilenet-v2,99,\(ms)\n", "m.csv: line 2: expected at most"), ("mobilenet-v2,1,\n", "at least one row with latency_ms"),
        ] {
            let outcome = try adapt(rows)
            #expect(outcome.status == 65 && outcome.error.contains(message), "\(rows): \(outcome.error)")
        }
        let taken = try adapt("mobilenet-v2,1,\(ms)\nmobilenet-v2,1,\(ms)\nmobilenet-v1,1,\n")
        let words = taken.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(taken.status == 0 && words.contains("adapted to 1 measurement"), "\(taken.error)")
        #expect(words.contains("line 3 repeats line 2, and counts once") && words.contains("left out, without latency_ms: 1 row"))
        #expect(words.contains("before ms measured ms now ms"))
        // Operators of an int8 profile are of int8, and where a table came from stays.
        _ = try run(["device", "new", "--same-device", "pixel6", "--data-type", "int8", "--output", "int8.json"], in: directory)
        try AtomicFile.write(
            "subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,latency_ms\n"
                + "convolution,14,14,64,96,1,1,relu,0.1\n", to: directory.file("m.csv"))
        _ = try run(["device", "adapt", "--device", "int8.json", "--measured", "m.csv"], in: directory)
        guard case .array(let tables)? = try JSON(contentsOf: directory.file("int8.json"), what: "profile")["tables"] else {
            throw FileError.missing(path: "int8.json", what: "tables")
        }
        #expect(tables.map { $0["data_type"] } == ["int8"])
        _ = try run(
            ["profile", "--import", "m.csv", "--format", "csv", "--like", "pixel6", "--output", "imported.json"], in: directory)
        let made = try JSON(contentsOf: directory.file("imported.json"), what: "profile")["provenance"]
        _ = try run(["device", "adapt", "--device", "imported.json", "--measured", "m.csv"], in: directory)
        let adapted = try JSON(contentsOf: directory.file("imported.json"), what: "profile"), left = adapted["provenance"]
        #expect(left != nil && left == made)
        // The same sheet once more changes nothing.
        _ = try run(["device", "adapt", "--device", "imported.json", "--measured", "m.csv"], in: directory)
        #expect(try JSON(contentsOf: directory.file("imported.json"), what: "profile")["tables"] == adapted["tables"])
        try AtomicFile.write(
            "subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,threads,latency_ms\n"
                + "convolution,14,14,64,96,1,1,relu,4,0.1\n", to: directory.file("m.csv"))
        let four = try Program.run(
            ["device", "adapt", "--device", "imported.json", "--measured", "m.csv"], in: directory.path)
        #expect(four.status == 65 && four.error.contains("m.csv: line 2: expected a block or an operator with 1 thread"), "\(four.error)")
        // A little core is slow, and says so in a column of its own; the profile tells of its big ones.
        func bound(_ rows: String, to output: String = "y.json") throws -> Program.Outcome {
            try AtomicFile.write("network,threads,cores,latency_ms\n" + rows, to: directory.file("m.csv"))
            return try Program.run(
                ["device", "adapt", "--device", "pixel6", "--measured", "m.csv", "--output", output], in: directory.path)
        }
        let little = try bound("mobilenet-v2,1,little,\(6 * ms)\nmobilenet-v2,1,,\(ms)\n")
        #expect(little.status == 0 && little.output.contains("adapted to 2 measurements"), "\(little.error)")
        #expect(little.output.split(separator: "\n").count { $0.contains("other cores") } == 1, "\(little.output)")
        let kept = try JSON(contentsOf: directory.file("y.json"), what: "profile")["networks"]
        guard case .array(let networks)? = kept else { throw FileError.missing(path: "y.json", what: "networks") }
        #expect(networks.compactMap { $0["cores"] } == ["little"])
        #expect(try latency("y.json", in: directory).ms < 2 * ms)
        for (rows, message) in [
            ("mobilenet-v2,1,prime,\(ms)\n", "m.csv: line 2: expected all, big or little in cores, found prime"),
            ("mobilenet-v2,5,little,\(ms)\n", "m.csv: line 2: expected at most 4 threads, the little cores of pixel6, found 5"),
        ] {
            let outcome = try bound(rows)
            #expect(outcome.status == 65 && outcome.error.contains(message), "\(rows): \(outcome.error)")
        }
        try AtomicFile.write("model,threads,latency_ms\nmobilenet-v2,1,9\n", to: directory.file("m.csv"))
        let column = try Program.run(
            ["device", "adapt", "--device", "pixel6", "--measured", "m.csv", "--output", "x.json"], in: directory.path)
        #expect(column.status == 65 && column.error.contains("expected a column network"), "\(column.error)")
    }

    @Test("a table that is a tenth too low is found out by whole networks, and corrected only when that is asked")
    func checking() throws {
        let directory = try TemporaryDirectory()
        let check = ["device", "check", "--device", "pixel1"]
        _ = try run(check + ["--budget", "3", "--output", "check"], in: directory)
        let sheet = directory.file("check/measurements.csv")
        var lines = try TextFile.read(sheet, what: "sheet").split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        // A table prices the architecture itself, so that what it says is known without the check.
        let base = ["estimate", "--device", "pixel1", "--json", "--architecture"]
        for index in 1..<lines.count {
            let network = String(lines[index].split(separator: ",")[0])
            guard case .number(let ms)? = try Program.run(base + [network], in: directory.path).json()["latency_ms"] else {
                Issue.record("no latency of \(network)")
                return
            }
            lines[index] += "\(1.1 * ms)"
        }
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: sheet)
        // More networks are named beside those that were run.
        _ = try run(check + ["--budget", "5", "--output", "check"], in: directory)
        let more = try TextFile.read(sheet, what: "sheet").split(separator: "\n").map(String.init)
        #expect(more.count == 6 && Array(more.prefix(4)) == lines)

        let found = try Program.run(check + ["--measured", "check/measurements.csv", "--json"], in: directory.path).json()
        func number(_ key: String) -> Double { if case .number(let value)? = found[key] { value } else { .nan } }
        #expect(abs(number("factor") - 1.1) < 1e-9 && number("low") > 1.02 && number("high") < 1.19 && found["count"] == 3)
        #expect(found["of_table"] == true && found["trend"] == .null)
        // Runs of one network are one network, and blocks tell nothing of whole ones.
        let name = lines[1].split(separator: ",")[0], ms = try #require(Double(lines[1].split(separator: ",")[2]))
        let runs = (0..<4).map { "\(name),1,\(ms * (1 + 0.01 * Double($0)))" } + ["\(name),1,\(ms)"]
        try AtomicFile.write((["network,threads,latency_ms"] + runs).joined(separator: "\n") + "\n", to: directory.file("runs.csv"))
        let repeated = try Program.run(check + ["--measured", "runs.csv", "--json"], in: directory.path).json()
        guard case .array(let networks)? = repeated["networks"], case .array(let notes)? = repeated["notes"] else {
            Issue.record("no lists: \(repeated)")
            return
        }
        #expect(repeated["count"] == 1 && networks.map { $0["runs"] } == [4] && notes == ["line 6 repeats line 2, and counts once"])
        let sheetOfParts = "network,subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,latency_ms\n"
            + "\(name),,,,,,,,,\(ms)\n,add,14,14,96,96,1,1,none,0.05\n"
        try AtomicFile.write(sheetOfParts, to: directory.file("parts.csv"))
        let parts = try Program.run(check + ["--measured", "parts.csv", "--json"], in: directory.path).json()
        #expect(parts["notes"] == ["left out: 1 row of blocks or operators, as only whole networks tell of a table"])

        let told = try run(check + ["--measured", "check/measurements.csv"], in: directory)
        let words = told.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("It says too little.") && words.contains("Nothing was changed."), "\(told)")
        #expect(told.split(separator: "\n").allSatisfy { $0.count <= 80 })

        // What a person wrote into the sheet stays, and the next networks are added in its columns.
        let own = "note;network;Latency [ms];threads\r\nhot;\(lines[1].split(separator: ",")[0]);1,5;1\r\nto do;mobilenet-v2;;2\r\n"
        let filled = try TextFile.read(sheet, what: "sheet")
        try AtomicFile.write(own, to: sheet)
        _ = try run(check + ["--budget", "5", "--output", "check"], in: directory)
        let kept = try TextFile.read(sheet, what: "sheet")
        #expect(kept.hasPrefix(own))
        let added = kept.dropFirst(own.count).split(separator: "\n")
        #expect(added.count == 4 && added.allSatisfy { $0.hasPrefix(";") && $0.hasSuffix(".json;;1") }, "\(kept)")
        try AtomicFile.write(filled, to: sheet)

        _ = try run(check + ["--measured", "check/measurements.csv", "--apply", "right.json"], in: directory)
        let network = String(lines[1].split(separator: ",")[0])
        let corrected = try Program.run(
            ["estimate", "--device", "right.json", "--json", "--architecture", network], in: directory.path
        ).json()
        guard case .number(let ms)? = corrected["latency_ms"], let expected = Double(lines[1].split(separator: ",")[2]) else {
            Issue.record("no latency: \(corrected)")
            return
        }
        #expect(abs(ms / expected - 1) < 1e-6)
        // In another folder it has the same hardware.
        try Folder.make(at: directory.file("far"))
        _ = try run(["device", "check", "--device", "right.json", "--measured", "check/measurements.csv", "--apply", "far/r.json"], in: directory)
        try Folder.make(at: directory.file("own"))
        let profile = try JSON(contentsOf: directory.file("right.json"), what: "profile")
        guard case .object(let members) = profile else { return }
        let hardware = try BinaryFile.read(ShippedFiles.root + "/devices/hardware/pixel1.json", what: "hardware")
        let mine = JSON.object(members.map { $0.key == "hardware" ? .init(key: "hardware", value: "hw.json") : $0 })
        try mine.write(to: directory.file("own/p.json"))
        try AtomicFile.write(hardware, to: directory.file("own/hw.json"))
        try AtomicFile.write(Array("{}".utf8), to: directory.file("far/hw.json"))
        _ = try run(["device", "check", "--device", "own/p.json", "--measured", "check/measurements.csv", "--apply", "far/q.json"], in: directory)
        let moved = try JSON(contentsOf: directory.file("far/q.json"), what: "profile")
        #expect(moved["hardware"] == .string(AbsolutePath.of(directory.file("own/hw.json"))) && moved["name"] == "q")
        let none = try Program.run(
            ["device", "check", "--device", "pixel6", "--measured", "check/measurements.csv", "--apply", "x.json"], in: directory.path)
        #expect(none.status == 64 && none.error.contains("expected a profile with a table"), "\(none.error)")
    }
}
