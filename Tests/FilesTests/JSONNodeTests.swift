import Files
import Testing

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
            (with("rows", [["na/me~": 1]]), "x.json: /rows/0/na~1me~0: expected a string, found 1"),
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
