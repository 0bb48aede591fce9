import Architectures
import Files
import Testing
import TestSupport

@Suite("Keys of layers")
struct LayerKeyTests {
    @Test("of everything that ships are read back to layers of the same work")
    func shipped() throws {
        var networks = try ShippedFiles.references().map { try Architecture(contentsOf: $0).network }
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            networks += [space.smallest, space.largest].map(\.network)
            networks += space.randomArchitectures(20, seed: 1).map(\.network)
        }
        var kinds: Set<String> = []
        for layer in networks.flatMap(\.layers) {
            let read = try #require(Network.Layer(key: layer.key), "\(layer.key)")
            #expect(read.key == layer.key && read.input == layer.input && read.output == layer.output)
            #expect(read.operators.map(\.key) == layer.operators.map(\.key) && read.macs == layer.macs)
            kinds.insert(String(layer.key.prefix { $0 != " " }))
        }
        #expect(kinds.isSuperset(of: ["block", "skip", "convolution", "global_average_pool"]))
    }

    @Test("of imported networks are keys too", arguments: [
        "grouped_convolution k3 s1 8x8x6->8x8x9 groups3 relu", "convolution k1x7 s1 8x8x6->8x8x9", "max_pool k3 s2x1 9x9x4->5x9x4",
        "average_pool k2 s2 8x8x4->4x4x4", "concatenate k1 s1 8x8x6->8x8x6", "normalize k1 s1 8x8x6->8x8x6 relu",
        "activate k1 s1 8x8x6->8x8x6", "elementwise k1 s1 8x8x6->8x8x6 with6", "memory_move k1 s1 8x8x6->6x8x8",
        "depthwise_convolution k3 s2 9x9x4->4x4x4 relu",
    ])
    func imported(key: String) throws {
        #expect(try #require(Network.Layer(key: key)).key == key)
    }

    @Test("that no layer can have are none", arguments: [
        "", " ", "skip", "skip 1x1", "skip 0x1x1", "skip 1x1x1 ", "skip 01x1x1", "skip +1x1x1", "block", "block k3",
        "block k3 s1 e6 56x56x24->28x28x24", "block k3 s1 e6 56x56x24->56x56x25 residual",
        "block k3 s1 e6 56x56x24->56x56x24 residual residual", "block k3 s1 e6 56x56x24->56x56x24 unexpanded",
        "block k3 s1 e6.0 56x56x24->56x56x24", "block k3 s1 e06 56x56x24->56x56x24", "block k33 s1 e6 56x56x24->56x56x24",
        "block k3 s1 e6 8192x8192x64->8192x8192x64", "block k3 s1 e6 56x56x24->56x56x24 se_activation=sigmoid",
        "block k3 s1 e6 56x56x24->56x56x24 se0.25 se_activation=relu", "block k3 s1 enan 56x56x24->56x56x24",
        "convolution k3 s1 8x8x6->8x8x9 groups3", "grouped_convolution k3 s1 8x8x6->8x8x9 groups0",
        "grouped_convolution k3 s1 8x8x6->8x8x9 groups4", "convolution k99999999999999999999 s1 8x8x6->8x8x9",
        "global_average_pool k1 s1 7x7x8->1x1x9", "global_average_pool k1 s1 7x7x8->1x1x8, fully_connected k1 s1 1x1x9->1x1x5",
        "fully_connected k1 s1 2x1x8->1x1x9", "add k1 s1 7x7x8->7x7x9", "add k1 s1 7x7x8->7x7x8,", "add k1 s1 7x7x8->7x7x8, ",
        "teleport k1 s1 7x7x8->7x7x8",
    ])
    func impossible(key: String) {
        #expect(Network.Layer(key: key) == nil)
    }

    @Test("with one character changed, added or left out are none, or of other work")
    func mutated() throws {
        let keys = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile")).largest.network.layers.map(\.key)
        var random = SeededRandom(seed: 5)
        let letters = Array(" ,->=._x0123456789abcdefklmnoprstuw")
        for _ in 0..<10_000 {
            let key = random.element(of: keys)
            var text = Array(key)
            let at = random.below(text.count)
            switch random.below(3) {
            case 0: text[at] = random.element(of: letters)
            case 1: text.insert(random.element(of: letters), at: at)
            default: text.remove(at: at)
            }
            let changed = String(text)
            if let layer = Network.Layer(key: changed) { #expect(layer.key == changed) }
        }
    }
}
