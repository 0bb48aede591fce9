import Files
import Foundation
import Testing
import TestSupport

@Suite struct JSONReadingTests {
    @Test func readsEveryKindOfValueAndKeepsTheOrderOfFields() throws {
        let text = """
            {"z": null, "a": true, "m": -9223372036854775808, "b": 9223372036854775807, "k": 0.1, "c": 3.0,
             "e": "\\u00e9\\n/\\u0000x", "l": [1, [], {}], "o": {"y": 1, "x": 2}, "": 2e3}
            """
        let value = try JSON(parsing: text, path: "x.json")
        #expect(
            value == [
                "z": nil, "a": true, "m": .integer(.min), "b": .integer(.max), "k": 0.1, "c": .number(3),
                "e": "é\n/\0x", "l": [1, [], [:]], "o": ["y": 1, "x": 2], "": .number(2000),
            ])
        #expect(value["o"]?["x"] == 2)
        #expect(value["absent"] == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(try JSON(parsing: " null\n", path: "x.json") == .null)
        // As some editors save it.
        #expect(try JSON(parsing: [0xEF, 0xBB, 0xBF] + Array(#"{"a": 1}"#.utf8), path: "x.json") == ["a": 1])
    }

    @Test(arguments: [
        // Numbers that JSON does not have, or that no Int or Double holds.
        ("NaN", "line 1, column 1"), ("[1, NaN]", "line 1, column 5"), ("Infinity", "line 1, column 1"),
        ("{\"a\":\n -Infinity}", "line 2, column 2"), ("1e999", "line 1, column 1"), ("[-1e999]", "line 1, column 2"),
        ("9223372036854775808", "line 1, column 1"), ("-9223372036854775809", "line 1, column 1"),
        ("[1,\n2,\n 18446744073709551616]", "line 3, column 2"), ("00", "line 1, column 1"),
        ("[-01]", "line 1, column 2"),
        ("[1.]", "line 1, column 2"), ("[1.e5]", "line 1, column 2"), ("[.5]", "line 1, column 2"),
        ("[+1]", "line 1, column 2"), ("[0x10]", "line 1, column 3"), ("[1e]", "line 1, column 4"),
        ("-", "line 1, column 2"),
        // One name twice, however it is spelled and wherever it is.
        ("{\"a\": 1, \"b\": 2, \"a\": 1}", "line 1, column 18"), ("{\"a\": 1,\n\"\\u0061\": 2}", "line 2, column 1"),
        ("[{\"o\": {\"a\": 1, \"a\": 1}}]", "line 1, column 17"), ("{\"\": 1, \"\" : 2}", "line 1, column 9"),
        // Names that json-c cuts or that are not JSON.
        ("{\"a\\u0000b\": 1}", "line 1, column 2"), ("{'a': 1}", "line 1, column 2"), ("{a: 1}", "line 1, column 2"),
        // Syntax.
        ("", "line 1, column 1"), (" \n ", "line 2, column 2"), ("{", "line 1, column 2"),
        ("[1, 2", "line 1, column 6"),
        ("{\"a\": 1", "line 1, column 8"), ("{\"a\": 1,}", "line 1, column 9"), ("[1,]", "line 1, column 4"),
        ("[1 2]", "line 1, column 4"), ("{\"a\" 1}", "line 1, column 6"), ("TRUE", "line 1, column 1"),
        ("tru", "line 1, column 4"), ("'a'", "line 1, column 1"), ("/* */ 1", "line 1, column 1"),
        ("\"a\\x\"", "line 1, column 4"), ("\"a\tb\"", "line 1, column 3"), ("\"a\nb\"", "line 1, column 3"),
        ("[\"\u{1}\"]", "line 1, column 3"), ("[1}", "line 1, column 3"),
        // More than one value.
        ("{} x", "line 1, column 4"), ("1\n2", "line 2, column 1"), ("{}\0", "line 1, column 3"),
        ("{}\0{}", "line 1, column 3"), ("[\0]", "line 1, column 2"),
    ])
    func refusesWhatIsNotStrictlyJSONAndSaysWhere(text: String, place: String) {
        let message = errorMessage { try JSON(parsing: text, path: "dir/x.json") }
        #expect(message.hasPrefix("dir/x.json: \(place): "), "\(text) gave: \(message)")
        #expect(!message.contains("\n"))
    }

    @Test func namesTheTwiceWrittenField() {
        #expect(
            errorMessage { try JSON(parsing: "{\"stride\": 1, \"stride\": 2}", path: "x.json") }
                == "x.json: line 1, column 15: a second field \"stride\" in one object")
    }

    @Test func sameNamesInDifferentObjectsAndNamesAsValuesAreFine() throws {
        let text = "{\"a\": {\"a\": \"a\"}, \"b\": [{\"a\": 1}, {\"a\": 1}, \"b\", \"b\", \"{\\\"b\\\":\"]}"
        #expect(
            try JSON(parsing: text, path: "x") == [
                "a": ["a": "a"], "b": [["a": 1], ["a": 1], "b", "b", "{\"b\":"],
            ])
    }

    @Test(
        arguments: [
            [0xff], [0x80], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func refusesBytesThatAreNotUTF8(bytes: [UInt8]) {
        let text = Array("[1,\n\"".utf8) + bytes + Array("\"]".utf8)
        #expect(
            errorMessage { try JSON(parsing: text, path: "x.json") }.hasPrefix("x.json: line 2, column 2: not UTF-8"))
    }

    @Test func nestsThirtyTwoDeepAndNoDeeper() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(32), path: "x")
        for depth in [33, 1_000_000] {
            #expect(
                errorMessage { try JSON(parsing: nested(depth), path: "x") }
                    .hasPrefix("x: line 1, column 34: not JSON: nesting too deep"))
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let text = "{\"name\": \"a\\u00e9é\", \"list\": [1, -2.5e3, true, null], \"inner\": {\"x\": {}}}"
        let bytes = Array(text.utf8)
        _ = try JSON(parsing: bytes, path: "x")
        for count in 0..<bytes.count {
            #expect(throws: FileError.self) { try JSON(parsing: Array(bytes[..<count]), path: "x") }
        }
    }

    @Test func noDamageCrashesTheReaderAndWhatItAcceptsRoundTrips() throws {
        let bytes = Array("{\"a\": [1, -2.5e3, true, null, \"x\\u0041\\\"\"], \"b\": {\"c\": 1E+2}}".utf8)
        var random = SeededRandom(seed: 2)
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<random.integer(in: 1...3) {
                damaged[random.below(bytes.count)] =
                    random.bool()
                    ? random.element(of: bytes) : random.byte(in: 0...255)
            }
            guard let value = try? JSON(parsing: damaged, path: "x") else { continue }
            let accepted = try? JSONSerialization.jsonObject(with: Data(damaged), options: .fragmentsAllowed)
            #expect(accepted != nil, "another reader refuses \(String(decoding: damaged, as: UTF8.self))")
            #expect(try JSON(parsing: value.text(pretty: true), path: "x") == value)
        }
    }

    @Test func missingAndUnreadableFilesAreToldApart() throws {
        let directory = try TemporaryDirectory()
        let absent = directory.file("absent.json")
        #expect(throws: FileError.missing(path: absent, what: "search space")) {
            try JSON(contentsOf: absent, what: "search space")
        }
        #expect(errorMessage { try JSON(contentsOf: absent, what: "search space") } == "no search space at \(absent)")
        #expect(
            errorMessage { try JSON(contentsOf: directory.path, what: "search space") }
                == "cannot read \(directory.path): Is a directory")
        let file = directory.file("x.json")
        try AtomicFile.write("{\"a\": [1,]}", to: file)
        #expect(
            errorMessage { try JSONNode(contentsOf: file, what: "search space") }
                == "\(file): line 1, column 10: not JSON: unexpected character, found ']'")
    }
}
