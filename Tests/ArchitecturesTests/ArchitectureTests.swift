import Architectures
import Files
import Testing
import TestSupport

@Suite struct ArchitectureTests {
    @Test func thePublishedResult() throws {
        let architecture = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        let space = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
        let small = BlockSize(kernel: 3, expansion: 3)
        let first = BlockSize(kernel: 5, expansion: 6)
        let sizes: [BlockSize?] =
            [small, small, small, nil] + [first, small, small, small] + [first, small, small, small] + [first]
            + Array(repeating: BlockSize(kernel: 5, expansion: 3), count: 3) + Array(repeating: first, count: 4)
        let choices = try space.choices(sizes)
        #expect(try space.architecture(name: "single-path-nas", choices: choices) == architecture)
        #expect(try space.choices(of: architecture) == choices)
        #expect(architecture.choices == sizes.map { $0?.description ?? "skip" })
    }

    @Test("a family's other widths and resolutions have the multiply-accumulates that its authors publish", arguments: [
        // Millions, of the MobileNet page of the tensorflow/models repository.
        (1.4, 224, 582), (1.3, 224, 509), (1.0, 192, 221), (0.75, 160, 107), (0.5, 224, 97), (0.35, 224, 59),
    ])
    func scaled(width: Double, resolution: Int, millions: Int) throws {
        let scaled = try Architecture(contentsOf: ShippedFiles.reference("mobilenet-v2"))
            .scaled(width: width, resolution: resolution, scalesHead: true)
        #expect(abs(Double(scaled.network.macs) / 1e6 - Double(millions)) < 1, "\(scaled.network.macs)")
        #expect(scaled.head?.outputChannels == (width > 1 ? Int(1280 * width) / 8 * 8 : 1280))
        // As a file it is read back, so all widths fit.
        #expect(try Architecture(json: JSONNode(scaled.json(), path: "scaled.json")) == scaled)
    }

    /// Parameters and multiply-accumulates as torchvision (v2, v3, EfficientNet), timm (v1, minimalistic v3, MnasNet,
    /// EfficientNet-Lite, Single-Path NAS) and pytorchcv (ProxylessNAS) have them, operator by operator; and the
    /// multiply-accumulates that the authors give, in units of their last digit.
    @Test(
        arguments: [
            ("mobilenet-v1", 4_231_976, 568_740_352, 569, 1e6, .toNearestOrEven),
            // The paper's 300 M are cut off, not rounded.
            ("mobilenet-v2", 3_504_872, 300_774_272, 300, 1e6, .down),
            // The table beside the authors' code; the paper has 219 M.
            ("mobilenet-v3-large", 5_483_032, 216_589_760, 217, 1e6, .toNearestOrEven),
            // The paper's 56 M are cut off, or leave out the squeeze-excites. The table beside the authors' code has
            // 66 M and 2.9 M parameters, which is not the paper's network (2.5 M parameters).
            ("mobilenet-v3-small", 2_542_856, 56_510_400, 56, 1e6, .down),
            ("mobilenet-v3-large-minimalistic", 3_924_288, 209_136_704, 209, 1e6, .toNearestOrEven),
            // The same table has 65 M and 2.0 M parameters.
            ("mobilenet-v3-small-minimalistic", 2_044_736, 52_288_448, 52_288_448, 1, .toNearestOrEven),
            ("mnasnet-a1", 3_887_038, 311_579_072, 312, 1e6, .toNearestOrEven),
            // The log beside the authors' code; the paper has 320 M.
            ("proxylessnas-mobile", 4_080_512, 320_427_584, 3204, 1e5, .toNearestOrEven),
            ("efficientnet-b0", 5_288_548, 385_814_752, 39, 1e7, .toNearestOrEven),
            // The authors give 407 M and 4.7 M parameters.
            ("efficientnet-lite0", 4_652_008, 385_187_552, 385_187_552, 1, .toNearestOrEven),
            ("single-path-nas", 4_421_616, 333_467_072, 333_467_072, 1, .toNearestOrEven),
        ] as [(String, Int, Int, Double, Double, FloatingPointRoundingRule)])
    func thePublishedFigures(
        name: String, parameters: Int, macs: Int, published: Double, unit: Double, rounding: FloatingPointRoundingRule
    ) throws {
        let network = try Architecture(contentsOf: ShippedFiles.reference(name)).network
        #expect(network.parameters == parameters)
        #expect(network.macs == macs)
        #expect((Double(network.macs) / unit).rounded(rounding) == published)
        #expect(network.input == FeatureShape(height: 224, width: 224, channels: 3) && network.classes == 1000)
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
            .filter { !(["/head", "/provenance"].contains($0.pointer) && $0.what == "null") }
        #expect(damages.count > 1500)
        for damage in damages {
            let found = invalidPlace { try Architecture(json: JSONNode(damage.document, path: "copy.json")) }
            #expect(
                found?.place == damage.pointer,
                "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
        }
    }

    /// MobileNetV3-Small has fractions, squeezes and every field that a network may leave out, EfficientNet-B0 the
    /// squeeze's activation, and MobileNetV1 no head and the projection's activation.
    @Test(arguments: ["mobilenet-v1", "mobilenet-v3-small", "efficientnet-b0"])
    func everyDamagedCopyOfANetworkGivenByHandIsRefusedAtTheDamage(name: String) throws {
        let file = try JSON(contentsOf: ShippedFiles.reference(name), what: "architecture")
        let optional = [
            "activation", "squeeze_activation", "se_activation", "projection_activation", "pooled_channels",
        ]
        let damages = file.damages(skipping: ["/space", "/provenance"]).filter { damage in
            // What is not what it was, but is still a network.
            switch damage.what {
            case "removed": !optional.contains { damage.pointer.hasSuffix("/\($0)") }
            case "null": damage.pointer != "/head"
            default: true
            }
        }
        #expect(damages.count > 700)
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

    @Test func aNetworkWithoutHeadClassifiesTheLastLayer() throws {
        let architecture = try byHand(replacing: "{\"output_channels\": 6}", with: "null")
        #expect(architecture.head == nil)
        let network = architecture.network
        #expect(network.layers.map(\.name) == ["stem", "one", "two", "classifier"])
        #expect(
            network.layers[3].key
                == "global_average_pool k1 s1 4x4x5->1x1x5, fully_connected k1 s1 1x1x5->1x1x2")
        #expect(network.layers[3].parameters == 5 * 2 + 2)
    }

    @Test func stemAndHeadMayHaveOtherActivationsAndAHiddenLayer() throws {
        let head = #"{"output_channels": 6, "activation": "hard_swish", "pooled_channels": 7}"#
        let network = try byHand(replacing: "{\"output_channels\": 6}", with: head).network
        #expect(network.layers[3].key == "convolution k1 s1 4x4x5->4x4x6 hard_swish")
        #expect(
            network.layers[4].key
                == "global_average_pool k1 s1 4x4x6->1x1x6, fully_connected k1 s1 1x1x6->1x1x7 hard_swish, "
                + "fully_connected k1 s1 1x1x7->1x1x2")
        #expect(network.layers[4].macs == 6 * 7 + 7 * 2)
        #expect(network.layers[4].parameters == 6 * 7 + 7 + 7 * 2 + 2)
        #expect(network.layers[4].choice == "pool, fully connected, fully connected")
        let swish = try byHand(replacing: "\"stride\": 2,", with: "\"stride\": 2, \"activation\": \"swish\",")
        #expect(swish.network.layers[0].key == "convolution k3 s2 8x8x3->4x4x4 swish")
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
        (
            "\"stride\": 2,", "\"stride\": 2, \"activation\": \"sigmoid\",",
            #"/stem/activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found "sigmoid""#
        ),
        (
            "{\"output_channels\": 6}", "{\"output_channels\": 6, \"activation\": null}",
            #"/head/activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found null"#
        ),
        (
            "{\"output_channels\": 6}", "{\"output_channels\": 6, \"pooled_channels\": 0}",
            "/head/pooled_channels: expected an integer from 1 to 65536, found 0"
        ),
        (
            "{\"output_channels\": 6}", "null, \"pooled_channels\": 8",
            "/pooled_channels: unknown field; known here: schema, name, space, input, stem, layers, head, classes, "
                + "provenance"
        ),
        ("{\"output_channels\": 6}", "6", "/head: expected an object, found 6"),
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
