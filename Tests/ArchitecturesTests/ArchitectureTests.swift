import Architectures
import JSONDocuments
import TestSupport
import Testing

@Suite struct ArchitectureTests {
    @Test func thePublishedResult() throws {
        let architecture = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        #expect(architecture.network.parameters == 4_421_616)
        #expect(architecture.network.macs == 333_467_072)
        let space = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
        let small = LayerChoice.block(kernel: 3, expansion: 3)
        let first = LayerChoice.block(kernel: 5, expansion: 6)
        let choices: [LayerChoice] =
            [small, small, small, .skip] + [first, small, small, small] + [first, small, small, small] + [first]
            + Array(repeating: .block(kernel: 5, expansion: 3), count: 3) + Array(repeating: first, count: 4)
        #expect(try space.architecture(name: "single-path-nas", choices: choices) == architecture)
    }

    @Test func shippedArchitecturesReadBackWhatTheyWrite() throws {
        for path in try ShippedFiles.references() {
            let file = try JSON(contentsOf: path, what: "architecture")
            let architecture = try Architecture(contentsOf: path)
            #expect(architecture.json(provenance: file["provenance"] ?? .null) == file)
            #expect(path.hasSuffix("/\(architecture.name).json"))
        }
    }

    @Test func everyPointOfASpaceRoundTrips() throws {
        let spaces =
            try ShippedFiles.spaces().map { try SearchSpace(contentsOf: $0) }
            + [SearchSpace(json: JSONNode(SearchSpaceTests.wide, path: "x"))]
        for space in spaces {
            for round in 0..<20 {
                let choices = space.choices(round: round)
                let architecture = try space.architecture(name: "\(round)", choices: choices)
                let text = architecture.json(provenance: ["seed": 1]).text(pretty: true)
                let read = try Architecture(json: JSONNode(JSON(parsing: text, path: "x"), path: "x"))
                #expect(read == architecture)
                #expect(read.network == architecture.network)
            }
        }
    }

    @Test func everyDamagedCopyIsRefusedAtTheDamage() throws {
        let file = try JSON(contentsOf: ShippedFiles.reference("single-path-nas"), what: "architecture")
        let damages = file.damages(skipping: ["/space", "/provenance/source"])
            .filter { $0.pointer != "/provenance/source" && $0.pointer != "/provenance/extra" }
            .filter { !($0.pointer == "/provenance" && $0.what == "null") }
        #expect(damages.count > 1500)
        for damage in damages {
            let found = invalidPlace { try Architecture(json: JSONNode(damage.document, path: "copy.json")) }
            #expect(
                found?.place == damage.pointer,
                "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
        }
    }

    /// A network of two layers given by hand, with the text `old` replaced.
    private func byHand(replacing old: String = "", with new: String = "") throws -> Architecture {
        let text = """
            {"schema": "onepath.architecture/1", "name": "by hand", "space": null,
             "input": {"height": 8, "width": 8, "channels": 3}, "stem": {"kernel": 3, "stride": 2, "output_channels": 4},
             "layers": [
               {"name": "one", "searchable": true, "skip": true, "channels": 4},
               {"name": "two", "searchable": false, "skip": false, "kernel": 3, "stride": 1, "expansion": 2,
                "input_channels": 4, "output_channels": 5, "se_ratio": 0.25, "residual": false, "expand_convolution": true}],
             "head": {"output_channels": 6}, "classes": 2, "provenance": null}
            """
        let changed = old.isEmpty ? text : text.replacing(old, with: new, maxReplacements: 1)
        #expect(old.isEmpty || changed != text)
        return try Architecture(json: JSONNode(JSON(parsing: changed, path: "x"), path: "x"))
    }

    @Test func aNetworkGivenByHand() throws {
        let network = try byHand().network
        #expect(network.space == nil)
        #expect(network.layers.map(\.name) == ["stem", "one", "two", "head", "classifier"])
        #expect(
            network.layers[1].content == .skip && network.layers[1].macs == 0 && network.layers[1].parameters == 0)
        #expect(network.layers[1].key == "skip 4x4x4" && network.layers[1].choice == "skip")
        #expect(network.layers[2].choice == "fixed 3x3 e2 se0.25")
        #expect(network.layers[2].key == "block k3 s1 e2 4x4x4->4x4x5 se0.25")
        #expect(
            network.layers[4].key
                == "global_average_pool k1 s1 4x4x6->1x1x6, fully_connected k1 s1 1x1x6->1x1x2")
        #expect(zip(network.layers, network.layers.dropFirst()).allSatisfy { $0.output == $1.input })
    }

    @Test(arguments: [
        (
            "\"channels\": 4}", "\"channels\": 5}",
            "/layers/0/channels: expected 4, the width of the layer before, found 5"
        ),
        (
            "\"input_channels\": 4", "\"input_channels\": 6",
            "/layers/1/input_channels: expected 4, the width of the layer before, found 6"
        ),
        ("\"two\"", "\"one\"", "/layers/1/name: expected a name that no other layer has, found \"one\""),
        ("\"two\"", "\"head\"", "/layers/1/name: expected a name that no other layer has, found \"head\""),
        (
            "\"residual\": false", "\"residual\": true",
            "/layers/1/residual: expected false, for a block of stride 1 from 4 to 5 channels, found true"
        ),
        ("\"provenance\": null", "\"provenance\": 1", "/provenance: expected an object or null, found 1"),
        ("\"space\": null", "\"space\": 1", "/space: expected a string, found 1"),
        (
            "\"channels\": 4}", "\"channels\": 4, \"kernel\": 3}",
            "/layers/0/kernel: unknown field; known here: name, searchable, skip, channels"
        ),
    ])
    func refusesWhatDoesNotFit(old: String, new: String, message: String) {
        #expect(invalidPlace { try byHand(replacing: old, with: new) }?.sentence == "x: " + message)
    }

    @Test func refusesAnArchitectureWithoutLayers() throws {
        guard case .object(var members) = try byHand().json(),
            let index = members.firstIndex(where: { $0.key == "layers" })
        else { return }
        members[index].value = []
        let found = invalidPlace { try Architecture(json: JSONNode(.object(members), path: "x")) }
        #expect(found?.sentence == "x: /layers: expected 1 to 1024 layers, found 0")
    }
}
