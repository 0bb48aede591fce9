import Architectures
import Files
import Testing
import TestSupport

@Suite struct BlockTests {
    private let input = FeatureShape(height: 5, width: 7, channels: 4)

    @Test func expandsConvolvesProjectsAndAdds() {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 6, inputChannels: 4, outputChannels: 4),
            residual: true)
        let steps = block.operators(input: input)
        #expect(steps.map(\.kind) == [.convolution, .depthwiseConvolution, .convolution, .add])
        #expect(steps.map(\.activation) == [.relu, .relu, .none, .none])
        #expect(steps.map(\.macs) == [35 * 4 * 24, 35 * 9 * 24, 35 * 24 * 4, 0])
        #expect(steps.map(\.parameters) == [96 + 48, 216 + 48, 96 + 8, 0])
        #expect(block.shape.hiddenChannels == 24)
        #expect(block.output(for: input) == input)
        #expect(block.key(input: input) == "block k3 s1 e6 5x7x4->5x7x4 residual")
    }

    @Test func aFixedBlockOfExpansionOneHasNoExpansionConvolution() {
        let block = Block(
            shape: .init(kernel: 5, stride: 2, expansion: 1, inputChannels: 4, outputChannels: 3),
            residual: false, expandConvolution: false)
        let steps = block.operators(input: input)
        #expect(steps.map(\.kind) == [.depthwiseConvolution, .convolution])
        #expect(steps.map(\.macs) == [12 * 25 * 4, 12 * 4 * 3])
        #expect(block.output(for: input) == FeatureShape(height: 3, width: 4, channels: 3))
    }

    @Test func squeezeExciteIsPoolTwoProductsAndMultiply() {
        let block = Block(
            shape: .init(kernel: 3, stride: 2, expansion: 3, inputChannels: 4, outputChannels: 6),
            squeezeExcite: SqueezeExcite(ratio: 0.6), residual: false)
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

    /// The block of MobileNetV3-Large from 80 to 80 channels over 184, and its squeeze over 120 of 480.
    @Test func expansionsAndSqueezesMayBeFractionsAndAboveOne() {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 2.3, inputChannels: 80, outputChannels: 80),
            squeezeExcite: SqueezeExcite(ratio: 1.5), residual: true)
        #expect(block.shape.hiddenChannels == 184)
        #expect(block.squeezedChannels == 120)
        let map = FeatureShape(height: 14, width: 14, channels: 80)
        let steps = block.operators(input: map)
        #expect(steps[0].output.channels == 184 && steps[1].macs == 14 * 14 * 9 * 184)
        #expect(steps[3].macs == 184 * 120 && steps[4].macs == 120 * 184)
        #expect(block.key(input: map) == "block k3 s1 e2.3 14x14x80->14x14x80 se1.5 residual")
        #expect(block.summary == "3x3 e2.3 se1.5")
        let rounded = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 3.6667, inputChannels: 24, outputChannels: 24),
            residual: true)
        #expect(rounded.shape.hiddenChannels == 88)
        let narrow = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 0.125, inputChannels: 1, outputChannels: 1),
            residual: true)
        #expect(narrow.shape.hiddenChannels == 1)
    }

    @Test func activationsFollowTheOperatorsThatTheyAreNamedAfter() {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 3, inputChannels: 4, outputChannels: 4),
            squeezeExcite: SqueezeExcite(ratio: 0.5, activation: .swish, gate: .hardSigmoid), residual: true,
            activation: .hardSwish, projectionActivation: .relu)
        let steps = block.operators(input: input)
        #expect(
            steps.map(\.activation) == [.hardSwish, .hardSwish, .none, .swish, .hardSigmoid, .none, .relu, .none])
        #expect(
            block.key(input: input)
                == "block k3 s1 e3 5x7x4->5x7x4 se0.5 residual activation=hard_swish squeeze_activation=swish "
                + "se_activation=hard_sigmoid projection_activation=relu")
    }

    @Test func aDepthwiseSeparableConvolutionIsABlockWithoutExpansion() {
        let block = Block(
            shape: .init(kernel: 3, stride: 2, expansion: 1, inputChannels: 4, outputChannels: 8),
            residual: false, expandConvolution: false, projectionActivation: .relu)
        let steps = block.operators(input: input)
        #expect(steps.map(\.kind) == [.depthwiseConvolution, .convolution])
        #expect(steps.map(\.activation) == [.relu, .relu])
    }

    /// A residual block of expansion 6, changed.
    private static func residual(_ change: (inout Block) -> Void) -> Block {
        var block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 6, inputChannels: 4, outputChannels: 4), residual: true)
        change(&block)
        return block
    }

    @Test func aBlockThatCannotBeStopsTheProgramHoweverItIsMade() async {
        await #expect(processExitsWith: .failure) {
            _ = Block(
                shape: .init(kernel: 3, stride: 2, expansion: 6, inputChannels: 4, outputChannels: 4), residual: true)
        }
        await #expect(processExitsWith: .failure) { _ = BlockTests.residual { $0.shape.stride = 2 } }
        await #expect(processExitsWith: .failure) { _ = BlockTests.residual { $0.shape.outputChannels = 5 } }
        await #expect(processExitsWith: .failure) { _ = BlockTests.residual { $0.shape.expansion = 0 } }
        await #expect(processExitsWith: .failure) { _ = BlockTests.residual { $0.expandConvolution = false } }
        await #expect(processExitsWith: .failure) { _ = SqueezeExcite(ratio: 0) }
        await #expect(processExitsWith: .failure) {
            _ = BlockTests.residual {
                $0.squeezeExcite = SqueezeExcite(ratio: 0.25)
                $0.squeezeExcite?.ratio = -1
            }
        }
        await #expect(processExitsWith: .success) {
            _ = BlockTests.residual {
                $0.residual = false
                $0.shape.stride = 2
                $0.shape.expansion = 1
                $0.expandConvolution = false
                $0.squeezeExcite = SqueezeExcite(ratio: 0.25)
            }
        }
    }

    @Test func whatIsUsualIsNotWritten() {
        let usual = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 6, inputChannels: 4, outputChannels: 4),
            squeezeExcite: SqueezeExcite(ratio: 0.25), residual: true)
        #expect(
            usual.json.text(pretty: false)
                == #"{"kernel": 3, "stride": 1, "expansion": 6, "input_channels": 4, "output_channels": 4, "#
                + #""se_ratio": 0.25, "residual": true, "expand_convolution": true}"#)
        var unusual = usual
        unusual.shape.expansion = 4.5
        unusual.activation = .swish
        unusual.squeezeExcite?.gate = .hardSigmoid
        #expect(
            unusual.json.text(pretty: false)
                == #"{"kernel": 3, "stride": 1, "expansion": 4.5, "input_channels": 4, "output_channels": 4, "#
                + #""se_ratio": 0.25, "residual": true, "expand_convolution": true, "activation": "swish", "#
                + #""se_activation": "hard_sigmoid"}"#)
    }

    @Test func theSqueezeIsAtLeastOneChannelWide() {
        let block = Block(
            shape: .init(kernel: 3, stride: 2, expansion: 3, inputChannels: 4, outputChannels: 6),
            squeezeExcite: SqueezeExcite(ratio: 0.01), residual: false)
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
            (["expansion": 0], "/expansion: expected a number from 0.125 to 32, found 0"),
            (["expansion": -4.5], "/expansion: expected a number from 0.125 to 32, found -4.5"),
            (["expansion": 32.5], "/expansion: expected a number from 0.125 to 32, found 32.5"),
            (["expansion": 3.0], "/expansion: expected 3, found 3.0"),
            (["se_ratio": 8.5], "/se_ratio: expected a number from 0 to 8, found 8.5"),
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
            (
                ["expansion": 4.5, "expand_convolution": false],
                "/expand_convolution: expected true, for a block of expansion 4.5, found false"
            ),
            (
                ["activation": "sigmoid"],
                #"/activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found "sigmoid""#
            ),
            (["activation": 1], #"/activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found 1"#),
            (
                ["projection_activation": "ReLU"],
                #"/projection_activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found "ReLU""#
            ),
            (
                ["se_ratio": 1, "se_activation": "relu"],
                #"/se_activation: expected one of "sigmoid", "hard_sigmoid", found "relu""#
            ),
            (
                ["se_ratio": 1, "squeeze_activation": nil],
                #"/squeeze_activation: expected one of "none", "relu", "relu6", "swish", "hard_swish", found null"#
            ),
            (
                ["se_activation": "hard_sigmoid"],
                "/se_activation: unknown field; known here: kernel, stride, expansion, input_channels, "
                    + "output_channels, se_ratio, residual, expand_convolution, activation, projection_activation"
            ),
        ] as [(JSON, String)])
    func refusesImpossibleBlocks(change: JSON, message: String) {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 1, inputChannels: 4, outputChannels: 4),
            residual: false)
        guard case .object(var members) = block.json, case .object(let changes) = change else { return }
        members.removeAll { member in changes.contains { $0.key == member.key } }
        members += changes
        let found = invalidPlace { try JSONNode(.object(members), path: "x").object { try Block(json: &$0) } }
        #expect(found?.sentence == "x: " + message)
    }

    private static let variants: [Block] = {
        var blocks: [Block] = []
        for kernel in [1, 3, 7] {
            for stride in [1, 2] {
                for expansion in [1.0, 4, 4.5] {
                    for outputChannels in [4, 9] {
                        for squeezeExcite in [nil, SqueezeExcite(ratio: 0.25), SqueezeExcite(ratio: 1.0 / 3)] {
                            for residual in [false, true] where !residual || (stride == 1 && outputChannels == 4) {
                                for expand in [true, false] where expand || expansion == 1 {
                                    blocks.append(
                                        Block(
                                            shape: .init(
                                                kernel: kernel, stride: stride, expansion: expansion,
                                                inputChannels: 4, outputChannels: outputChannels),
                                            squeezeExcite: squeezeExcite, residual: residual,
                                            expandConvolution: expand))
                                }
                            }
                        }
                    }
                }
            }
        }
        return blocks + blocks.filter { $0.shape.kernel == 3 }.flatMap(unusual)
    }()

    /// The block with each of the activations that its file may name, one at a time.
    private static func unusual(_ block: Block) -> [Block] {
        var blocks: [Block] = []
        func add(_ path: WritableKeyPath<Block, Activation>, _ activations: [Activation]) {
            for activation in activations {
                var changed = block
                changed[keyPath: path] = activation
                blocks.append(changed)
            }
        }
        add(\.activation, [.none, .swish, .hardSwish])
        add(\.projectionActivation, [.relu, .swish, .hardSwish])
        if block.squeezeExcite != nil {
            func add(_ path: WritableKeyPath<SqueezeExcite, Activation>, _ activations: [Activation]) {
                for activation in activations {
                    var changed = block
                    changed.squeezeExcite?[keyPath: path] = activation
                    blocks.append(changed)
                }
            }
            add(\.activation, [.none, .swish, .hardSwish])
            add(\.gate, [.hardSigmoid])
        }
        return blocks
    }
}
