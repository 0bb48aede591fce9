import Architectures
import Files
import Testing
import TestSupport

@Suite struct SearchSpaceFileTests {
    @Test func shippedSpacesReadBackWhatTheyWrite() throws {
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            #expect(try space.json == JSON(contentsOf: path, what: "search space"))
            let text = space.json.text(pretty: true)
            #expect(try SearchSpace(json: JSONNode(JSON(parsing: text, path: "x"), path: "x")) == space)
            #expect(path.hasSuffix("/\(space.name).json"))
        }
    }

    @Test func everyDamagedCopyIsRefusedAtTheDamage() throws {
        for path in try ShippedFiles.spaces() {
            let damages = try JSON(contentsOf: path, what: "search space").damages()
            #expect(damages.count > 300)
            for damage in damages {
                // A space that has lost its choices has lost one of two fields: the stage is named. Without blocks it lacks
                // kernels.
                var expected = damage.pointer
                if damage.what == "removed" {
                    if expected.hasSuffix("/blocks") { expected = expected.dropLast(6) + "kernels" }
                    for field in ["/fixed", "/choices"] where expected.hasSuffix(field) {
                        expected.removeLast(field.count)
                    }
                }
                let found = invalidPlace { try SearchSpace(json: JSONNode(damage.document, path: "copy.json")) }
                #expect(
                    found?.place == expected, "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
                #expect(found?.sentence.hasPrefix("copy.json: ") ?? false)
            }
        }
    }

    /// The wide space with the text `old` replaced, and the sentence it gives.
    private func refusal(of old: String, _ new: String) throws -> String? {
        let text = SearchSpaceTests.wide.text(pretty: false)
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        return invalidPlace { try SearchSpace(json: JSONNode(JSON(parsing: changed, path: "x"), path: "x")) }?
            .sentence
    }

    @Test(arguments: [
        ("[3, 5, 7]", "[3, 3, 7]", "/stages/0/choices/kernels/1: expected a value above 3, the one before, found 3"),
        ("[3, 5, 7]", "[5, 3, 7]", "/stages/0/choices/kernels/1: expected a value above 5, the one before, found 3"),
        ("[3, 5, 7]", "[3, 4, 7]", "/stages/0/choices/kernels/1: expected an odd integer from 1 to 31, found 4"),
        ("[3, 5, 7]", "[]", "/stages/0/choices/kernels: expected at least one value, found an empty array"),
        (
            "[1, 2, 4, 6]", "[1, 2, 4, 33]",
            "/stages/0/choices/expansions/3: expected an integer from 1 to 32, found 33"
        ),
        (
            "[1, 2, 4, 6]", "[6, 4, 2, 1]",
            "/stages/0/choices/expansions/1: expected a value above 6, the one before, found 4"
        ),
        ("\"b\"", "\"a\"", "/stages/1/name: expected a name that no other stage has, found \"a\""),
        ("\"wide\"", "\"\"", "/name: expected a name, found \"\""),
        (
            "\"b\"", "\"b\\nc\"",
            "/stages/1/name: expected a name without control characters, found \"b\\nc\""
        ),
        (
            "\"fixed\"", "\"unknown\"",
            "/stages/2: expected one of the fields \"fixed\" and \"choices\", found neither"
        ),
        (
            "\"fixed\"", "\"choices\": {}, \"fixed\"",
            "/stages/2: expected one of the fields \"fixed\" and \"choices\", found both"
        ),
        ("onepath.space/1", "onepath.space/2", "/schema: expected \"onepath.space/1\", found \"onepath.space/2\""),
        ("\"layers\": 2", "\"layers\": 65", "/stages/0/layers: expected an integer from 1 to 64, found 65"),
        ("\"height\": 9", "\"height\": 8193", "/input/height: expected an integer from 1 to 8192, found 8193"),
    ])
    func refusesWhatCannotBe(old: String, new: String, message: String) throws {
        #expect(try refusal(of: old, new) == "x: " + message)
    }

    @Test func refusesNoStagesAndTooMany() throws {
        for count in [0, 17] {
            guard case .object(var members) = SearchSpaceTests.wide,
                let index = members.firstIndex(where: { $0.key == "stages" })
            else { return }
            members[index].value = .array(
                (0..<count).map {
                    [
                        "name": .string("s\($0)"), "layers": 1, "output_channels": 4, "stride": 1,
                        "fixed": ["kernel": 3, "expansion": 1],
                    ]
                })
            let found = invalidPlace { try SearchSpace(json: JSONNode(.object(members), path: "x")) }
            #expect(found?.sentence == "x: /stages: expected 1 to 16 stages, found \(count)")
        }
    }

    @Test func refusesFeatureMapsBeyondAnyMachine() throws {
        let huge = """
            {"schema": "onepath.space/1", "name": "huge", "description": "",
             "input": {"height": 8192, "width": 8192, "channels": 65536},
             "stem": {"kernel": 31, "stride": 1, "output_channels": 65536},
             "stages": [{"name": "a", "layers": 64, "output_channels": 65536, "stride": 1,
                         "choices": {"kernels": [31], "expansions": [32], "skip": false}}],
             "head": {"output_channels": 65536}, "classes": 65536}
            """
        let found = invalidPlace { try SearchSpace(json: JSONNode(JSON(parsing: huge, path: "x"), path: "x")) }
        #expect(
            found?.sentence
                == "x: layer stem makes a feature map of 8192x8192x65536, which is more than 2147483647 values")
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: FileError.missing(path: "/absent/space.json", what: "search space")) {
            try SearchSpace(contentsOf: "/absent/space.json")
        }
    }
}
