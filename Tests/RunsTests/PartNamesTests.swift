import Architectures
import Runs
import Testing
import TestSupport

@Suite("The names of a layer's parts")
struct PartNamesTests {
    @Test("tell which part is there whenever the layer is", arguments: ["nas-bench-macro", "single-path-mobile", "fashion-mnist"])
    func presence(space: String) throws {
        let layers = try SearchSpace(contentsOf: ShippedFiles.space(space)).searchableLayers
        for layer in layers where layer.maySkip {
            let parts = layer.parts, skip = try #require(layer.axes.firstIndex(of: .skip))
            let expected = parts.firstIndex { $0.axis == skip }
            #expect(PartNames.presence(among: parts.map(\.name)) == expected, "\(parts.map(\.name))")
        }
        #expect(layers.contains { $0.maySkip })
    }

    @Test("tell the axis")
    func axes() {
        #expect(["kernel_5", "expansion_6", "block_5x5_e6"].map(PartNames.axis) == ["kernel", "expansion", "block"])
        // The smallest block has the smallest expansion, and of two the smaller kernel.
        #expect(PartNames.presence(among: ["block_7x7_e3", "block_3x3_e6", "block_5x5_e3"]) == 2)
        #expect(PartNames.presence(among: ["kernel_5"]) == nil)
    }
}
