import Architectures
import JSONDocuments
import TestSupport
import Testing

@Suite struct BlockTests {
    private let input = FeatureShape(height: 5, width: 7, channels: 4)

    @Test func expandsConvolvesProjectsAndAdds() {
        let block = Block(kernel: 3, stride: 1, expansion: 6, inputChannels: 4, outputChannels: 4, residual: true)
        let steps = block.operators(input: input)
        #expect(steps.map(\.kind) == [.convolution, .depthwiseConvolution, .convolution, .add])
        #expect(steps.map(\.activation) == [.relu, .relu, .none, .none])
        #expect(steps.map(\.macs) == [35 * 4 * 24, 35 * 9 * 24, 35 * 24 * 4, 0])
        #expect(steps.map(\.parameters) == [96 + 48, 216 + 48, 96 + 8, 0])
        #expect(block.hiddenChannels == 24)
        #expect(block.output(for: input) == input)
        #expect(block.key(input: input) == "block k3 s1 e6 5x7x4->5x7x4 residual")
    }

    @Test func aFixedBlockOfExpansionOneHasNoExpansionConvolution() {
        let block = Block(
            kernel: 5, stride: 2, expansion: 1, inputChannels: 4, outputChannels: 3, residual: false,
            expandConvolution: false)
        let steps = block.operators(input: input)
        #expect(steps.map(\.kind) == [.depthwiseConvolution, .convolution])
        #expect(steps.map(\.macs) == [12 * 25 * 4, 12 * 4 * 3])
        #expect(block.output(for: input) == FeatureShape(height: 3, width: 4, channels: 3))
    }

    @Test func squeezeExciteIsPoolTwoProductsAndMultiply() {
        let block = Block(
            kernel: 3, stride: 2, expansion: 3, inputChannels: 4, outputChannels: 6, seRatio: 0.6, residual: false)
        let steps = block.operators(input: input)
        #expect(
            steps.map(\.kind) == [
                .convolution, .depthwiseConvolution, .globalAveragePool, .fullyConnected, .fullyConnected, .multiply,
                .convolution,
            ])
        #expect(block.squeezedChannels == 2)  // 0.6 * 4 = 2.4
        #expect(steps[3].activation == .relu && steps[4].activation == .sigmoid)
        #expect(steps[3].parameters == 12 * 2 + 2 && steps[4].parameters == 2 * 12 + 12)
        #expect(steps[2].input == FeatureShape(height: 3, width: 4, channels: 12))
        #expect(steps[5].output == steps[1].output && steps[6].input == steps[5].output)
    }

    @Test func theSqueezeIsAtLeastOneChannelWide() {
        let block = Block(
            kernel: 3, stride: 2, expansion: 3, inputChannels: 4, outputChannels: 6, seRatio: 0.01, residual: false)
        #expect(block.squeezedChannels == 1)
    }

    @Test func everyStepReadsWhatTheOneBeforeWrites() {
        for block in Self.variants {
            let steps = block.operators(input: input)
            let maps = steps.filter { $0.kind != .globalAveragePool && $0.kind != .fullyConnected }
            #expect(maps.first?.input == input)
            for (step, next) in zip(maps, maps.dropFirst()) { #expect(step.output == next.input) }
            #expect(maps.last?.output == block.output(for: input))
        }
    }

    @Test func differentBlocksHaveDifferentKeys() {
        let keys = Self.variants.map { $0.key(input: input) }
        #expect(Set(keys).count == Set(Self.variants).count)
        let block = Self.variants[0]
        let wider = FeatureShape(height: 5, width: 8, channels: 4)
        #expect(block.key(input: input) != block.key(input: wider))
    }

    @Test func readsItsOwnJSON() throws {
        for block in Self.variants {
            let node = JSONNode(try JSON(parsing: block.json.text(pretty: true), path: "x"), path: "x")
            #expect(try node.object { try Block(json: &$0) } == block)
        }
    }

    @Test(
        arguments: [
            (["kernel": 4], "/kernel: expected an odd integer from 1 to 31, found 4"),
            (["kernel": 33], "/kernel: expected an odd integer from 1 to 31, found 33"),
            (["stride": 3], "/stride: expected an integer from 1 to 2, found 3"),
            (["expansion": 0], "/expansion: expected an integer from 1 to 32, found 0"),
            (["se_ratio": 1.5], "/se_ratio: expected a number from 0 to 1, found 1.5"),
            (
                ["stride": 2, "residual": true],
                "/residual: expected false, for a block of stride 2 from 4 to 4 channels, found true"
            ),
            (
                ["output_channels": 5, "residual": true],
                "/residual: expected false, for a block of stride 1 from 4 to 5 channels, found true"
            ),
            (
                ["expansion": 3, "expand_convolution": false],
                "/expand_convolution: expected true, for a block of expansion 3, found false"
            ),
        ] as [(JSON, String)])
    func refusesImpossibleBlocks(change: JSON, message: String) {
        let block = Block(kernel: 3, stride: 1, expansion: 1, inputChannels: 4, outputChannels: 4, residual: false)
        guard case .object(var members) = block.json, case .object(let changes) = change else { return }
        for index in members.indices {
            members[index].value = changes.first { $0.key == members[index].key }?.value ?? members[index].value
        }
        let found = invalidPlace { try JSONNode(.object(members), path: "x").object { try Block(json: &$0) } }
        #expect(found?.sentence == "x: " + message)
    }

    private static let variants: [Block] = {
        var blocks: [Block] = []
        for kernel in [1, 3, 7] {
            for stride in [1, 2] {
                for expansion in [1, 4] {
                    for outputChannels in [4, 9] {
                        for seRatio in [0, 0.25, 1.0 / 3] {
                            for residual in [false, true] where !residual || (stride == 1 && outputChannels == 4) {
                                for expand in [true, false] where expand || expansion == 1 {
                                    blocks.append(
                                        Block(
                                            kernel: kernel, stride: stride, expansion: expansion, inputChannels: 4,
                                            outputChannels: outputChannels, seRatio: seRatio, residual: residual,
                                            expandConvolution: expand))
                                }
                            }
                        }
                    }
                }
            }
        }
        return blocks
    }()
}
