import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("onepath show")
struct ShowTests {
    private func shown(_ arguments: [String]) throws -> String {
        let outcome = try Program.run(["show"] + arguments)
        #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
        for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        return outcome.output
    }

    private func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    private func expect(_ text: String, contains parts: [String]) {
        for part in parts { #expect(words(text).contains(part), "\(part) in \(text)") }
    }

    @Test("device: its chip, clusters, caches, memory, runtime and what was measured")
    func device() throws {
        expect(try shown(["device", "pixel1"]), contains: [
            "device pixel1", "chip Qualcomm Snapdragon 821 (MSM8996 Pro), 14 nm", "cluster big 2 × Kryo @ 2.15 GHz",
            "L1 32 KiB, L2 1,024 KiB shared by the cluster", "memory LPDDR4, 29.8 GB/s, 8.50 GB/s by one core",
            "runtime tflite, float32", "threads 1 on cluster big", "measured single-path-mobile, blocks: 80, groups of layers: 1",
            "Model: calibrated on 80 blocks: mean error 1.8 %, worst 5.5 %.",
        ])
        expect(try shown(["device", ShippedFiles.device("pixel6-tflite-2018")]), contains: [
            "shared caches L3 4,096 KiB, system cache 8,192 KiB", "measured nothing", "parameters of pixel1 stand in",
        ])
        for path in try Program.run(["show", "devices", "--json"]).json().names { _ = try shown(["device", path]) }
    }

    @Test("cores: what the columns mean, with their units, below the table")
    func cores() throws {
        let text = try shown(["cores"])
        #expect(text.hasPrefix("name "))
        expect(text, contains: [
            "cortex-a76 4 out 8.00 16.0 32.0 64 512", "fma: multiply-adds of single values in a cycle", "caches in KiB",
        ])
        #expect(!(try Program.run(["show", "cores", "--json"]).output.contains("multiply-adds")))
    }

    @Test("core: each number with all that is known of where it comes from")
    func core() throws {
        let text = try shown(["core", "cortex-a76"])
        expect(text, contains: [
            "core Cortex-A76 Arm, armv8.2-a", "float32 a cycle 8.00 cpufp measurements (github.com/pigirons/cpufp) and their like: peak of "
                + "one core over its clock", "vector units 2 inferred: units that make the multiply-adds below, 128 bits each (two of 64 "
                + "bits count as one)",
        ])
        #expect(try shown(["core", "Kryo 485 Gold"]) == text && shown(["core", "Cortex-A76"]) == text)
        for name in try Program.run(["show", "cores", "--json"]).json().names {
            #expect(try !shown(["core", name]).contains("…"), "\(name)")
        }
    }

    @Test("space: its axes, how many choices and networks it has, and its extremes")
    func space() throws {
        let text = try shown(["space", "single-path-mobile"])
        let space = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
        expect(text, contains: [
            "input 224x224x3", "stem 3x3, stride 2, 32 channels", "classes 1,000", "searchable 20 layers", "networks about 10^13.5",
            "stage1 4 24 2 3x3, 5x5; skip; e3, e6 4, then 5", "first 1 16 1 fixed 3x3 e1 1",
            "smallest 117,233,600", "largest 525,305,600",
        ])
        // 4 choices in the first layer of the five stages that change the shape, 5 in the others.
        #expect(space.searchableLayers.map(\.choices.count).reduce(1.0) { $0 * Double($1) } > 3e13)
    }

    @Test("architecture: layer by layer, by name, by path and of a run")
    func architecture() throws {
        let text = try shown(["architecture", "mobilenet-v3-large"])
        expect(text, contains: [
            "architecture mobilenet-v3-large", "space none: given by hand", "stem convolution 3x3/2 112x112x16 hard_swish 5,419,008 464",
            "total 216,589,760 5,483,032",
        ])
        #expect(try shown(["architecture", ShippedFiles.reference("mobilenet-v3-large")]) == text)
        for name in try Program.run(["show", "architectures", "--json"]).json().names { _ = try shown(["architecture", name]) }
    }

    @Test("with --json prints what the file holds")
    func json() throws {
        for (subject, name, path) in [
            ("device", "pixel1", ShippedFiles.device("pixel1")), ("space", "fashion-mnist", ShippedFiles.space("fashion-mnist")),
            ("architecture", "mobilenet-v2", ShippedFiles.reference("mobilenet-v2")),
        ] {
            let outcome = try Program.run(["show", subject, name, "--json"])
            #expect(outcome.status == 0)
            #expect(try outcome.json() == JSON(contentsOf: path, what: subject))
        }
    }

    @Test("wants a name where one is shown, and none where all are listed")
    func usage() throws {
        for arguments in [
            ["device"], ["space"], ["architecture"], ["run"], ["devices", "pixel1"], ["phones"], ["spaces", "--filter", "cifar"],
            ["architectures", "--filter", "x"], ["device", "pixel1", "--filter", "x"],
        ] {
            #expect(try Program.run(["show"] + arguments).status == 64, "\(arguments)")
        }
        #expect(try Program.run(["show", "device", "/none.json"]).status == 66)
        #expect(try Program.run(["show", "space", ShippedFiles.device("pixel1")]).status == 65)
    }
}

extension JSON {
    /// The names in a list that is shown.
    fileprivate var names: [String] {
        guard case .array(let rows) = self else { return [] }
        return rows.compactMap { if case .string(let name)? = $0["name"] { name } else { nil } }
    }
}
