import Architectures
import Testing
import TestSupport

@Suite("Layers that are skipped")
struct SkipOrderTests {
    /// For each layer, "-" where a network skips it, else the place of its choice.
    private func text(_ network: [LayerChoice], of layers: [SearchSpace.Layer]) -> String {
        zip(layers, network).map { $0.size(of: $1) == nil ? "-" : "\($0.choices.firstIndex(of: $1) ?? -1)" }.joined()
    }

    private func network(_ text: String, of layers: [SearchSpace.Layer]) throws -> [LayerChoice] {
        try zip(layers, text).map { layer, digit in
            digit == "-" ? layer.smallest : layer.choices[try #require(digit.wholeNumberValue)]
        }
    }

    @Test("are the last of those that are interchangeable; the others keep their order", arguments: [
        ("1-2", "12-"), ("--2", "2--"), ("-12", "12-"), ("2-1", "21-"), ("212", "212"), ("---", "---"),
    ])
    func order(given: String, expected: String) throws {
        // The first layer of the stage has another width before it, and may not be skipped.
        let layers = try Spaces.space(
            "long", side: 8, stem: 4, stages: [Spaces.stage("s", layers: 4, channels: 6, stride: 2, blocks: [(3, 3), (5, 6)])],
            head: 4, classes: 2).searchableLayers
        #expect(text(SkipOrder(layers).ordered(try network("1" + given, of: layers)), of: layers) == "1" + expected)
    }

    @Test("stay where the layers around them are of another shape, offer other choices, or do not follow directly")
    func boundaries() throws {
        let blocks = [(3, 3), (5, 6)]
        let layers = try Spaces.space(
            "parts", side: 8, stem: 4,
            stages: [
                Spaces.stage("a", layers: 1, channels: 4, stride: 1, blocks: blocks), Spaces.fixed("b", channels: 4, expansion: 2),
                Spaces.stage("c", layers: 1, channels: 4, stride: 1, blocks: blocks),
                Spaces.stage("d", layers: 1, channels: 4, stride: 1, blocks: [(3, 3), (5, 4)]),
                Spaces.stage("e", layers: 1, channels: 4, stride: 1, blocks: [(3, 3), (5, 4)]),
                Spaces.stage("f", layers: 2, channels: 4, stride: 2, blocks: [(3, 3), (5, 4)]),
            ], head: 4, classes: 2).searchableLayers
        #expect(layers.map(\.name) == ["a.1", "c.1", "d.1", "e.1", "f.1", "f.2"])
        #expect(layers.map(\.maySkip) == [true, true, true, true, false, true])
        // Only d.1 and e.1 are of one kind and direct neighbours.
        #expect(text(SkipOrder(layers).ordered(try network("---11-", of: layers)), of: layers) == "--1-1-")
        #expect(text(SkipOrder(layers).ordered(try network("-1-211", of: layers)), of: layers) == "-12-11")
    }
}
