import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Memory footprint")
struct MemoryFootprintTests {
    private static let image = FeatureShape(height: 16, width: 16, channels: 3)
    private static let map = FeatureShape(height: 8, width: 8, channels: 4)

    /// A stem, a block of hidden width 8 and squeezed width 2 on a map of 8x8x4, and a classifier.
    private static func network(seRatio: Double, residual: Bool) -> Network {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 2, inputChannels: 4, outputChannels: 4),
            squeezeExcite: seRatio > 0 ? SqueezeExcite(ratio: seRatio) : nil, residual: residual)
        return Network(
            name: "small", space: nil, input: image, classes: 10,
            layers: [
                Network.Layer(
                    name: "stem", input: image,
                    content: .operators([
                        .convolution(kernel: 3, stride: 2, input: image, outputChannels: 4, activation: .relu)
                    ]), isSearchable: false),
                Network.Layer(name: "block", input: map, content: .block(block), isSearchable: false),
                Network.Layer(
                    name: "classifier", input: map,
                    content: .operators([
                        .globalAveragePool(input: map),
                        .fullyConnected(inputChannels: 4, outputChannels: 10, activation: .none),
                    ]), isSearchable: false),
            ])
    }

    /// In values of 8 · 8 pixels: the stem takes 12 + 4 values a pixel; within the block a map takes 4, a hidden map 8.
    @Test("the arena is the worst moment, counted by hand", arguments: [
        // The multiplication reads the map that the squeeze-excite weighs and its 8 factors, and writes another, while
        // the block's input waits for the addition.
        (0.5, true, (8 + 8 + 4) * 64 + 8),
        (0.5, false, (8 + 8) * 64 + 8),
        // The depthwise convolution reads and writes a hidden map.
        (0, true, (8 + 8 + 4) * 64),
        (0, false, (8 + 8) * 64),
    ])
    func arena(seRatio: Double, residual: Bool, values: Int) {
        let network = Self.network(seRatio: seRatio, residual: residual)
        #expect(MemoryFootprint(network, type: .float32).arenaBytes == 4 * values)
    }

    @Test("weights count with their folded biases")
    func weights() {
        let products = (9 * 3 + 1) * 4 + (4 + 1) * 8 + (9 + 1) * 8 + (8 + 1) * 4 + (4 + 1) * 10
        let squeeze = (8 + 1) * 2 + (2 + 1) * 8
        let plain = MemoryFootprint(Self.network(seRatio: 0, residual: true), type: .float32)
        let squeezed = MemoryFootprint(Self.network(seRatio: 0.5, residual: true), type: .float32)
        #expect(plain.weightBytes == 4 * products)
        #expect(squeezed.weightBytes == 4 * (products + squeeze))
        #expect(squeezed.peakBytes == squeezed.weightBytes + squeezed.arenaBytes)
    }

    @Test("a skipped layer needs none")
    func skip() {
        let layer = Network.Layer(name: "x", input: Self.map, content: .skip, isSearchable: true)
        let network = Network(name: "x", space: nil, input: Self.map, classes: 256, layers: [layer])
        #expect(MemoryFootprint(network, type: .float32).peakBytes == 0)
    }

    @Test("in int8 a network takes a quarter of the bytes, but its biases keep their four")
    func int8() throws {
        let network = try Architecture.reference("mobilenet-v3-large").network
        let wide = CostModel(device: try .shipped("pixel4-tflite-2018")).estimate(network)
        let narrow = CostModel(
            device: try DeviceProfile(copy: DeviceProfile.document("pixel4-tflite-2018").inInt8())
        ).estimate(network)
        #expect(wide.memory == MemoryFootprint(network, type: .float32))
        #expect(wide.memory.arenaBytes == 4 * narrow.memory.arenaBytes)
        let biases = network.layers.flatMap(\.operators).reduce(0) {
            $0 + ($1.epilogue.hasBias || $1.epilogue.hasNormalization ? $1.output.channels : 0)
        }
        #expect(biases > 0 && narrow.memory.weightBytes == (wide.memory.weightBytes - 4 * biases) / 4 + 4 * biases)
        for (wide, narrow) in zip(wide.layers, narrow.layers) {
            #expect(narrow.latencyMs < wide.latencyMs)
            #expect(4 * narrow.l2Bytes == wide.l2Bytes && narrow.memoryBytes < wide.memoryBytes)
        }
    }
}
