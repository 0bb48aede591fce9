import Architectures
import Files
import Testing
import TestSupport

@Suite struct SearchSpaceTests {
    /// Two searchable stages with three kernels and four ratios, and a fixed one.
    static let wide: JSON = [
        "schema": "onepath.space/1", "name": "wide", "description": "",
        "input": ["height": 9, "width": 12, "channels": 2],
        "stem": ["kernel": 5, "stride": 2, "output_channels": 4],
        "stages": [
            [
                "name": "a", "layers": 2, "output_channels": 4, "stride": 1,
                "choices": ["kernels": [3, 5, 7], "expansions": [1, 2, 4, 6], "skip": true],
            ],
            [
                "name": "b", "layers": 2, "output_channels": 6, "stride": 2,
                "choices": ["kernels": [3, 5, 7], "expansions": [1, 2, 4, 6], "skip": false],
            ],
            ["name": "c", "layers": 1, "output_channels": 6, "stride": 1, "fixed": ["kernel": 3, "expansion": 2]],
        ],
        "head": ["output_channels": 10], "classes": 3,
    ]

    private func space(_ json: JSON) throws -> SearchSpace { try SearchSpace(json: JSONNode(json, path: "x.json")) }

    @Test func thePublishedSpace() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
        let layers = space.searchableLayers
        #expect(layers.count == 20)
        #expect(layers.map(\.output.channels) == [24, 40, 80, 96, 192].flatMap { Array(repeating: $0, count: 4) })
        #expect(layers.map(\.stride) == [2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1])
        #expect(layers.enumerated().allSatisfy { $1.maySkip == ($0 % 4 != 0) && $1.residual == ($0 % 4 != 0) })
        #expect(layers.allSatisfy {
            $0.axes == ($0.maySkip ? [.kernel([3, 5]), .skip, .expansion([3, 6])] : [.kernel([3, 5]), .expansion([3, 6])])
        })
        #expect(layers[1].name == "stage1.2")
        #expect(layers[0].input == FeatureShape(height: 112, width: 112, channels: 16))
        #expect(layers[19].output == FeatureShape(height: 7, width: 7, channels: 192))
        let network = space.largest.network
        #expect(network.layers.map(\.name).prefix(3) == ["stem", "first.1", "stage1.1"])
        #expect(network.layers.map(\.name).suffix(3) == ["last.1", "head", "classifier"])
        #expect(network.layers.filter(\.isSearchable).count == 20)
        #expect(network.layers.map(\.choice).prefix(3) == ["convolution 3x3/2", "fixed 3x3 e1", "5x5 e6"])
        #expect(
            network.layers.map(\.choice).suffix(3) == ["fixed 3x3 e6", "convolution 1x1", "pool, fully connected"])
        #expect(space.smallest.network.layers.filter { $0.choice == "skip" }.count == 15)
    }

    @Test func fashionMNIST() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        #expect(space.searchableLayers.count == 11)
        #expect(space.searchableLayers.filter(\.maySkip).count == 8)
        #expect(space.largest.network.layers.last?.output.channels == 10)
        #expect(space.searchableLayers.last?.output == FeatureShape(height: 4, width: 4, channels: 64))
    }

    @Test func anyKernelsAndRatios() throws {
        let space = try space(Self.wide)
        let layers = space.searchableLayers
        #expect(layers.map(\.name) == ["a.1", "a.2", "b.1", "b.2"])
        #expect(layers.map(\.maySkip) == [true, true, false, false])
        #expect(layers.map(\.residual) == [true, true, false, true])
        #expect(layers.map(\.choices.count) == [13, 13, 12, 12])
        #expect(layers[0].choices.prefix(3).map(layers[0].text) == ["skip", "3x3 e1", "5x5 e1"])
        #expect(layers[0].input == FeatureShape(height: 5, width: 6, channels: 4))
        #expect(layers[3].output == FeatureShape(height: 3, width: 3, channels: 6))
        // A searched layer keeps its expansion even at ratio 1.
        #expect(layers[0].block(BlockSize(kernel: 7, expansion: 1)).operators(input: layers[0].input).count == 4)
    }

    @Test func multiplyAccumulatesAndParametersCountedByHand() throws {
        let space = try space(Self.wide)
        let architecture = try space.architecture(
            name: "by hand",
            choices: space.choices([
                nil, BlockSize(kernel: 7, expansion: 1), BlockSize(kernel: 5, expansion: 2),
                BlockSize(kernel: 3, expansion: 4),
            ]))
        let layers = architecture.network.layers
        let macs = [
            30 * 50 * 4,  // stem: 5x6 outputs, 25 * 2 inputs each
            0,  // skip
            30 * (4 * 4 + 49 * 4 + 4 * 4),
            30 * 4 * 8 + 9 * (25 * 8 + 8 * 6),  // stride 2: 3x3 outputs
            9 * (6 * 24 + 9 * 24 + 24 * 6),
            9 * (6 * 12 + 9 * 12 + 12 * 6),
            9 * 6 * 10,
            10 * 3,
        ]
        #expect(layers.map(\.macs) == macs)
        #expect(architecture.network.macs == macs.reduce(0, +))
        let parameters = [
            200 + 8, 0, 16 + 8 + 196 + 8 + 16 + 8, 32 + 16 + 200 + 16 + 48 + 12, 144 + 48 + 216 + 48 + 144 + 12,
            72 + 24 + 108 + 24 + 72 + 12, 60 + 20, 33,
        ]
        #expect(layers.map(\.parameters) == parameters)
        #expect(architecture.network.parameters == parameters.reduce(0, +))
    }

    /// The totals that the README and the search report beside a result.
    @Test(arguments: [
        ("single-path-mobile", 525_305_600, 4_833_768, 117_233_600, 2_457_384),
        ("fashion-mnist", 10_104_136, 382_874, 2_464_036, 121_886),
    ])
    func largestAndSmallest(name: String, maxMACs: Int, maxParameters: Int, minMACs: Int, minParameters: Int) throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space(name))
        #expect(space.largest.network.macs == maxMACs)
        #expect(space.largest.network.parameters == maxParameters)
        #expect(space.smallest.network.macs == minMACs)
        #expect(space.smallest.network.parameters == minParameters)
    }

    @Test func noPointIsLargerThanTheLargestOrSmallerThanTheSmallest() throws {
        let spaces = try ShippedFiles.spaces().map { try SearchSpace(contentsOf: $0) } + [space(Self.wide)]
        for space in spaces {
            let range = space.smallest.network.macs...space.largest.network.macs
            for round in 0..<50 {
                let choices = space.choices(round: round)
                let network = try space.architecture(name: "\(round)", choices: choices).network
                #expect(range.contains(network.macs))
                #expect(network.layers.filter(\.isSearchable).map(\.choice) == zip(space.searchableLayers, choices).map { $0.text(of: $1) })
                #expect(try space.choices(of: space.architecture(name: "\(round)", choices: choices)) == choices)
                #expect(network.space == space.name && network.classes == space.classes)
            }
        }
    }

    @Test func choicesOutsideTheSpaceAreRefused() throws {
        let space = try space(Self.wide)
        let good: [LayerChoice] = space.searchableLayers.map { $0.choices[1] }
        #expect(throws: ArchitectureError.wrongCount(space: "wide", expected: 4, found: 3)) {
            try space.architecture(name: "x", choices: Array(good.dropLast()))
        }
        #expect(throws: ArchitectureError.wrongCount(space: "wide", expected: 4, found: 5)) {
            try space.architecture(name: "x", choices: good + [LayerChoice()])
        }
        // An option that an axis does not have, or an axis that the layer does not: b.1 and b.2 cannot be skipped.
        let bad: [(Int, LayerChoice, options: [Int])] = [
            (2, LayerChoice([0, 0, 1]), [3, 4]), (3, LayerChoice([1, 1, 1]), [3, 4]), (0, LayerChoice([3, 1, 0]), [3, 2, 4]),
            (1, LayerChoice([0, 2, 3]), [3, 2, 4]), (2, LayerChoice([0, 4]), [3, 4]),
        ]
        for (index, choice, options) in bad {
            var choices = good
            choices[index] = choice
            let layer = space.searchableLayers[index]
            #expect(throws: ArchitectureError.notAChoice(space: "wide", layer: layer.name, options: options)) {
                try space.architecture(name: "x", choices: choices)
            }
        }
        #expect(
            ArchitectureError.notAChoice(space: "wide", layer: "b.1", options: [3, 4]).description
                == "layer b.1 of the search space wide has no such choice; its axes have 3, 4 options")
    }

    @Test func anArchitectureOfAnotherSpaceHasNoChoicesInThis() throws {
        let space = try space(Self.wide)
        func other(_ old: String, _ new: String) throws -> Architecture {
            let text = Self.wide.text(pretty: false).replacing(old, with: new)
            return try self.space(JSON(parsing: text, path: "x")).largest
        }
        let offered = space.searchableLayers[0].choices.map(space.searchableLayers[0].text)
        #expect(
            throws: ArchitectureError.notOffered(space: "wide", layer: "a.1", content: "9x9 e6", choices: offered)
        ) { try space.choices(of: other("[3, 5, 7]", "[3, 5, 9]")) }
        // A block of the right sizes between other widths is another block.
        #expect(throws: ArchitectureError.self) {
            try space.choices(of: other("\"output_channels\": 6", "\"output_channels\": 8"))
        }
        #expect(throws: ArchitectureError.wrongCount(space: "wide", expected: 4, found: 6)) {
            try space.choices(of: other("\"layers\": 2", "\"layers\": 3"))
        }
        #expect(
            ArchitectureError.notOffered(space: "wide", layer: "a.1", content: "skip", choices: ["3x3 e2"]).description
                == "layer a.1 of the search space wide cannot be skip, only 3x3 e2")
    }
}
