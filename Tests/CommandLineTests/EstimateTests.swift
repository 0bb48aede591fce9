import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath estimate and show")
struct EstimateTests {
    private let arguments = ["estimate", "--architecture", "single-path-nas", "--device", "pixel1"]

    /// The lines of a table that came out well and fits a terminal.
    private func table(_ arguments: [String], in directory: String? = nil) throws -> [[Substring]] {
        let outcome = try Program.run(arguments, in: directory)
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(outcome.output)")
        return lines.map { $0.split(separator: " ") }
    }

    private func json(_ arguments: [String]) throws -> JSON {
        let outcome = try Program.run(arguments + ["--json"])
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        return try outcome.json()
    }

    private func number(_ json: JSON?) throws -> Double {
        guard case .number(let number)? = json else { throw FileError.missing(path: "standard output", what: "number") }
        return number
    }

    // MARK: One architecture

    @Test("tells the published result on its phone, as a table of at most 80 columns and as JSON")
    func published() throws {
        let rows = try table(arguments)
        for total in [
            ["latency", "80.4411", "ms"], ["MACs", "333,467,072"], ["parameters", "4,421,616"],
            ["layer", "choice", "ms", "±", "share", "source", "bound", "peak"],
        ] as [[Substring]] {
            #expect(rows.contains(total), "\(total)")
        }
        #expect(rows.contains { $0.prefix(4) == ["stage1.4", "skip", "0.000", "measured"] })
        #expect(rows.contains { $0.first == "energy" && $0.last == "mJ" })
        #expect(rows.contains { $0.prefix(2) == ["peak", "memory"] && $0.last == "MiB" })
        // In the order of the network, with a bar for the share of the time.
        let stages = rows.compactMap(\.first).filter { $0.hasPrefix("stage") }
        #expect(stages.count == 20 && stages == stages.sorted())
        #expect(rows.contains { $0.prefix(4) == ["fixed", "part", "5", "layers"] && $0[5].hasPrefix("████") })

        let document = try json(arguments)
        #expect(document["parameters"] == 4_421_616 && document["macs"] == 333_467_072)
        #expect(try abs(number(document["latency_ms"]) - 80.4411) < 1e-9)
        #expect(try number(document["energy_mj"]) > 0)
        for key in ["peak_memory_bytes", "arena_bytes", "weight_bytes", "model"] { #expect(document[key] != nil) }
        guard case .array(let layers)? = document["layers"] else {
            Issue.record("no layers")
            return
        }
        #expect(layers.count == 21 && layers.allSatisfy { $0["source"] == "measured" })
        for key in [
            "name", "choice", "latency_ms", "source", "bound", "utilisation", "energy_mj", "l1_bytes", "l2_bytes",
            "l3_bytes", "memory_bytes", "macs", "parameters",
        ] {
            #expect(layers.allSatisfy { $0[key] != nil }, "\(key)")
        }
    }

    @Test("finds a plain profile by its name with its runtime, and no other runtime's")
    func namesWithRuntimes() throws {
        for (name, found) in [("pixel6-xnnpack", "pixel6"), ("pixel1-tflite", "pixel1"), ("pixel1-xnnpack", "pixel1-xnnpack")] {
            let rows = try table(["estimate", "--architecture", "mobilenet-v2", "--device", name])
            #expect(rows.first == ["mobilenet-v2", "on", Substring(found)])
        }
        // Of very many names, those like it are listed.
        for (name, listed) in [("pixel6-tflite", true), ("galaxy-s9", false)] {
            let refused = try Program.run(["estimate", "--architecture", "mobilenet-v2", "--device", name])
            #expect(refused.status == 66 && refused.error.contains("onepath show devices lists all"), "\(refused.error)")
            #expect(refused.error.contains("pixel6-tflite-2018") == listed && refused.error.utf8.count < 500)
        }
    }

    @Test("fits its table of any reference network into 80 columns, on a device that is not measured too", arguments: [
        "mobilenet-v1", "mobilenet-v2", "mobilenet-v3-large", "mobilenet-v3-small", "mnasnet-a1", "proxylessnas-mobile",
        "efficientnet-b0", "single-path-nas",
    ])
    func width(architecture: String) throws {
        let rows = try table(["estimate", "--architecture", architecture, "--device", "raspberrypi3b+"])
        #expect(rows.first == [Substring(architecture), "on", "raspberrypi3b+"])
        let stand = try table(["estimate", "--architecture", architecture, "--device", "pixel2-tflite-2018"])
        #expect(stand.joined(separator: []).joined(separator: " ").contains("parameters of pixel1 stand in"))
        if architecture.hasPrefix("mobilenet-v3") {
            let classifier = try #require(rows.first { $0.first == "classifier" })
            #expect(classifier[1] == "pool," && classifier[2].hasPrefix("fc"), "\(classifier)")
        }
    }

    @Test("works from any directory")
    func elsewhere() throws {
        let directory = try TemporaryDirectory()
        #expect(try Program.run(arguments, in: directory.path).output == Program.run(arguments).output)
    }

    @Test("computes on as many threads as it is told, big being all cores of the cluster")
    func threads() throws {
        let network = ["estimate", "--architecture", "mobilenet-v2", "--device", "pixel3a"]
        func milliseconds(_ more: [String]) throws -> Double { try number(json(network + more)["latency_ms"]) }
        let one = try milliseconds([]), two = try milliseconds(["--threads", "2"])
        #expect(try milliseconds(["--threads", "1"]) == one)
        #expect(two < 0.6 * one && two > 0.4 * one)
        #expect(try milliseconds(["--threads", "big"]) == two)
        // The Pixel 1's table was measured on one.
        #expect(try json(arguments + ["--threads", "2"])["layers"]?.sources == ["modelled", "extrapolated"])
        #expect(try json(arguments + ["--threads", "1"])["layers"]?.sources == ["measured"])
        // So its error does not hold with two.
        let fitted: JSON = ["the model was fitted to what was measured with 1 thread: its error there does not hold with 2 threads"]
        #expect(try json(arguments + ["--threads", "2"])["assumptions"] == fitted)
        #expect(try json(arguments + ["--threads", "1"])["assumptions"] == [])
    }

    // MARK: Several

    @Test("puts architectures side by side, or devices")
    func comparison() throws {
        for (arguments, names) in [
            (
                ["estimate", "--device", "pixel4", "--compare", "mobilenet-v1", "proxylessnas-mobile"],
                ["mobilenet-v1", "proxylessnas-mobile"]
            ),
            (
                ["estimate", "--architecture", "efficientnet-b0", "--compare", "pixel1", "raspberrypi3b+"],
                ["pixel1", "raspberrypi3b+"]
            ),
        ] {
            let rows = try table(arguments)
            // Below the rows stands how each latency is known.
            #expect(rows.dropFirst(2).prefix(names.count).map { String($0[0]) } == names && rows.count > names.count + 2)
            let document = try json(arguments)
            guard case .object(let members) = document else {
                Issue.record("no object")
                return
            }
            #expect(members.map(\.key) == names)
            for (row, member) in zip(rows.dropFirst(2), members) {
                let milliseconds = try number(member.value["latency_ms"])
                #expect(try abs(#require(Double(row[1])) - milliseconds) <= 0.00501)
            }
            // Each is what it is on its own.
            let device = arguments[1] == "--device" ? arguments[2] : names[1]
            let architecture = arguments[1] == "--device" ? names[1] : arguments[2]
            let one = ["estimate", "--architecture", architecture, "--device", device]
            #expect(try members[1].value == json(one))
            let wide = try json(one + ["--confidence", "0.99"])
            #expect(try json(arguments + ["--confidence", "0.99"])[names[1]] == wide && wide != members[1].value)
        }
    }

    @Test("sweeps over a space, the same way for the same seed")
    func sweep() throws {
        let arguments = ["estimate", "--sweep", "50", "--space", "single-path-mobile", "--device", "pixel1"]
        let rows = try table(arguments)
        #expect(rows.contains { $0.starts(with: ["least", "median", "greatest", "smallest", "largest"] as [Substring]) })
        #expect(rows.contains { $0.starts(with: ["latency", "ms"] as [Substring]) })
        let document = try json(arguments)
        for key in ["latency_ms", "energy_mj", "peak_memory_mib", "macs_millions", "parameters_millions"] {
            let minimum = try number(document[key]?["minimum"]), median = try number(document[key]?["median"])
            let maximum = try number(document[key]?["maximum"])
            #expect(minimum < median && median < maximum, "\(key)")
            // Random architectures do not reach the ends.
            #expect(try number(document[key]?["smallest"]) < minimum && maximum < number(document[key]?["largest"]), "\(key)")
        }
        #expect(try json(arguments + ["--seed", "0"]) == document)
        #expect(try json(arguments + ["--seed", "1"]) != document)
        #expect(document["complete"] == true && document["profile_errors"] == [])
        guard case .string(let model)? = document["model"] else { throw FileError.missing(path: "model", what: "model") }
        #expect(model.hasPrefix("calibrated on 80 blocks"), "\(model)")
        #expect(try Program.run(arguments + ["--confidence", "0.5"]).status == 64)
        // A profile that cannot be right.
        let directory = try TemporaryDirectory()
        let profile = try TextFile.read(ShippedFiles.device("pixel1"), what: "profile")
        let fast = profile.replacing(/"latency_ms": [0-9.]+/, with: "\"latency_ms\": 0.001")
            .replacing("hardware/pixel1.json", with: ShippedFiles.device("hardware/pixel1"))
        #expect(fast != profile)
        try AtomicFile.write(fast, to: directory.file("fast.json"))
        let wrong = try Program.run(
            ["estimate", "--sweep", "2", "--space", "single-path-mobile", "--device", directory.file("fast.json"), "--strict", "--json"])
        #expect(wrong.status == 65)
        let told = try wrong.json()
        guard case .array(let errors)? = told["profile_errors"] else { throw FileError.missing(path: "errors", what: "errors") }
        #expect(told["complete"] == false && errors.count == 4, "\(errors)")
    }

    @Test("says of every latency how much of it was measured, and what to expect of a model that stands in")
    func measuredLayers() throws {
        func text(_ arguments: [String]) throws -> String {
            try table(arguments).map { $0.joined(separator: " ") }.joined(separator: " ")
        }
        let expected = "Not measured on this device: modelled, parameters of pixel1 stand in (on devices it was not fitted "
            + "to, the model was off by 15 % on average and 45 % at worst, over 20 networks)."
        let network = ["estimate", "--architecture", "single-path-nas"]
        #expect(try text(arguments).contains("layers measured 25 of 25"))
        #expect(try text(network + ["--device", "pixel6-tflite-2018"]).contains(expected))
        let compared = try text(network + ["--compare", "pixel1", "pixel6-tflite-2018"])
        #expect(compared.contains("25 of 25") && compared.contains("0 of 25"))
        #expect(compared.contains("pixel6-tflite-2018: n" + expected.dropFirst()), "\(compared)")
        let sweep = ["estimate", "--sweep", "20", "--space", "single-path-mobile", "--device"]
        #expect(try text(sweep + ["pixel1"]).contains("layers measured 25 25 25 25 25 layers modelled 0 0 0 0 0 layers extrapolated 0 0 0 0 0"))
        let stand = try text(sweep + ["pixel6-tflite-2018"])
        #expect(stand.contains("layers measured 0 0 0 0 0 layers modelled 23 23 23 23 23 layers extrapolated 2 2 2 2 2"), "\(stand)")
        #expect(stand.contains(expected), "\(stand)")

        let document = try json(arguments)
        #expect(document["measured_layers"] == 25 && document["modelled_layers"] == 0 && document["complete"] == true)
        let modelled = try json(network + ["--device", "pixel6-tflite-2018"])
        #expect(modelled["measured_layers"] == 0 && modelled["modelled_layers"] == 23)
        // Nothing like the stem and the classifier was measured on the device that lends the parameters.
        #expect(modelled["extrapolated_layers"] == 2)
    }

    /// The name of a file in the directory of a published network, but with ten classes; it was measured with a thousand.
    private func tenClasses(in directory: TemporaryDirectory, named name: String = "ten") throws -> String {
        var architecture = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        architecture.classes = 10
        try ArchitectureDocument(architecture, provenance: nil).write(to: directory.file("\(name).json"))
        return "\(name).json"
    }

    @Test("says in a sentence that layers were measured with more classes than the network has")
    func fewerClasses() throws {
        let directory = try TemporaryDirectory()
        let path = try "./" + tenClasses(in: directory)
        let sentence = "he fixed part was measured with 1000 classes: with fewer, as here, it takes at most that"
        func text(_ arguments: [String]) throws -> String {
            try table(arguments, in: directory.path).map { $0.joined(separator: " ") }.joined(separator: " ")
        }
        let own = ["estimate", "--architecture", path, "--device", "pixel1"]
        #expect(try text(own).contains(" T\(sentence)."))
        #expect(try table(own, in: directory.path).contains { $0.prefix(4) == ["fixed", "part", "5", "layers"] })
        let document = try Program.run(own + ["--json"], in: directory.path).json()
        #expect(document["assumptions"] == [.string("t\(sentence)")])
        let compared = try text(["estimate", "--device", "pixel1", "--compare", path, "single-path-nas"])
        #expect(compared.contains("\(path): t\(sentence).") && !compared.contains("single-path-nas: t\(sentence)"))
        // In the report's picture and on its page.
        let page = directory.file("report.html")
        let exported = try Program.run(
            ["export", "--architecture", path, "--device", "pixel1", "--format", "html", "--output", page],
            in: directory.path)
        #expect(exported.status == 0, "\(exported.error)")
        let report = try String(contentsOfFile: page, encoding: .utf8)
        #expect(report.contains(">fixed part<") && report.contains("T\(sentence)."))
        // As many layers as the estimate counts, one of which is skipped.
        #expect(try text(own).contains("layers measured 25 of 25") && report.contains("All 25 layers measured"))
    }

    @Test("cuts a long name in the middle, only as far as the table would be wider than a terminal")
    func longNames() throws {
        let directory = try TemporaryDirectory()
        let path = try "./" + tenClasses(in: directory, named: String(repeating: "long-", count: 12) + "end")
        let compared = try table(["estimate", "--device", "pixel1", "--compare", path, "single-path-nas"], in: directory.path)
        // The numbers and their titles take 10, 8, 5, 5, 6 and 8 columns, and the six gaps 12: 26 are left.
        let names = compared.compactMap(\.first).map(String.init)
        #expect(names.contains("\(path.prefix(13))…\(path.suffix(12))") && names.contains("single-path-nas"), "\(names)")
        #expect(names.contains(String(repeating: "-", count: 80)))
    }

    @Test("says of a network that was measured as a whole what it took, with as many threads, and whence that is known")
    func measuredNetwork() throws {
        func text(_ arguments: [String]) throws -> String {
            try table(arguments).map { $0.joined(separator: " ") }.joined(separator: " ")
        }
        let device = ["--device", "pixel1-xnnpack"], network = ["estimate", "--architecture", "mobilenet-v2"]
        let whole = try text(network + device)
        #expect(whole.contains("measured as a whole 49.0000 ms") && whole.contains("The whole network was measured on this device"))
        #expect(!whole.lowercased().contains("not measured"))
        let found = try json(network + device)["measured_network"]
        #expect(found?["latency_ms"] == 49.0)
        guard case .string(let source) = found?["source"] else {
            Issue.record("no source: \(String(describing: found))")
            return
        }
        #expect(source.hasPrefix("XNNPACK project"))
        // Also one of the networks that others measured with ncnn, by its name.
        let board = ["estimate", "--architecture", "mobilenet_v2", "--device", "khadas-vim3-ncnn", "--device-threads", "4"]
        #expect(try json(board)["measured_network"]?["latency_ms"] == 39.36 && json(board)["measured_network"]?["odd"] == false)
        #expect(try text(board).contains("measured as a whole 39.3600 ms"))
        #expect(try json(network + device + ["--device-threads", "2"])["measured_network"]?["latency_ms"] == 26.0)
        // Nobody measured four threads, nor another network.
        #expect(try json(network + ["--device", "pixel6"])["measured_network"] == .null)
        let other = ["estimate", "--architecture", "mnasnet-a1"] + device
        #expect(try json(other)["measured_network"] == .null && text(other).contains("Not measured on this device"))
        let compared = try text(["estimate", "--compare", "mobilenet-v2", "mnasnet-a1"] + device)
        #expect(compared.contains("mobilenet-v2 was measured as a whole: 49.00 ms."))
        #expect(compared.contains("pixel1-xnnpack: the layers are modelled, calibrated on 8 networks"))
    }

    @Test("takes ONNX models and folders of runs where it takes architectures, in comparisons too")
    func otherNetworks() throws {
        let directory = try TemporaryDirectory()
        let model = directory.file("net.onnx")
        let exported = try Program.run(
            ["export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "onnx", "--output", model])
        #expect(exported.status == 0, "\(exported.error)")
        let run = directory.file("run")
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: ShippedFiles.reference("mobilenet-v3-small"), toPath: run + "/architecture.json")
        try (["schema": "onepath.run/1", "data": "fashion-mnist"] as JSON).write(to: run + "/config.json")
        try ([:] as JSON).write(to: run + "/result.json")
        let document = try json(
            ["estimate", "--device", "pixel4", "--compare", "mobilenet-v3-small", run, run + "/", model])
        let plain = try number(document["mobilenet-v3-small"]?["latency_ms"])
        #expect(try number(document[run]?["latency_ms"]) == plain && number(document[run + "/"]?["latency_ms"]) == plain)
        #expect(try abs(number(document[model]?["latency_ms"]) / plain - 1) < 0.05)
        #expect(try number(json(["estimate", "--architecture", run, "--device", "pixel4"])["latency_ms"]) == plain)
        let empty = try Program.run(
            ["estimate", "--architecture", directory.path, "--device", "pixel1"])
        #expect(empty.status == 66 && empty.error.contains("no run (its config.json) at \(directory.path)/config.json"))
    }

    @Test("says what its answer lacks, and exits with 65 where it must not lack anything")
    func gaps() throws {
        let directory = try TemporaryDirectory()
        let model = directory.file("net.onnx")
        let exported = try Program.run(
            ["export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "onnx", "--output", model])
        #expect(exported.status == 0, "\(exported.error)")
        let whole = try json(["estimate", "--onnx", model, "--device", "pixel4", "--strict"])
        #expect(whole["complete"] == true && whole["unknown_operators"] == [] && whole["profile_errors"] == [])
        #expect(whole["assumptions"] == ["the model leaves the batch free: one image is priced"])
        let two = try json(["estimate", "--onnx", model, "--device", "pixel4", "--batch", "2"])
        guard case .integer(let one)? = whole["macs"], case .integer(let both)? = two["macs"] else {
            Issue.record("no multiply-accumulates")
            return
        }
        #expect(both == 2 * one && two["assumptions"] == [])
        /// The model with the kind of some nodes changed.
        func changed(_ kind: String, _ other: String) throws -> String {
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
            while let range = bytes.firstRange(of: Array(kind.utf8)) { bytes.replaceSubrange(range, with: Array(other.utf8)) }
            return try directory.write(bytes, to: "\(other).onnx")
        }
        // The file gives the shape of the output, which the classifier writes.
        let last = ["estimate", "--onnx", try changed("Gemm", "Gemn"), "--device", "pixel4"]
        let answer = try json(last)
        guard case .array(let unknown)? = answer["unknown_operators"] else {
            Issue.record("no unknown operators")
            return
        }
        #expect(answer["complete"] == false && unknown.map { $0["operator"] } == ["Gemn"])
        let plain = try Program.run(last)
        #expect(plain.status == 0 && plain.output.contains("The operator Gemn is not known (1x: "), "\(plain.output)")
        let strict = try Program.run(last + ["--strict"])
        #expect(strict.status == 65 && strict.output == plain.output)
        let inner = try Program.run(
            ["estimate", "--onnx", try changed("HardSwish", "HardSwist"), "--device", "pixel4"])
        #expect(inner.status == 65 && inner.error.contains("(HardSwist): this operator is not known"), "\(inner.error)")
    }

    @Test("reads ncnn's description of a network, with the sides of its image from outside where the file has none")
    func ncnnSides() throws {
        let directory = try TemporaryDirectory()
        let text = "7767517\n2 2\nInput in0 0 1 in0\nConvolution c 1 1 in0 out0 0=4 1=1 6=12\n"
        let model = try directory.write(Array(text.utf8), to: "net.param")
        let arguments = ["estimate", "--architecture", model, "--device", "pixel4"], sides = ["--input", "1x3x20x10"]
        #expect(try json(arguments + sides)["macs"] == 2400)
        let compared = try json(["estimate", "--compare", model, "mobilenet-v3-small", "--device", "pixel4"] + sides)
        #expect(try number(compared[model]?["latency_ms"]) > 0)
        let free = try Program.run(arguments)
        #expect(free.status == 65 && free.error.contains("--input 1x3x224x224 settles them"), "\(free.error)")
        #expect(try json(arguments + ["--input", "in0=3x20x10"])["macs"] == 2400)
        for (inputs, status, sentence) in [
            (["--input", "in0=3x20x10", "--input", "in1=512"], 65, "has no input in1"),
            (sides + sides, 64, "--input: expected one without a name, found two"),
            (["--input", "in0=3", "--input", "in0=3"], 64, "--input: expected in0 once, found it twice"),
            (["--input", "in0=3xtwo"], 64, "such as 1x3x224x224, found in0=3xtwo"),
            (["--input", "in0="], 64, "expected sides from 1 to 65536"),
        ] as [([String], Int32, String)] {
            let refused = try Program.run(arguments + inputs)
            #expect(refused.status == status && refused.error.contains(sentence), "\(refused.error)")
        }
        let binary = try directory.write([0xdd, 0x85, 0x76, 0, 2, 0, 0, 0], to: "net.param.bin")
        let other = try Program.run(["estimate", "--architecture", binary, "--device", "pixel4"])
        #expect(other.status == 65 && other.error.contains("found the binary form of ncnn's description"), "\(other.error)")
        let builtIn = try Program.run(["estimate", "--architecture", "mobilenet-v2", "--device", "pixel4"] + sides)
        #expect(builtIn.status == 64 && builtIn.error.contains("expected --onnx, or a .param file"), "\(builtIn.error)")
    }

    @Test("takes as many of the device's threads as each device has, and says where that is fewer")
    func deviceThreads() throws {
        let network = ["estimate", "--architecture", "mobilenet-v2"]
        let names = ["pixel3a", "raspberrypi4"]
        let compared = try json(network + ["--device-threads", "4", "--compare"] + names)
        for (name, threads) in zip(names, ["2", "4"]) {
            let alone = try json(network + ["--device", name, "--device-threads", threads])
            for key in ["latency_ms", "latency_low_ms", "latency_high_ms", "layers"] { #expect(compared[name]?[key] == alone[key]) }
            // The older name still does.
            #expect(try json(network + ["--device", name, "--threads", threads]) == alone)
        }
        let text = try table(network + ["--device-threads", "4", "--compare"] + names)
            .map { $0.joined(separator: " ") }.joined(separator: " ")
        #expect(text.contains("pixel3a: 2 threads of the 4 that were asked for"), "\(text)")
        #expect(!text.contains("raspberrypi4: 4 threads"))
        #expect(compared["pixel3a"]?["assumptions"]
            == ["pixel3a: 2 threads of the 4 that were asked for, as many as the cores that the profile is for"])
        #expect(compared["raspberrypi4"]?["assumptions"] == [])
        let help = try Program.run(["estimate", "--help"]).output
        #expect(help.contains("--device-threads <N>") && !help.contains(" --threads"))
    }

    // MARK: Lists

    @Test("lists name everything that comes with the product", arguments: ["devices", "spaces", "architectures"])
    func show(subject: String) throws {
        let known = ["devices": "pixel1", "spaces": "single-path-mobile", "architectures": "single-path-nas"]
        let rows = try table(["show", subject])
        #expect(rows.contains { $0.first.map(String.init) == known[subject] })
        guard case .array(let documents) = try json(["show", subject]) else {
            Issue.record("not an array")
            return
        }
        #expect(documents.contains { $0["name"] == .string(known[subject]!) })
        // Below the list of devices stands what its columns mean.
        let notes = subject == "devices" ? rows.count - 2 - documents.count : 0
        #expect(documents.count == rows.count - 2 - notes && notes < 8)
    }

    @Test("the list of devices tells what was measured on each")
    func measured() throws {
        guard case .array(let devices) = try json(["show", "devices"]) else {
            Issue.record("not an array")
            return
        }
        let text = try Program.run(["show", "devices"]).output.replacing("\n", with: " ")
        #expect(text.contains("xnnpack: the kernels inside TensorFlow Lite, PyTorch Mobile and ONNX Runtime, which apps have today"))
        #expect(devices.allSatisfy { $0["in_apps"] == ($0["runtime"] == "tflite" ? "before" : "today") })
        for (name, measured, blocks, networks) in [
            ("pixel1", "blocks", 80, 0), ("pixel1-xnnpack", "networks", 0, 8), ("pixel6-tflite-2018", "-", 0, 0),
        ] {
            let device = try #require(devices.first { $0["name"] == .string(name) })
            #expect(device["measured"] == .string(measured))
            #expect(device["measured_blocks"] == .integer(blocks) && device["measured_networks"] == .integer(networks))
            #expect(device["threads"] == 1)
        }
    }
}

extension JSON {
    /// The sources of the layers in a list, each once.
    fileprivate var sources: Set<String> {
        guard case .array(let layers) = self else { return [] }
        return Set(layers.compactMap { if case .string(let source)? = $0["source"] { source } else { nil } })
    }
}
