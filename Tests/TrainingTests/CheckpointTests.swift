import Files
import Testing
import TestSupport
import Training

@Suite("Checkpoint")
struct CheckpointTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A file of a checkpoint after some steps.
    private func file() throws -> (path: String, bytes: [UInt8]) {
        let training = try SmallRuns.training()
        try training.run(upTo: 3)
        let path = directory.file("c")
        try training.checkpoint().write(to: path)
        return (path, try BinaryFile.read(path, what: "checkpoint"))
    }

    @Test("is two lines of JSON and the values, as documented")
    func format() throws {
        let (path, bytes) = try file()
        let newline = UInt8(ascii: "\n")
        let firstEnd = try #require(bytes.firstIndex(of: newline))
        let rest = bytes[(firstEnd + 1)...]
        let secondEnd = try #require(rest.firstIndex(of: newline))
        let first = try JSON(parsing: Array(bytes[..<firstEnd]), path: path)
        #expect(first["schema"] == "onepath.checkpoint/1" && first["bytes"] == .integer(rest.count))
        #expect(first["sha256"] == .string(FileDigest.sha256(of: [rest])))
        let second = try JSON(parsing: Array(rest[..<secondEnd]), path: path)
        #expect(second["kind"] == "training" && second["step"] == 3)
        #expect(second["settings"]?["configuration"]?["batch"] == 16)
        guard case .array(let tensors)? = second["tensors"], case .integer(let count)? = tensors[0]["count"] else {
            Issue.record("no tensors")
            return
        }
        // The first tensor is the stem's, whose values are those of the network.
        #expect(tensors[0]["name"] == "stem.convolution" && count == 36)
        let again = try SmallRuns.training()
        try again.restore(Checkpoint(contentsOf: path))
        let values = rest[(secondEnd + 1)...].prefix(4 * count)
        let stem = try again.network.weights["stem.convolution"]
        #expect(stem.flatMap { withUnsafeBytes(of: $0, Array.init) } == Array(values))
    }

    @Test("of another version is refused with what to do; one with another setting, with that setting")
    func otherSettings() throws {
        func problem(_ settings: JSON) throws -> String {
            let checkpoint = Checkpoint(kind: "training", step: 1, settings: settings, state: StateWriter())
            return try #require(
                #expect(throws: FileError.self) {
                    try checkpoint.check(kind: "training", settings: ["batch": 16, "epochs": 4])
                }
            ).description
        }
        #expect(try problem(["batch": 8, "epochs": 4]).hasSuffix("/settings/batch: expected 16 as in this run, found 8"))
        let version = ": another version of onepath wrote it; resume the run with that version, or start it again in "
            + "another folder"
        #expect(
            try problem(["batch": 16, "epochs": 4, "settling": 0.5]).hasSuffix(
                "/settings/settling: expected none as in this run, found 0.5" + version))
        #expect(try problem(["batch": 16]).hasSuffix("/settings/epochs: expected 4 as in this run, found none" + version))
    }

    @Test("of an older version may lack a later setting, which is compared where it is there")
    func laterSettings() {
        func place(_ settings: JSON) -> String? {
            let checkpoint = Checkpoint(kind: "training", step: 1, settings: settings, state: StateWriter())
            return invalidPlace {
                try checkpoint.check(kind: "training", settings: ["batch": 16, "others": ["a"]], later: ["others"])
            }?.place
        }
        #expect(place(["batch": 16, "others": ["a"]]) == nil)
        #expect(place(["batch": 16]) == nil)
        func nestedPlace(_ settings: JSON) -> String? {
            let checkpoint = Checkpoint(kind: "training", step: 1, settings: settings, state: StateWriter())
            return invalidPlace {
                try checkpoint.check(
                    kind: "training", settings: ["configuration": ["batch": 16, "optimizer": "sgd"]],
                    later: TrainingConfiguration.laterSettings)
            }?.place
        }
        #expect(nestedPlace(["configuration": ["batch": 16]]) == nil)
        #expect(nestedPlace(["configuration": ["batch": 8]]) == "/settings/configuration/batch")
        #expect(nestedPlace(["configuration": ["batch": 16, "optimizer": "rmsprop"]]) == "/settings/configuration/optimizer")
        #expect(place(["batch": 16, "others": []]) == "/settings/others")
        #expect(place(["others": ["a"]]) == "/settings/batch")
    }

    @Test("that is truncated or altered anywhere is refused with a sentence that names it")
    func damaged() throws {
        let (path, bytes) = try file()
        var random = SeededRandom(seed: 3)
        var places = Array(0..<400) + (0..<200).map { _ in random.below(bytes.count) }
        places.append(bytes.count - 1)
        for place in places {
            var changed = bytes
            changed[place] ^= 1 << random.below(8)
            for damaged in [changed, Array(bytes[..<place])] {
                _ = try directory.write(damaged, to: "c")
                let sentence = invalidPlace { try Checkpoint(contentsOf: path) }?.sentence
                #expect(sentence?.hasPrefix(path) == true, "byte \(place)")
            }
        }
        _ = try directory.write(bytes + [0], to: "c")
        #expect(invalidPlace { try Checkpoint(contentsOf: path) }?.sentence.contains("truncated or something") == true)
        for foreign in ["", "{}\n", "PK\u{3}\u{4}", "{\"schema\": \"onepath.run/1\"}\n"] {
            _ = try directory.write(Array(foreign.utf8), to: "c")
            #expect(invalidPlace { try Checkpoint(contentsOf: path) } != nil)
        }
    }
}
