import Architectures
import Files
import Testing
import TestSupport

@Suite("Choices of kernel and expansion together")
struct CoupledChoicesTests {
    /// A space of two layers with these choices, the first of which may not be skipped.
    private static func space(_ choices: String) throws -> SearchSpace {
        let text = """
            {"schema": "onepath.space/1", "name": "coupled", "description": "",
             "input": {"height": 8, "width": 8, "channels": 2}, "stem": {"kernel": 3, "stride": 1, "output_channels": 4},
             "stages": [{"name": "a", "layers": 2, "output_channels": 6, "stride": 1, "choices": \(choices)}],
             "head": {"output_channels": 6}, "classes": 2}
            """
        return try SearchSpace(json: JSONNode(JSON(parsing: text, path: "x"), path: "x"))
    }

    private static let blocks = """
        {"blocks": [{"kernel": 3, "expansion": 1}, {"kernel": 3, "expansion": 3}, {"kernel": 5, "expansion": 6}], "skip": true}
        """

    @Test("are one axis, beside the skip")
    func axis() throws {
        let layers = try Self.space(Self.blocks).searchableLayers
        let sizes = [BlockSize(kernel: 3, expansion: 1), BlockSize(kernel: 3, expansion: 3), BlockSize(kernel: 5, expansion: 6)]
        #expect(layers.map(\.axes) == [[.block(sizes)], [.block(sizes), .skip]])
        #expect(layers[0].choices.map(layers[0].text) == ["3x3 e1", "3x3 e3", "5x5 e6"])
        #expect(layers[1].choices.map(layers[1].text) == ["skip", "3x3 e1", "3x3 e3", "5x5 e6"])
        #expect(layers[1].choices == [LayerChoice([0, 0]), LayerChoice([0, 1]), LayerChoice([1, 1]), LayerChoice([2, 1])])
        #expect(layers[1].parts.map(\.name) == ["kernel_3_expansion_3", "kernel_5_expansion_6", "expansion_1"])
        #expect(layers[1].parts.map(\.text) == ["kernel 3 expansion 3", "kernel 5 expansion 6", "expansion 1"])
        #expect(layers[1].parts.map(\.axis) == [0, 0, 1] && layers[1].parts.map(\.option) == [1, 2, 1])
        #expect(layers[0].smallestSize == sizes[0] && layers[0].largestSize == sizes[2])
        #expect(layers[0].choice(of: BlockSize(kernel: 5, expansion: 3)) == nil)
    }

    @Test("read back what they write, as files and as architectures")
    func roundTrip() throws {
        let space = try Self.space(Self.blocks)
        let text = space.json.text(pretty: true)
        #expect(text.contains("blocks") && !text.contains("kernels"))
        #expect(try SearchSpace(json: JSONNode(JSON(parsing: text, path: "x"), path: "x")) == space)
        let schema = try JSONSchema(contentsOf: ShippedFiles.schema("space"))
        #expect(try schema.violations(of: space.json) == [])
        for first in space.searchableLayers[0].choices {
            for second in space.searchableLayers[1].choices {
                let architecture = try space.architecture(name: "x", choices: [first, second])
                #expect(try space.choices(of: architecture) == [first, second])
            }
        }
        #expect(space.largest.choices == ["5x5 e6", "5x5 e6"] && space.smallest.choices == ["3x3 e1", "skip"])
        #expect(space.uniformArchitectures.map(\.name) == ["3x3 e1 everywhere", "3x3 e3 everywhere", "5x5 e6 everywhere"])
    }

    @Test("are in any order, and those that are every kernel with every expansion are axes of their own")
    func orders() throws {
        let reversed = """
            {"blocks": [{"kernel": 5, "expansion": 6}, {"kernel": 3, "expansion": 3}, {"kernel": 3, "expansion": 1}], "skip": true}
            """
        #expect(try Self.space(reversed) == Self.space(Self.blocks))
        let product = """
            {"blocks": [{"kernel": 3, "expansion": 3}, {"kernel": 5, "expansion": 3}, {"kernel": 5, "expansion": 6},
                        {"kernel": 3, "expansion": 6}], "skip": true}
            """
        #expect(try Self.space(product) == Self.space(#"{"kernels": [3, 5], "expansions": [3, 6], "skip": true}"#))
        let one = try Self.space(#"{"blocks": [{"kernel": 5, "expansion": 2}], "skip": false}"#)
        #expect(one.searchableLayers[1].choices.map(one.searchableLayers[1].text) == ["5x5 e2"])
        #expect(one.searchableLayers[1].parts.isEmpty)
    }

    @Test("that cannot be are refused with what was found", arguments: [
        (
            #"{"blocks": [{"kernel": 3, "expansion": 6}, {"kernel": 5, "expansion": 3}], "skip": true}"#,
            "/blocks: expected blocks of which each has at least the kernel and the expansion of the one before, or every "
                + "kernel with every expansion, found 3x3 e6, 5x5 e3: smaller blocks are searched as nested parts of larger ones"
        ),
        (
            #"{"blocks": [{"kernel": 3, "expansion": 3}, {"kernel": 3, "expansion": 3}], "skip": true}"#,
            "/blocks: expected different blocks, found one of them twice"
        ),
        (#"{"blocks": [], "skip": true}"#, "/blocks: expected at least one block, found an empty array"),
        (
            #"{"blocks": [{"kernel": 3, "expansion": 3}], "kernels": [3, 5], "skip": true}"#,
            #": expected either "blocks" or "kernels" and "expansions", found "blocks" and "kernels""#
        ),
        (
            #"{"blocks": [{"kernel": 3, "expansion": 3}], "expansions": [3], "skip": true}"#,
            #": expected either "blocks" or "kernels" and "expansions", found "blocks" and "expansions""#
        ),
        (
            #"{"blocks": [{"kernel": 4, "expansion": 3}], "skip": true}"#,
            "/blocks/0/kernel: expected an odd integer from 1 to 31, found 4"
        ),
        (
            #"{"blocks": [{"kernel": 3, "expansion": 0}], "skip": true}"#,
            "/blocks/0/expansion: expected an integer from 1 to 32, found 0"
        ),
        (#"{"blocks": [{"kernel": 3}], "skip": true}"#, #"/blocks/0/expansion: missing field "expansion""#),
        (#"{"blocks": [{"kernel": 3, "expansion": 3}]}"#, #"/skip: missing field "skip""#),
        (#"{"skip": true}"#, #"/kernels: missing field "kernels""#),
    ])
    func refused(choices: String, message: String) {
        #expect(invalidPlace { try Self.space(choices) }?.sentence == "x: /stages/0/choices" + message)
    }

    @Test("damaged are refused at the damage, by the reader and by the schema")
    func damaged() throws {
        let document = try Self.space(Self.blocks).json
        let schema = try JSONSchema(contentsOf: ShippedFiles.schema("space"))
        let choices = "/stages/0/choices"
        var count = 0
        for damage in document.damages() where damage.pointer.hasPrefix(choices + "/") {
            count += 1
            let found = invalidPlace { try SearchSpace(json: JSONNode(damage.document, path: "copy.json")) }
            // Without its blocks a layer has to have the other lists.
            let place = damage.what == "removed" && damage.pointer == choices + "/blocks" ? choices + "/kernels" : damage.pointer
            #expect(found?.place == place, "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
            #expect(try !schema.violations(of: damage.document).isEmpty, "\(damage.what) at \(damage.pointer)")
        }
        #expect(count > 40)
    }

    @Test("the choices of axes of their own begin with the skip, and then the first axis runs fastest")
    func order() throws {
        let layers = try Self.space(#"{"kernels": [3, 5], "expansions": [1, 3, 6], "skip": true}"#).searchableLayers
        #expect(layers[1].axes == [.kernel([3, 5]), .skip, .expansion([1, 3, 6])])
        #expect(
            layers[1].choices.map(layers[1].text)
                == ["skip", "3x3 e1", "5x5 e1", "3x3 e3", "5x5 e3", "3x3 e6", "5x5 e6"])
        #expect(layers[1].choices.prefix(3) == [LayerChoice([0, 0, 0]), LayerChoice([0, 1, 0]), LayerChoice([1, 1, 0])])
        #expect(layers[1].indexVectors.count == 12 && layers[1].indexVectors.prefix(3) == [
            LayerChoice([0, 0, 0]), LayerChoice([1, 0, 0]), LayerChoice([0, 1, 0]),
        ])
        #expect(layers[1].parts.map(\.name) == ["kernel_5", "expansion_1", "expansion_3", "expansion_6"])
        #expect(layers[0].parts.map(\.name) == ["kernel_5", "expansion_3", "expansion_6"])
        #expect(layers[0].choices.map(layers[0].text) == ["3x3 e1", "5x5 e1", "3x3 e3", "5x5 e3", "3x3 e6", "5x5 e6"])
        #expect(layers[1].smallest == LayerChoice([0, 0, 0]) && layers[1].largest == LayerChoice([1, 1, 2]))
        #expect(layers[1].choice(of: BlockSize(kernel: 5, expansion: 3)) == LayerChoice([1, 1, 1]))
        #expect(LayerChoice([1, 1, 2])[2] == 2 && LayerChoice([1])[3] == 0)
    }
}
