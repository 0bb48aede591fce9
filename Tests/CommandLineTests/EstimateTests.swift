import JSONDocuments
import TestSupport
import Testing

@Suite("onepath estimate and show")
struct EstimateTests {
    private let arguments = ["estimate", "--architecture", "single-path-nas", "--device", "pixel1"]

    @Test("the published result on its phone, as a table of at most 80 columns and as JSON")
    func published() throws {
        let table = try Program.run(arguments)
        #expect(table.status == 0 && table.error == "")
        let total = try #require(table.output.split(separator: "\n").last)
        #expect(total.split(separator: " ") == ["total", "80.4411", "333,467,072", "4,421,616"])
        #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 })

        let document = try Program.run(arguments + ["--json"])
        #expect(document.status == 0)
        let json = try document.json()
        #expect(json["parameters"] == 4_421_616 && json["macs"] == 333_467_072)
        guard case .number(let latency) = json["latency_ms"], case .array(let layers) = json["layers"] else {
            Issue.record("no latency_ms or layers in \(document.output)")
            return
        }
        #expect(abs(latency - 80.4411) < 1e-9)
        #expect(layers.allSatisfy { $0["source"] == "measured" })
    }

    @Test("works from any directory")
    func elsewhere() throws {
        let directory = try TemporaryDirectory()
        #expect(try Program.run(arguments, in: directory.path).output == Program.run(arguments).output)
    }

    @Test("lists name everything that comes with the product", arguments: ["devices", "spaces", "architectures"])
    func show(subject: String) throws {
        let known = ["devices": "pixel1", "spaces": "single-path-mobile", "architectures": "single-path-nas"]
        let table = try Program.run(["show", subject])
        #expect(table.status == 0 && table.error == "")
        #expect(table.output.contains(known[subject]!))
        #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        guard case .array(let rows) = try Program.run(["show", subject, "--json"]).json() else {
            Issue.record("not an array")
            return
        }
        #expect(rows.contains { $0["name"] == .string(known[subject]!) })
    }
}
