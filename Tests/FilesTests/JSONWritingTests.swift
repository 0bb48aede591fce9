import Files
import Foundation
import Testing
import TestSupport

@Suite struct JSONWritingTests {
    @Test func randomDoublesReadBackToTheSameBits() throws {
        var random = SeededRandom(seed: 1)
        var values = (0..<50_000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        values += (0..<50_000).map { _ in 1000 * random.value() }
        values += [
            0, -0.0, 0.1, 1.0 / 3, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
            -.greatestFiniteMagnitude,
            .leastNormalMagnitude.nextDown, 9_007_199_254_740_992, 1e15, 1e16, 1e22, 123_456_789_012_345_680,
        ]
        values += values.prefix(20_000).map { Double(Float($0)) }.filter(\.isFinite)
        let text = JSON.array(values.map(JSON.number)).text(pretty: true)
        guard case .array(let read) = try JSON(parsing: text, path: "x") else {
            Issue.record("not an array")
            return
        }
        #expect(read.count == values.count)
        let same = zip(read, values).allSatisfy { read, value in
            if case .number(let number) = read { number.bitPattern == value.bitPattern } else { false }
        }
        #expect(same)
    }

    @Test func scalarsPrintAsPeopleWriteThem() {
        let values: [(JSON, String)] = [
            (nil, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"),
            (.number(3), "3.0"), (.number(-0.0), "-0.0"), (.number(0.1), "0.1"), (.number(1e-5), "1e-05"),
            ("", "\"\""),
            ("a/b", "\"a/b\""), ("\"\\\n\t\u{1}\0é😀", "\"\\\"\\\\\\n\\t\\u0001\\u0000é😀\""), ([], "[]"), ([:], "{}"),
        ]
        for (value, text) in values {
            #expect(value.text(pretty: true) == text)
            #expect(value.text(pretty: false) == text)
        }
    }

    @Test func everyStringRoundTrips() throws {
        var value: [JSON] = []
        for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) {
            value.append(.string("a\(scalar)b"))
        }
        #expect(try JSON(parsing: JSON.array(value).text(pretty: false), path: "x") == .array(value))
        let names: JSON = .object([.init(key: "a\"\\/\n\u{1}é", value: 1), .init(key: "", value: 2)])
        #expect(try JSON(parsing: names.text(pretty: true), path: "x") == names)
    }

    @Test func smallArraysAndObjectsStandOnOneLine() {
        let value: JSON = [
            "schema": "x/1", "input": ["height": 28, "sides": [1, 2]], "none": [],
            "stages": [["name": "a", "kernels": [3, 5]], ["name": "b"]],
            "long": .array((0..<40).map(JSON.integer)),
        ]
        let long = (0..<40).map { "    \($0)" }.joined(separator: ",\n")
        #expect(
            value.text(pretty: true) == """
                {
                  "schema": "x/1",
                  "input": {"height": 28, "sides": [1, 2]},
                  "none": [],
                  "stages": [
                    {"name": "a", "kernels": [3, 5]},
                    {"name": "b"}
                  ],
                  "long": [
                \(long)
                  ]
                }
                """)
        #expect(!value.text(pretty: false).contains("\n"))
    }

    @Test func noLineOfPrettyTextIsLongerThanItMustBe() throws {
        let value: JSON = .array((1..<60).map { count in ["a": .array((0..<count).map { .number(Double($0)) })] })
        let text = value.text(pretty: true)
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 110 })
        #expect(text.split(separator: "\n").contains { $0.utf8.count > 100 })
        #expect(try JSON(parsing: text, path: "x") == value)
    }

    /// So that a table reads, and changes, row by row.
    @Test func aRowIsOneLineWhateverItsLength() throws {
        let long = String(repeating: "x", count: 200)
        let row: JSON = ["name": .string(long), "value": 1.5, "none": nil]
        let nested: JSON = ["name": .string(long), "value": [1, 2]]
        let value: JSON = ["rows": [row, ["name": "short"]], "nested": [nested], "row": row, "empty": [[:]]]
        let text = value.text(pretty: true)
        #expect(
            text == """
                {
                  "rows": [
                    {"name": "\(long)", "value": 1.5, "none": null},
                    {"name": "short"}
                  ],
                  "nested": [
                    {
                      "name": "\(long)",
                      "value": [1, 2]
                    }
                  ],
                  "row": {
                    "name": "\(long)",
                    "value": 1.5,
                    "none": null
                  },
                  "empty": [
                    {}
                  ]
                }
                """)
        #expect(try JSON(parsing: text, path: "x") == value)
    }

    @Test func writesPrettyTextWithANewlineAndReadsItBack() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x.json")
        let value: JSON = ["z": [1, 2.5], "a": "é"]
        try value.write(to: file)
        #expect(try JSON(contentsOf: file, what: "file") == value)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == value.text(pretty: true) + "\n")
    }
}
