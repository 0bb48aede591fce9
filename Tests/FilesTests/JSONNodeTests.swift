import Files
import Testing
import TestSupport

@Suite struct JSONNodeTests {
    private func node(_ value: JSON) -> JSONNode { JSONNode(value, path: "x.json") }

    /// A small strict reader, as every module of the project writes them.
    private func read(_ value: JSON) throws -> [Double] {
        try node(value).object { fields in
            try fields.schema("test/1")
            let count = try fields.integer("count", in: 1...2)
            let rows = try fields.array("rows") { row in
                try row.object { fields in
                    _ = try fields.string("na/me~")
                    let offset = try fields.optionalNode("offset")?.number(in: -1...1) ?? 0
                    return try fields.bool("on")
                        ? try fields.number("size", in: 0...Double.infinity) + offset : offset
                }
            }
            return try fields.object("more") { [Double(count)] + rows + [try $0.number("ratio", in: 0...1)] }
        }
    }

    private let good: JSON = [
        "schema": "test/1", "count": 2,
        "rows": [["na/me~": "a", "on": true, "size": 3], ["na/me~": "", "offset": -0.5, "on": false]],
        "more": ["ratio": 0.25],
    ]

    private func with(_ key: String, _ value: JSON?) -> JSON {
        guard case .object(var members) = good else { return good }
        members.removeAll { $0.key == key }
        if let value { members.append(.init(key: key, value: value)) }
        return .object(members)
    }

    @Test func aFieldThatIsNotReadIsUnknown() throws {
        #expect(
            errorMessage { try node(["a": 1, "b/~": 2]).object { try $0.integer("a", in: 0...1) } }
                == "x.json: /b~1~0: unknown field; known here: a")
        #expect(errorMessage { try node(["a": 1]).object { _ in 0 } }.hasPrefix("x.json: /a: unknown field"))
    }

    @Test func valuesInsideRangesAreRead() throws {
        #expect(try read(good) == [2, 3, -0.5, 0.25])
        #expect(try node(3).number(in: 0...5) == 3)
        #expect(try node(.number(0.5)).number(in: 0.5...0.5) == 0.5)
        #expect(try node(.integer(.max)).integer(in: 0...Int.max) == .max)
        #expect(node(nil).isNull)
        #expect(!node(0).isNull)
    }

    @Test func everyMistakeNamesFilePlaceExpectedAndFound() {
        let cases: [(JSON, String)] = [
            (3, "x.json: expected an object, found 3"),
            (with("schema", nil), "x.json: /schema: missing field \"schema\""),
            (with("schema", "test/2"), "x.json: /schema: expected \"test/1\", found \"test/2\""),
            (with("count", nil), "x.json: /count: missing field \"count\""),
            (with("count", -1), "x.json: /count: expected an integer from 1 to 2, found -1"),
            (with("count", .number(1)), "x.json: /count: expected an integer from 1 to 2, found 1.0"),
            (with("count", "1"), "x.json: /count: expected an integer from 1 to 2, found \"1\""),
            (with("count", true), "x.json: /count: expected an integer from 1 to 2, found true"),
            (with("count", .null), "x.json: /count: expected an integer from 1 to 2, found null"),
            (with("rows", [:]), "x.json: /rows: expected an array, found an object"),
            (with("rows", [[]]), "x.json: /rows/0: expected an object, found an array"),
            (with("rows", [["na/me~": 1, "on": false]]), "x.json: /rows/0/na~1me~0: expected a string, found 1"),
            (with("rows", [["na/me~": "", "on": 0]]), "x.json: /rows/0/on: expected true or false, found 0"),
            (
                with("rows", [["na/me~": "", "on": true, "size": -0.5]]),
                "x.json: /rows/0/size: expected a number of at least 0, found -0.5"
            ),
            (
                with("rows", [["na/me~": "", "on": true, "size": .number(.nan)]]),
                "x.json: /rows/0/size: expected a number of at least 0, found nan"
            ),
            (
                with("rows", [["na/me~": "", "on": true, "size": .number(.infinity)]]),
                "x.json: /rows/0/size: expected a number of at least 0, found inf"
            ),
            (with("more", ["ratio": 1.5]), "x.json: /more/ratio: expected a number from 0 to 1, found 1.5"),
            (with("more", ["ratio": 1, "extra": 1]), "x.json: /more/extra: unknown field; known here: ratio"),
            (with("extra", 1), "x.json: /extra: unknown field; known here: schema, count, rows, more"),
        ]
        for (value, message) in cases { #expect(errorMessage { try read(value) } == message) }
    }

    @Test func allMistakesAreToldAtOnce() {
        let value: JSON = [
            "schema": "test/1", "count": 3, "extra": 1,
            "rows": [["na/me~": "a", "on": 1], [], ["na/me~": 2, "offset": "b", "on": true, "more": 1]],
        ]
        #expect(
            errorMessage { try read(value) } == """
                x.json: /count: expected an integer from 1 to 2, found 3
                  /rows/0/on: expected true or false, found 1
                  /rows/1: expected an object, found an array
                  /rows/2/na~1me~0: expected a string, found 2
                  /rows/2/offset: expected a number from -1 to 1, found "b"
                  /rows/2/size: missing field "size"
                  /rows/2/more: unknown field; known here: na/me~, offset, on, size
                  /more: missing field "more"
                  /extra: unknown field; known here: schema, count, rows, more
                """)
    }

    @Test func ofManyMistakesTheFirstTwentyAreTold() {
        let rows = JSON.array((0..<1000).map { ["na/me~": .integer($0), "on": false] })
        let lines = errorMessage { try read(with("rows", rows)) }.split(separator: "\n")
        #expect(lines.count == 21 && lines[20] == "  and 980 more", "\(lines)")
        #expect(lines[19].contains("/rows/19/"))
    }

    @Test func oneMistakeIsNotToldTwice() {
        func pair(_ value: JSON) -> String {
            errorMessage {
                try node(value).object { fields in
                    let low = try fields.integer("low", in: 0...9)
                    let high = try fields.integer("high", in: low...9, isDerived: true)
                    if low + high > 12 { throw fields.problem("too much") }
                    return [low, high]
                }
            }
        }
        #expect(pair(["low": 5, "high": 4]) == "x.json: /high: expected an integer from 5 to 9, found 4")
        #expect(pair(["low": 5, "high": 8]) == "x.json: too much")
        #expect(pair(["low": 12, "high": -1]) == "x.json: /low: expected an integer from 0 to 9, found 12")
        #expect(pair(["low": "a", "high": "b"]).split(separator: "\n").count == 2)
        #expect(pair(["high": 9]) == "x.json: /low: missing field \"low\"")
    }

    @Test func mistakesThatFollowFromSeveralValuesAreToldOfEveryElement() {
        let values: JSON = [[3, 2], [1, 2], [5, 4]]
        let message = errorMessage {
            try node(values).array { pair in
                let both = try pair.array { try $0.integer(in: 0...9) }
                if both[0] > both[1] { throw pair.problem("falls") }
            }
        }
        #expect(message == "x.json: /0: falls\n  /2: falls")
    }

    @Test func otherErrorsComeWithThoseOfTheDocument() {
        let missing = FileError.missing(path: "other.json", what: "thing")
        func read(_ value: JSON) -> String {
            errorMessage {
                try node(value).object { fields in
                    _ = try fields.string("a")
                    throw missing
                }
            }
        }
        #expect(read(["a": "x"]) == "no thing at other.json")
        #expect(read(["a": 1]) == "x.json: /a: expected a string, found 1\n  no thing at other.json")
    }

    @Test func aReadingLeavesNothingForTheNext() throws {
        let node = node(["a": 1])
        for _ in 0..<2 {
            #expect(errorMessage { try node.object { try $0.string("a") } } == "x.json: /a: expected a string, found 1")
        }
        #expect(try node.object { try $0.integer("a", in: 1...1) } == 1)
        // Outside of an object there is nothing to wait for.
        #expect(errorMessage { try JSONNode(1, path: "x.json").string() } == "x.json: expected a string, found 1")
    }

    @Test func manyFieldsTakeNoLongerThanTheyAreMany() throws {
        let members = (0..<20_000).map { JSON.Member(key: "field\($0)", value: .integer($0)) }
        let seconds = try Processor.seconds {
            try node(.object(members)).object { fields in
                for key in fields.names { _ = try fields.integer(key, in: 0...20_000) }
            }
        }
        #expect(seconds < 1, "\(seconds) s")
    }

    @Test func longTextsAreCutInMessages() {
        let message = errorMessage { try node(.string(String(repeating: "a\n", count: 1000))).bool() }
        #expect(message.count < 150)
        #expect(!message.contains("\n"))
    }

    @Test func problemsCanBeToldAtAPlace() {
        #expect(
            JSONNode(1, path: "x.json", pointer: "/a/0").problem("too wide").description == "x.json: /a/0: too wide")
        #expect(
            errorMessage { try node(["a": 1]).object { throw $0.problem("too wide") } } == "x.json: too wide")
    }
}
