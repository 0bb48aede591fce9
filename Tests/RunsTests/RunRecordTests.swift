import Architectures
import Files
import Foundation
import Runs
import SupernetSearch
import Testing
import TestSupport

@Suite("Run record")
struct RunRecordTests {
    private static let provenance = Provenance(command: "onepath search", seed: 0, inputs: [])

    private static let config = config(fineTune: "fine_tune_fraction")

    /// - Parameter fineTune: the name of the field that holds the part of the run that fine-tunes.
    private static func config(fineTune: String) -> JSON {
        [
            "schema": "onepath.run/1", "space": "s", "space_source": "s", "device": "d", "device_source": "./d.json",
            "data": "i", "train_examples": 130,
            "configuration": [
                "lambda": 0.1, "epochs": 4, "batch": 64, "warm_up_fraction": 0.625, fineTune: 0.125, "mirror": true,
            ], "provenance": provenance.json,
        ]
    }

    private static func line(_ step: Int, _ runtime: Double = 2.5) -> JSON {
        [
            "step": .integer(step), "epoch": 1, "loss": 0.25, "cross_entropy": 2.5, "runtime_ms": .number(runtime),
            "learning_rate": 0.004, "images_per_second": 900.0,
            "indicators": ["a.1": ["kernel_5": 1, "expansion_6": 0], "a.2": ["expansion_3": 1]],
        ]
    }

    /// A directory with a run of so many lines of metrics.
    private func directory(_ config: JSON = config, metrics: String) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try config.write(to: directory.file("config.json"))
        _ = try directory.write(Array(metrics.utf8), to: "metrics.jsonl")
        return directory
    }

    private func text(_ lines: [JSON]) -> String { lines.map { $0.text(pretty: false) + "\n" }.joined() }

    @Test("reads what a run wrote, also one of before version 0.2", arguments: ["fine_tune_fraction", "settling_fraction"])
    func reading(fineTune: String) throws {
        let directory = try directory(Self.config(fineTune: fineTune), metrics: text([Self.line(3), Self.line(8, 1.5)]))
        let record = try RunRecord(contentsOf: directory.path)
        #expect(record.space == "s" && record.device == "d" && record.images.data == "i" && record.images.count == 130)
        let names = ["lambda", "epochs", "batch", "warm_up_fraction", fineTune, "mirror"]
        #expect(record.settings.map(\.name) == names && record.settings[0].value == 0.1)
        #expect(record.provenance == Self.provenance && record.result == nil)
        #expect(record.steps.map(\.step) == [3, 8] && record.steps.map(\.runtimeMs) == [2.5, 1.5])
        #expect(record.steps[0].indicators.map(\.layer) == ["a.1", "a.1", "a.2"])
        #expect(record.steps[0].indicators.map(\.part) == ["kernel_5", "expansion_6", "expansion_3"])
        #expect(record.steps[0].indicators.map(\.isOn) == [true, false, true])
        // Two steps an epoch, of which 5/8 warm up and 1/8 fine-tunes.
        #expect(record.plannedSteps == 8)
        #expect(record.phases.map(\.phase) == [.warmUp, .search, .fineTune])
        #expect(record.phases.map(\.start) == [0, 5, 7])
    }

    @Test("of a run that has logged nothing yet has no steps")
    func empty() throws {
        let directory = try directory(metrics: "")
        #expect(try RunRecord(contentsOf: directory.path).steps.isEmpty)
    }

    @Test("refuses damaged metrics at their line and place")
    func damagedMetrics() throws {
        for damage in Self.line(8).damages() {
            // A loss may be negative, and an indicator 0.
            if damage.what == "negated", ["/loss", "/indicators/a.1/expansion_6"].contains(damage.pointer) { continue }
            if damage.what == "zero", damage.pointer.hasPrefix("/indicators/") { continue }
            // These have no JSON text.
            if ["not a number", "infinite"].contains(damage.what) { continue }
            let directory = try directory(metrics: text([Self.line(3), damage.document, Self.line(9)]))
            let found = invalidPlace { try RunRecord(contentsOf: directory.path) }
            let place = damage.pointer.hasPrefix("/indicators/") ? "/indicators" : damage.pointer
            #expect(
                found?.place.hasPrefix("line 2" + (place.isEmpty ? "" : ", \(place)")) == true
                    && found?.sentence.hasPrefix(directory.file("metrics.jsonl")) == true,
                "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "none")")
        }
    }

    @Test("refuses metrics that are no lines of JSON at the line", arguments: [
        ("{\"step\": }\n", "line 2, column 10"), ("\n", "line 2"), ("{\"step\": 8", "line 2"), ("[]\n", "line 2"),
    ])
    func damagedText(line: String, place: String) throws {
        let directory = try directory(metrics: text([Self.line(3)]) + line)
        let found = invalidPlace { try RunRecord(contentsOf: directory.path) }
        #expect(found?.place.hasPrefix(place) == true, "\(found?.sentence ?? "none")")
    }

    @Test("refuses steps that do not ascend, and indicators that change their names")
    func order() throws {
        var other = Self.line(8)
        if case .object(var members) = other {
            members[7].value = ["a.1": ["kernel_5": 1, "expansion_6": 0]]
            other = .object(members)
        }
        for (line, place) in [(Self.line(3), "line 2, /step"), (other, "line 2, /indicators")] {
            let directory = try directory(metrics: text([Self.line(3), line]))
            #expect(invalidPlace { try RunRecord(contentsOf: directory.path) }?.place == place)
        }
    }

    @Test("refuses a damaged configuration and a damaged result at the damage")
    func damagedConfiguration() throws {
        for damage in Self.config.damages(skipping: ["/provenance", "/configuration"]) {
            let directory = try directory(damage.document, metrics: "")
            let found = invalidPlace { try RunRecord(contentsOf: directory.path) }
            // A larger number of images, and one below a batch, are refused as well.
            let places = [damage.pointer] + (damage.pointer == "/train_examples" ? ["/configuration/batch"] : [])
            #expect(places.contains(found?.place ?? "none"), "\(damage.what) at \(damage.pointer)")
        }
        let directory = try directory(metrics: "")
        let result: JSON = [
            "schema": "onepath.result/1", "test_images": 10, "correct": 9, "correct_among_five": 10,
            "cross_entropy": 0.5, "provenance": Self.provenance.json,
        ]
        try result.write(to: directory.file("result.json"))
        #expect(try RunRecord(contentsOf: directory.path).result?.accuracy == 0.9)
        for damage in result.damages(skipping: ["/provenance"]) {
            // Any number of images of at least those classified is one, and so is none classified.
            if damage.what == "huge", damage.pointer == "/test_images" { continue }
            if damage.what == "zero", damage.pointer == "/correct" { continue }
            // These have no JSON text.
            if ["not a number", "infinite"].contains(damage.what) { continue }
            try damage.document.write(to: directory.file("result.json"))
            let found = invalidPlace { try RunRecord(contentsOf: directory.path) }
            #expect(found?.place.hasPrefix(damage.pointer) == true, "\(damage.what) at \(damage.pointer)")
        }
    }

    @Test("of a directory without a run says so")
    func missing() throws {
        let directory = try TemporaryDirectory()
        #expect {
            _ = try RunRecord(contentsOf: directory.path)
        } throws: { error in
            guard case .missing(directory.file("config.json"), _) = error as? FileError else { return false }
            return true
        }
    }
}
