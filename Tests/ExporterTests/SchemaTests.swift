import Architectures
import Exporter
import Files
import Testing
import TestSupport

@Suite("JSON Schemas")
struct SchemaTests {
    private func check(_ path: String, _ kind: String) throws {
        let schema = try JSONSchema(contentsOf: ShippedFiles.schema(kind))
        #expect(try schema.violations(of: JSON(contentsOf: path, what: kind)) == [], "\(path)")
    }

    @Test("allow every file that comes with the product")
    func shipped() throws {
        for path in try ShippedFiles.references() { try check(path, "architecture") }
        for path in try ShippedFiles.spaces() { try check(path, "space") }
        for path in try ShippedFiles.devices() { try check(path, "device") }
        for path in try ShippedFiles.hardware() {
            try check(path, path.hasSuffix("/energy.json") ? "energy" : "hardware")
        }
        for path in try ShippedFiles.cores() { try check(path, "core") }
        for path in try ShippedFiles.networks() { try check(path, "operators") }
        #expect(
            try !ShippedFiles.references().isEmpty && !ShippedFiles.spaces().isEmpty && !ShippedFiles.devices().isEmpty)
    }

    @Test("allow every file that is written")
    func written() throws {
        let directory = try TemporaryDirectory()
        let provenance = Provenance(command: "x", seed: nil, inputs: [], date: Provenance.now)
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            try space.json.write(to: directory.file("space.json"))
            try check(directory.file("space.json"), "space")
            for architecture in [space.largest, space.smallest] {
                for provenance in [provenance, nil] {
                    try ArchitectureDocument(architecture, provenance: provenance).write(to: directory.file("a.json"))
                    try check(directory.file("a.json"), "architecture")
                }
            }
        }
        for architecture in [try SmallArchitectures.plain(), try SmallArchitectures.squeezed()] {
            try ArchitectureDocument(architecture, provenance: nil).write(to: directory.file("a.json"))
            try check(directory.file("a.json"), "architecture")
        }
    }

    @Test("refuse control characters in names, as the readers do, and no others")
    func names() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")), architecture = space.smallest
        let layers = architecture.network.layers.filter(\.isSearchable).map(\.name)
        func compare(_ kind: String, _ document: JSON, name: String, _ read: (JSONNode) throws -> Void) throws {
            let schema = try JSONSchema(contentsOf: ShippedFiles.schema(kind)), text = document.text(pretty: false)
            #expect(text.contains("\"\(name)\""))
            for (letter, isAllowed) in [
                ("\\u0001", false), ("\\n", false), ("\\r\\n", false), ("\\u001f", false), ("\\u007f", false),
                ("\\u009f", false), (" ", true), ("~", true), ("\\u00a0", true), ("é", true),
            ] {
                let changed = try JSON(parsing: text.replacing("\"\(name)\"", with: "\"\(name)\(letter)\""), path: "x")
                #expect(try schema.violations(of: changed).isEmpty == isAllowed, "\(kind): \(name)\(letter)")
                let found = invalidPlace { try read(JSONNode(changed, path: "x")) }
                #expect((found == nil) == isAllowed, "\(kind): \(name)\(letter)")
            }
        }
        for name in [architecture.name, "fashion-mnist"] + layers {
            try compare("architecture", architecture.json(), name: name) { _ = try Architecture(json: $0) }
        }
        for name in ["fashion-mnist", "stage1"] {
            try compare("space", space.json, name: name) { _ = try SearchSpace(json: $0) }
        }
    }

    @Test("refuse a missing field, one too many, and a value of another type")
    func damaged() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let pixel = try JSON(contentsOf: ShippedFiles.device("pixel1"), what: "device profile")
        guard case .object(let members) = pixel else { return }
        // One entry of the table stands for all.
        let device = JSON.object(
            members.map { member in
                guard member.key == "tables", case .array(let tables) = member.value,
                    case .object(let table) = tables[0]
                else { return member }
                let short = table.map { field -> JSON.Member in
                    guard field.key == "entries", case .array(let entries) = field.value else { return field }
                    return .init(key: "entries", value: .array([entries[0]]))
                }
                return .init(key: "tables", value: .array([.object(short)]))
            })
        // Null and zero are values of some fields, and a null list of one is one.
        let whats: Set = ["removed", "extra field", "text", "object", "array", "negated", "not a number", "huge"]
        for (kind, document) in [("architecture", space.smallest.json()), ("space", space.json), ("device", device)] {
            let schema = try JSONSchema(contentsOf: ShippedFiles.schema(kind))
            #expect(try schema.violations(of: document) == [])
            var damages = 0
            for damage in document.damages(skipping: ["/provenance"]) where whats.contains(damage.what) {
                // Other files may stand in for these parts, and a zero has no sign.
                if ["/hardware", "/parameters"].contains(damage.pointer) { continue }
                // A profile may do without corrections of the model, which may go either way.
                let isCorrection = damage.pointer.hasPrefix("/parameters/depthwise")
                if isCorrection, damage.what == "removed", damage.pointer == "/parameters/depthwise" { continue }
                if isCorrection, damage.what == "negated", damage.pointer.hasSuffix("/weight") { continue }
                if damage.document == document { continue }
                #expect(
                    try !schema.violations(of: damage.document).isEmpty, "\(kind): \(damage.what) at \(damage.pointer)")
                damages += 1
            }
            #expect(damages > 50)
        }
    }
}
