import Architectures
import HardwareProfiles
import JSONDocuments
import TestSupport
import Testing

@Suite struct CostModelTests {
    private let device: DeviceProfile
    private let model: CostModel
    private let space: SearchSpace

    init() throws {
        device = try DeviceProfile.pixel1()
        model = CostModel(device: device)
        space = try SearchSpace.shipped("single-path-mobile")
    }

    private func layer(_ name: String, _ block: Block, side: Int, isSearchable: Bool = true) -> Network.Layer {
        Network.Layer(
            name: name, input: FeatureShape(height: side, width: side, channels: block.inputChannels),
            content: .block(block), isSearchable: isSearchable)
    }

    /// A block that no table of the Pixel 1 holds.
    private func block(kernel: Int = 3, stride: Int = 1, expansion: Double = 4, from: Int = 20, to: Int = 28) -> Block {
        Block(
            kernel: kernel, stride: stride, expansion: expansion, inputChannels: from, outputChannels: to,
            residual: stride == 1 && from == to)
    }

    // MARK: What was measured

    @Test func everyChoiceOfThePublishedSpaceIsMeasured() {
        for (searched, figures) in zip(space.searchableLayers, Pixel1Figures.blocks) {
            for ((kernel, expansion), figure) in zip([(3, 3), (3, 6), (5, 3), (5, 6)], figures) {
                let block = searched.block(kernel: kernel, expansion: expansion)
                let cost = model.cost(
                    of: layer(searched.name, block, side: searched.input.height), space: space.name)
                #expect(cost.latencyMs == figure)
                #expect(cost.source == .measured)
                #expect(cost.name == searched.name)
                #expect(cost.choice == "\(kernel)x\(kernel) e\(expansion)")
            }
        }
    }

    @Test func thePublishedNetworkCostsWhatWasPublished() throws {
        let estimate = model.estimate(try Architecture.singlePathNAS().network)
        #expect(abs(estimate.latencyMs - Pixel1Figures.singlePathNAS) < 1e-9)
        #expect(estimate.parameters == 4_421_616)
        #expect(estimate.macs == 333_467_072)
        #expect(estimate.layers.count == 21)
        #expect(estimate.layers.allSatisfy { $0.source == .measured })
    }

    @Test func whereTheNameDiffersTheMeanOfTheSameWorkCounts() {
        let block = Block(kernel: 3, stride: 1, expansion: 6, inputChannels: 24, outputChannels: 24, residual: true)
        let mean = (6.4022 + 6.3511 + 6.4176) / 3
        for (name, space, expected) in [
            ("stage1.3", "single-path-mobile", 6.3511), ("stage1.3", "another-space", mean), ("stage1.3", nil, mean),
            ("stage9.3", "single-path-mobile", mean),
            // The name belongs to other work.
            ("stage2.3", "single-path-mobile", mean),
        ] as [(String, String?, Double)] {
            let cost = model.cost(of: layer(name, block, side: 56), space: space)
            #expect(abs(cost.latencyMs - expected) < 1e-12)
            #expect(cost.source == .measured)
        }
    }

    @Test func aBlockOfAnyOtherShapeIsModelled() {
        let known = Block(kernel: 3, stride: 1, expansion: 6, inputChannels: 24, outputChannels: 24, residual: true)
        var changes: [(Block, Int)] = [(known, 55)]
        for change in [
            { (block: inout Block) in block.kernel = 7 }, { $0.expansion = 5 }, { $0.seRatio = 0.25 },
            { $0.residual = false },
        ] {
            var block = known
            change(&block)
            changes.append((block, 56))
        }
        for (block, side) in changes {
            let cost = model.cost(of: layer("stage1.3", block, side: side), space: "single-path-mobile")
            #expect(cost.source == .modelled)
            #expect(cost.latencyMs > 0)
        }
    }

    @Test func aSkippedLayerCostsNothing() {
        let shape = FeatureShape(height: 56, width: 56, channels: 24)
        let skip = Network.Layer(name: "stage1.2", input: shape, content: .skip, isSearchable: true)
        for (space, source) in [("single-path-mobile", CostSource.measured), ("another", .modelled), (nil, .modelled)] {
            let cost = model.cost(of: skip, space: space)
            #expect(cost.latencyMs == 0 && cost.macs == 0 && cost.parameters == 0)
            #expect(cost.source == source)
            #expect(cost.choice == "skip")
        }
    }

    // MARK: What was measured together

    @Test func theFixedPartIsOneRowForExactlyItsLayers() throws {
        for architecture in [space.largest, space.smallest, try Architecture.singlePathNAS()] {
            let network = architecture.network
            let fixed = model.fixedCosts(of: network)
            #expect(fixed.map(\.name) == ["fixed part"])
            #expect(fixed.map(\.latencyMs) == [Pixel1Figures.fixedPart])
            #expect(fixed.map(\.source) == [.measured])
            let layers = network.layers.filter { !$0.isSearchable }
            #expect(fixed.map(\.choice) == ["5 layers"])
            #expect(fixed.map(\.macs) == [layers.reduce(0) { $0 + $1.macs }])
            #expect(fixed.map(\.parameters) == [layers.reduce(0) { $0 + $1.parameters }])
        }
    }

    private static let otherFixedLayers: [([String], JSON)] = [
        (["classes"], 100), (["head", "output_channels"], 1024), (["stem", "kernel"], 5), (["input", "height"], 192),
        (["layers", "0", "kernel"], 5), (["layers", "5", "searchable"], false),
        (["layers", "21", "searchable"], true),
    ]

    @Test(arguments: otherFixedLayers)
    func anyOtherFixedLayersHaveARowEach(keys: [String], value: JSON) throws {
        let document = try Architecture.singlePathNAS().json()
        let changed = document.changing(keys[...]) { _ in value }
        #expect(changed != document)
        let network = try Architecture(json: JSONNode(changed, path: "copy.json")).network
        let fixed = model.fixedCosts(of: network)
        #expect(fixed.map(\.name) == network.layers.filter { !$0.isSearchable }.map(\.name))
        #expect(fixed.allSatisfy { $0.latencyMs > 0 })
        #expect(model.estimate(network).layers.map(\.name) == network.layers.map(\.name))
    }

    // MARK: The model

    @Test func predictsMeasuredBlocksThatItHasNotSeen() throws {
        let errors = try CostModel.leaveOneOutErrors(of: device)
        #expect(errors.count == 80)
        let mean = errors.reduce(0, +) / 80
        #expect(mean > 0.005 && mean <= 0.025, "mean \(mean)")
        #expect((errors.max() ?? 1) <= 0.105, "worst \(errors.max() ?? 1)")
    }

    @Test func aBlockThatIsLeftOutHasNoSayInItsPrediction() throws {
        let before = try CostModel.leaveOneOutErrors(of: device)
        for place in [0, 17, 79] {
            let doubled = try DeviceProfile.pixel1(changing: ["tables", "0", "entries", "\(place)", "latency_ms"]) {
                _ in .number(device.tables[0].entries[place].latencyMs * 2)
            }
            let after = try CostModel.leaveOneOutErrors(of: doubled)[place]
            // The prediction is what it was, above or below; the figure that it is compared with has doubled.
            let possible = [1 + before[place], 1 - before[place]].map { abs($0 / 2 - 1) }
            #expect(possible.contains { abs($0 - after) < 1e-9 })
        }
    }

    /// What the model made, the model must explain without error: every kind of work is counted alike in the fit and
    /// in the price.
    @Test func findsThePricesBehindATable() throws {
        let made = try DeviceProfile.pixel1(changing: ["tables", "0", "entries"]) { entries in
            .array(
                zip(entries.elements, device.tables[0].entries).map { element, entry in
                    // Given as operators, the block is in no table.
                    let layer = Network.Layer(
                        name: "x", input: entry.input, content: .operators(entry.block.operators(input: entry.input)),
                        isSearchable: true)
                    let cost = model.cost(of: layer, space: nil)
                    #expect(cost.source == .modelled)
                    return element.changing(["latency_ms"]) { _ in .number(cost.latencyMs) }
                })
        }
        #expect(try CostModel.leaveOneOutErrors(of: made).allSatisfy { $0 < 1e-9 })
        let layer = layer("x", block(), side: 31)
        let ratio = CostModel(device: made).cost(of: layer, space: nil).latencyMs
            / model.cost(of: layer, space: nil).latencyMs
        #expect(abs(ratio - 1) < 1e-9)
    }

    /// The three equal layers of a stage know each other's figures; so the whole stage is left out, and the others
    /// predict it.
    @Test func predictsAStageThatItHasNotSeen() throws {
        var errors: [Double] = []
        for stage in 1...5 {
            let prefix = "stage\(stage)."
            let without = try DeviceProfile.pixel1(changing: ["tables", "0", "entries"]) { entries in
                .array(entries.elements.filter { entry in
                    if case .string(let layer) = entry["layer"] { !layer.hasPrefix(prefix) } else { true }
                })
            }
            #expect(without.tables[0].entries.count == 64)
            let model = CostModel(device: without)
            for entry in device.tables[0].entries where entry.layer?.hasPrefix(prefix) ?? false {
                let cost = model.cost(of: layer("x", entry.block, side: entry.input.height), space: nil)
                #expect(cost.source == .modelled)
                errors.append(abs(cost.latencyMs / entry.latencyMs - 1))
            }
        }
        #expect(errors.count == 80)
        #expect(errors.reduce(0, +) / 80 <= 0.04)
    }

    /// Stem, head and classifier are of kinds that no measured block holds; their sum was measured all the same.
    @Test func predictsTheFixedPartFromTheBlocksAlone() throws {
        let without = try DeviceProfile.pixel1(changing: ["tables", "0", "groups"]) { _ in [] }
        let rows = CostModel(device: without).fixedCosts(of: space.largest.network)
        #expect(rows.map(\.name) == ["stem", "first.1", "last.1", "head", "classifier"])
        #expect(rows.allSatisfy { $0.source == .modelled && $0.latencyMs > 0.5 })
        let sum = rows.reduce(0) { $0 + $1.latencyMs }
        #expect(abs(sum / Pixel1Figures.fixedPart - 1) < 0.1, "\(sum) ms")
    }

    @Test func everyOperatorCostsSomething() {
        let small = FeatureShape(height: 1, width: 1, channels: 1)
        let large = FeatureShape(height: 20, width: 30, channels: 50)
        for shape in [small, large] {
            for step in [
                Operator.add(shape), .multiply(shape), .globalAveragePool(input: shape),
                .fullyConnected(inputChannels: shape.channels, outputChannels: 1, activation: .none),
                .convolution(kernel: 3, stride: 2, input: shape, outputChannels: 1, activation: .relu),
                .depthwiseConvolution(kernel: 3, stride: 1, input: shape, activation: .relu),
                .depthwiseConvolution(kernel: 5, stride: 2, input: shape, activation: .relu),
            ] {
                let layer = Network.Layer(name: "x", input: shape, content: .operators([step]), isSearchable: false)
                let cost = model.cost(of: layer, space: nil)
                #expect(cost.latencyMs > 0 && cost.latencyMs.isFinite, "\(step.key)")
                #expect(cost.source == .modelled)
            }
        }
    }

    @Test func moreNeverCostsLess() {
        var random = SeededRandom(seed: 3)
        func cost(_ block: Block, _ height: Int, _ width: Int) -> Double {
            let input = FeatureShape(height: height, width: width, channels: block.inputChannels)
            let layer = Network.Layer(name: "x", input: input, content: .block(block), isSearchable: true)
            return model.cost(of: layer, space: nil).latencyMs
        }
        for _ in 0..<2000 {
            let block = Block(
                kernel: 2 * Int.random(in: 0...5, using: &random) + 1, stride: Int.random(in: 1...2, using: &random),
                expansion: Double(Int.random(in: 1...8, using: &random)),
                inputChannels: Int.random(in: 1...200, using: &random),
                outputChannels: Int.random(in: 1...200, using: &random),
                seRatio: Bool.random(using: &random) ? 0.25 : 0, residual: false)
            let height = Int.random(in: 1...60, using: &random)
            let width = Int.random(in: 1...60, using: &random)
            let base = cost(block, height, width)
            #expect(base > 0)
            for change in [
                { (block: inout Block) in block.kernel += 2 }, { $0.expansion += 1 }, { $0.inputChannels += 1 },
                { $0.outputChannels += 1 },
            ] {
                var larger = block
                change(&larger)
                #expect(cost(larger, height, width) > base, "\(larger) \(height)x\(width)")
            }
            // A wider squeeze may round to the same width; a larger map may be the same number of tiles.
            var squeezed = block
            squeezed.seRatio += 0.5
            #expect(cost(squeezed, height, width) >= base)
            #expect(cost(block, height + 1, width) >= base)
            #expect(cost(block, height, width + 1) >= base)
        }
    }

    @Test func aFasterDeviceThanItsTableIsNotBelieved() throws {
        // Latencies that the hardware cannot reach: prices stay at what it can do.
        let impossible = try DeviceProfile.pixel1(changing: ["tables", "0", "entries"]) { entries in
            .array(entries.elements.map { $0.changing(["latency_ms"]) { _ in 0.0001 } })
        }
        let block = block()
        let cost = CostModel(device: impossible).cost(of: layer("x", block, side: 28), space: nil)
        let peak = 2.15e6 * 4
        #expect(cost.latencyMs >= Double(cost.macs) / peak)
        #expect(cost.latencyMs < model.cost(of: layer("x", block, side: 28), space: nil).latencyMs)
    }

    @Test func saysWhatBindsALayer() {
        func bound(_ step: Operator) -> CostBound {
            let layer = Network.Layer(name: "x", input: step.input, content: .operators([step]), isSearchable: false)
            return model.cost(of: layer, space: nil).bound
        }
        let map = FeatureShape(height: 56, width: 56, channels: 96)
        func convolution(to channels: Int) -> Operator {
            .convolution(kernel: 3, stride: 1, input: map, outputChannels: channels, activation: .relu)
        }
        #expect(bound(convolution(to: 96)) == .compute)
        #expect(bound(.depthwiseConvolution(kernel: 7, stride: 1, input: map, activation: .relu)) == .compute)
        #expect(bound(.add(map)) == .memory)
        #expect(bound(.fullyConnected(inputChannels: 1280, outputChannels: 1000, activation: .none)) == .memory)
        // Eleven of the twelve channels of a tile are padding.
        #expect(bound(convolution(to: 1)) == .overhead)
    }

    @Test func aDeviceWithoutMeasuredBlocksIsRefused() throws {
        for keys in [["tables"], ["tables", "0", "entries"]] {
            let empty = try DeviceProfile.pixel1(changing: keys) { _ in [] }
            #expect(
                invalidPlace { CostModel(device: empty) }?.sentence
                    == "copy.json: /tables: expected at least 1 measured block to fit a cost model to, found 0")
        }
        let one = try DeviceProfile.pixel1(changing: ["tables", "0", "entries"]) { .array([$0.elements[7]]) }
        #expect(
            invalidPlace { try CostModel.leaveOneOutErrors(of: one) }?.sentence
                == "copy.json: /tables: expected at least 2 measured blocks to fit a cost model to, found 1")
        // One is enough for a model: it meets that block.
        let entry = one.tables[0].entries[0]
        let cost = CostModel(device: one).cost(of: layer("x", entry.block, side: 56), space: nil)
        #expect(cost.latencyMs == entry.latencyMs)
        let larger = CostModel(device: one).cost(of: layer("x", entry.block, side: 57), space: nil)
        #expect(larger.source == .modelled && larger.latencyMs >= entry.latencyMs)
    }

    // MARK: Estimates

    @Test func anEstimateIsTheSumOfItsLayers() throws {
        var random = SeededRandom(seed: 5)
        for name in ["single-path-mobile", "fashion-mnist"] {
            let space = try SearchSpace.shipped(name)
            for _ in 0..<50 {
                let choices = space.searchableLayers.map { $0.choices.randomElement(using: &random) ?? .skip }
                let network = try space.architecture(name: "random", choices: choices).network
                let estimate = model.estimate(network)
                let searched = network.layers.filter(\.isSearchable).map { model.cost(of: $0, space: space.name) }
                let rows = model.fixedCosts(of: network) + searched
                #expect(Set(estimate.layers) == Set(rows) && estimate.layers.count == rows.count)
                #expect(abs(estimate.latencyMs - rows.reduce(0) { $0 + $1.latencyMs }) < 1e-12 * estimate.latencyMs)
                #expect(estimate.macs == network.macs)
                #expect(estimate.parameters == network.parameters)
            }
        }
    }

    @Test func aSpaceThatWasNotMeasuredIsModelledThroughout() throws {
        let space = try SearchSpace.shipped("fashion-mnist")
        let largest = model.estimate(space.largest.network)
        let smallest = model.estimate(space.smallest.network)
        #expect(largest.layers.allSatisfy { $0.source == .modelled && $0.latencyMs > 0 })
        #expect(smallest.layers.allSatisfy { $0.source == .modelled && ($0.latencyMs > 0 || $0.choice == "skip") })
        #expect(largest.latencyMs > 1.5 * smallest.latencyMs)
        #expect(largest.layers.map(\.name) == space.largest.network.layers.map(\.name))
    }

    @Test func anEstimateIsWrittenAsJSON() throws {
        let json = model.estimate(try Architecture.singlePathNAS().network).json
        guard case .number(let latency)? = json["latency_ms"] else { return #expect(Bool(false)) }
        #expect(abs(latency - Pixel1Figures.singlePathNAS) < 1e-9)
        #expect(json["macs"] == 333_467_072)
        #expect(json["parameters"] == 4_421_616)
        #expect(json["layers"]?.elements.count == 21)
        #expect(
            json["layers"]?.elements[1] == [
                "name": "stage1.1", "choice": "3x3 e3", "latency_ms": 4.4905, "source": "measured",
                "bound": "compute", "macs": 14_601_216, "parameters": 2_592,
            ])
    }
}
