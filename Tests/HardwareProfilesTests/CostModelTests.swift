import Architectures
import Files
import Glibc
import HardwareProfiles
import Testing
import TestSupport

@Suite struct CostModelTests {
    private let device: DeviceProfile
    private let model: CostModel
    private let space: SearchSpace

    init() throws {
        device = try .shipped("pixel1")
        model = CostModel(device: device)
        space = try SearchSpace.shipped("single-path-mobile")
    }

    private func layer(_ name: String, _ block: Block, side: Int, isSearchable: Bool = true) -> Network.Layer {
        Network.Layer(
            name: name, input: FeatureShape(height: side, width: side, channels: block.shape.inputChannels),
            content: .block(block), isSearchable: isSearchable)
    }

    /// A block that no table of the Pixel 1 holds.
    private func block(kernel: Int = 3, stride: Int = 1, expansion: Double = 4, from: Int = 20, to: Int = 28) -> Block {
        Block(
            shape: .init(kernel: kernel, stride: stride, expansion: expansion, inputChannels: from, outputChannels: to),
            residual: stride == 1 && from == to)
    }

    // MARK: What was measured

    @Test func everyChoiceOfThePublishedSpaceIsMeasured() {
        for (searched, figures) in zip(space.searchableLayers, Pixel1Figures.blocks) {
            for ((kernel, expansion), figure) in zip([(3, 3), (3, 6), (5, 3), (5, 6)], figures) {
                let block = searched.block(BlockSize(kernel: kernel, expansion: expansion))
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
        let estimate = model.estimate(try Architecture.reference("single-path-nas").network)
        #expect(abs(estimate.latencyMs - Pixel1Figures.singlePathNAS) < 1e-9)
        #expect(estimate.parameters == 4_421_616)
        #expect(estimate.macs == 333_467_072)
        #expect(estimate.layers.count == 21)
        #expect(estimate.layers.allSatisfy { $0.source == .measured })
    }

    @Test func aNetworkOfAnotherTypeThanTheProfilesIsNotPricedByItsTables() throws {
        let network = try Architecture.reference("single-path-nas").network
        #expect(device.priced(network, in: .float32) == network)
        let int8 = device.priced(network, in: .int8), estimate = model.estimate(int8)
        #expect(int8.layers.allSatisfy { $0.operators.allSatisfy { $0.valueType == .int8 } })
        // The network stays what it is.
        #expect(int8.name == network.name && int8.macs == 333_467_072 && int8.layers.count == network.layers.count)
        #expect(!estimate.layers.contains { $0.source == .measured && $0.latencyMs > 0 })
        // A byte a value instead of four.
        #expect(estimate.memory.weightBytes < model.estimate(network).memory.weightBytes / 3)
    }

    @Test func operatorsOfTheProfilesOwnTypeAreFoundInItsTable() throws {
        let map = FeatureShape(height: 14, width: 14, channels: 64)
        let plain = Operator.convolution(kernel: 1, stride: 1, input: map, outputChannels: 96, activation: .relu)
        func device(_ document: JSON, _ type: String) throws -> DeviceProfile {
            let table: JSON = [
                "space": nil, "source": "x", "data_type": .string(type), "entries": [],
                "operators": [
                    [
                        "operator": "convolution", "kernel": 1, "stride": 1, "input_height": 14, "input_width": 14,
                        "input_channels": 64, "output_channels": 96, "activation": "relu", "latency_ms": 0.125,
                    ]
                ], "groups": [],
            ]
            return try DeviceProfile(
                copy: document.changing(["tables"]) { _ in [table] }.changing(["networks"]) { _ in [] })
        }
        func source(_ device: DeviceProfile, _ type: ValueType?) -> CostSource {
            var step = plain
            step.valueType = type
            let layer = Network.Layer(name: "a", input: map, content: .operators([step]), isSearchable: false)
            return CostModel(device: device).cost(of: layer, space: nil).source
        }
        let shipped = try DeviceProfile.document("pixel1-xnnpack")
        let int8 = try device(shipped.inInt8(), "int8"), float = try device(shipped, "float32")
        #expect(source(int8, .int8) == .measured && source(int8, nil) == .measured)
        #expect(source(int8, .float32) != .measured)
        #expect(source(float, .float32) == .measured && source(float, nil) == .measured)
        #expect(source(float, .int8) != .measured && source(float, .float16) != .measured)
    }

    @Test func whereTheNameDiffersTheMeanOfTheSameWorkCounts() {
        let block = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 6, inputChannels: 24, outputChannels: 24),
            residual: true)
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
        let known = Block(
            shape: .init(kernel: 3, stride: 1, expansion: 6, inputChannels: 24, outputChannels: 24),
            residual: true)
        var changes: [(Block, Int)] = [(known, 55)]
        for change in [
            { (block: inout Block) in block.shape.kernel = 7 }, { $0.shape.expansion = 5 },
            { $0.squeezeExcite = SqueezeExcite(ratio: 0.25) }, { $0.residual = false },
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
        for architecture in [space.largest, space.smallest, try Architecture.reference("single-path-nas")] {
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

    @Test("The fixed part with fewer classes takes at most what was measured with more, and says with how many")
    func fixedPartOfFewerClasses() throws {
        for classes in [2, 10, 999] {
            var architecture = space.largest
            architecture.classes = classes
            let fixed = model.fixedCosts(of: architecture.network)
            #expect(fixed.map(\.name) == ["fixed part"] && fixed.map(\.measuredClasses) == [1000])
            #expect(fixed.map(\.latencyMs) == [Pixel1Figures.fixedPart] && fixed.map(\.source) == [.measured])
            // What is counted is that of the network itself.
            let layers = architecture.network.layers.filter { !$0.isSearchable }
            #expect(fixed.map(\.parameters) == [layers.reduce(0) { $0 + $1.parameters }])
            let estimate = model.estimate(architecture.network)
            #expect(estimate.modelledLayers == 0 && estimate.latencyMs == model.estimate(space.largest.network).latencyMs)
            #expect(
                estimate.gaps.assumptions
                    == ["the fixed part was measured with 1000 classes: with fewer, as here, it takes at most that"])
            #expect(estimate.gaps.isComplete && model.estimate(space.largest.network).gaps.assumptions.isEmpty)
        }
    }

    @Test("of a fixed part that was measured with several numbers of classes, the least that is enough counts")
    func fixedPartOfSeveralClasses() throws {
        let path = ShippedFiles.device("pixel1"), text = try TextFile.read(path, what: "profile")
        let group = try String(
            #require(text.firstMatch(of: /\{\s*"keys": \[[^\]]*->1x1x1000"\s*\],\s*"latency_ms": 19\.5999\s*\}/)).output)
        let groups = [(1000, 19.6), (10, 15), (200, 17)].map { classes, ms in
            group.replacing("->1x1x1000", with: "->1x1x\(classes)").replacing("19.5999", with: "\(ms)")
        }
        let table = try JSON(
            parsing: #"{"space": null, "source": "made up", "entries": [], "operators": [], "groups": [\#(groups.joined(separator: ","))]}"#,
            path: path)
        let document = try JSON(parsing: text.replacing(group, with: ""), path: path).changing(["tables"][...]) { tables in
            if case .array(let tables) = tables { .array(tables + [table]) } else { tables }
        }
        let device = try DeviceProfile(json: JSONNode(document, path: path))
        for (classes, ms, enough) in [(2, 15.0, 10), (100, 17, 200), (999, 19.6, 1000)] {
            var architecture = space.largest
            architecture.classes = classes
            let fixed = CostModel(device: device).fixedCosts(of: architecture.network)
            #expect(fixed.map(\.latencyMs) == [ms] && fixed.map(\.measuredClasses) == [enough])
        }
    }

    private static let otherFixedLayers: [([String], JSON)] = [
        (["classes"], 1001), (["head", "output_channels"], 1024), (["stem", "kernel"], 5), (["input", "height"], 192),
        (["layers", "0", "kernel"], 5), (["layers", "5", "searchable"], false),
        (["layers", "21", "searchable"], true),
    ]

    @Test(arguments: otherFixedLayers)
    func anyOtherFixedLayersHaveARowEach(keys: [String], value: JSON) throws {
        let document = try Architecture.reference("single-path-nas").json()
        let changed = document.changing(keys[...]) { _ in value }
        #expect(changed != document)
        let network = try Architecture(json: JSONNode(changed, path: "copy.json")).network
        let fixed = model.fixedCosts(of: network)
        #expect(fixed.map(\.name) == network.layers.filter { !$0.isSearchable }.map(\.name))
        #expect(fixed.allSatisfy { $0.latencyMs > 0 })
        #expect(model.estimate(network).layers.map(\.name) == network.layers.map(\.name))
    }

    // MARK: The model

    @Test func everyOperatorCostsSomethingOnEveryDevice() throws {
        let small = FeatureShape(height: 1, width: 1, channels: 1)
        let large = FeatureShape(height: 20, width: 30, channels: 50)
        for device in try DeviceProfile.allShipped() {
            let model = CostModel(device: device)
            for shape in [small, large] {
                for step in [
                    Operator.add(shape), .multiply(shape), .globalAveragePool(input: shape),
                    .fullyConnected(inputChannels: shape.channels, outputChannels: 1, activation: .none),
                    .convolution(kernel: 3, stride: 2, input: shape, outputChannels: 1, activation: .relu),
                    .depthwiseConvolution(kernel: 3, stride: 1, input: shape, activation: .relu),
                    .depthwiseConvolution(kernel: 5, stride: 2, input: shape, activation: .relu),
                ] {
                    let cost = model.modelled([step])
                    #expect(cost.latencyMs > 0 && cost.latencyMs.isFinite, "\(device.name) \(step.key)")
                    #expect(cost.source != .measured)
                    #expect(cost.utilisation <= 1 && (cost.utilisation > 0) == (step.macs > 0))
                    #expect(cost.l2Bytes > 0 && cost.memoryBytes >= 0)
                }
            }
        }
    }

    /// A bias, ReLU and batch normalisation are folded; a function that is no clamp is a pass of its own.
    @Test func whatFusesCostsNothingMore() throws {
        let map = FeatureShape(height: 28, width: 28, channels: 40)
        for device in try DeviceProfile.allShipped() {
            let model = CostModel(device: device)
            func cost(_ activation: Activation) -> Double {
                model.modelled([
                    .convolution(kernel: 1, stride: 1, input: map, outputChannels: 80, activation: activation)
                ]).latencyMs
            }
            #expect(cost(.none) == cost(.relu))
            #expect(cost(.hardSwish) > cost(.relu) && cost(.swish) > cost(.relu))
            // What was learned from whole networks tells the two apart.
            #expect(device.transferred != nil || cost(.hardSwish) == cost(.swish))
        }
    }

    /// Operators one after the other take the sum of their times.
    @Test func aLayerTakesWhatItsOperatorsTake() {
        let block = block(kernel: 5, from: 24, to: 24)
        let operators = block.operators(input: FeatureShape(height: 31, width: 29, channels: 24))
        #expect(operators.count == 4)
        let whole = model.modelled(operators)
        let parts = operators.map { model.modelled([$0]) }
        func agrees(_ value: (LayerCost) -> Double) -> Bool {
            abs(value(whole) - parts.reduce(0) { $0 + value($1) }) <= 1e-12 * value(whole)
        }
        #expect(agrees(\.latencyMs) && agrees(\.l1Bytes) && agrees(\.l2Bytes) && agrees(\.memoryBytes))
        #expect(agrees { $0.energyMj ?? .nan })
        #expect(whole.macs == parts.reduce(0) { $0 + $1.macs })
    }

    @Test func saysWhatBindsALayer() throws {
        for device in try DeviceProfile.fittedShipped() {
            let model = CostModel(device: device)
            func bound(_ step: Operator) -> CostBound { model.modelled([step]).bound }
            let map = FeatureShape(height: 56, width: 56, channels: 96)
            func convolution(to channels: Int) -> Operator {
                .convolution(kernel: 3, stride: 1, input: map, outputChannels: channels, activation: .relu)
            }
            #expect(bound(convolution(to: 96)) == .compute, "\(device.name)")
            #expect(
                bound(.depthwiseConvolution(kernel: 7, stride: 1, input: map, activation: .relu)) == .compute,
                "\(device.name)")
            #expect(bound(.add(map)) == .memory, "\(device.name)")
            #expect(
                bound(.fullyConnected(inputChannels: 1280, outputChannels: 1000, activation: .none)) == .memory,
                "\(device.name)")
            // All channels of a tile but one are padding.
            let padded = bound(convolution(to: 1))
            #expect(padded == .overhead, "\(device.name)")
            // Nothing to do but to be launched.
            let pixel = FeatureShape(height: 1, width: 1, channels: 1)
            #expect(bound(.add(pixel)) == .overhead, "\(device.name)")
        }
    }

    @Test func bytesMoveAtEachLevel() throws {
        // A map of 32 KiB stays in the second level; one of 6 MiB exceeds every cache of the Pixel 1.
        let small = model.modelled([.add(FeatureShape(height: 16, width: 16, channels: 32))])
        #expect(small.l2Bytes == 3 * 32_768 && small.memoryBytes == 0 && small.l3Bytes == 0)
        let large = model.modelled([.add(FeatureShape(height: 128, width: 128, channels: 96))])
        #expect(large.l2Bytes == 3 * 6_291_456)
        #expect(large.memoryBytes > 0.5 * large.l2Bytes && large.memoryBytes < large.l2Bytes)
        // Weights were last read one image ago, and come from memory each time.
        let weights = model.modelled([.fullyConnected(inputChannels: 100, outputChannels: 50, activation: .none)])
        #expect(weights.memoryBytes == 4 * 5000 && weights.l2Bytes == 4 * 5150)
        // With a third level, what the second does not keep passes through it.
        let third = CostModel(device: try .shipped("pixel4-tflite-2018")).modelled([
            .add(FeatureShape(height: 128, width: 128, channels: 96))
        ])
        #expect(third.l3Bytes > third.memoryBytes && third.memoryBytes > 0 && third.l3Bytes < third.l2Bytes)
    }

    /// Each time step of a recurrent layer reads all weights; a product of all rows reads them once.
    @Test func timeStepsCostMoreThanOneProduct() throws {
        func product(_ rows: Int, by inputs: Int, to outputs: Int, timeSteps: Int) -> Operator {
            var step = Operator.convolution(
                window: Window(side: 1), groups: 1, input: FeatureShape(height: rows, width: 1, channels: inputs),
                output: FeatureShape(height: rows, width: 1, channels: outputs), epilogue: .init())
            step.timeSteps = timeSteps
            return step
        }
        let weights = 4.0 * 256 * 256
        let once = model.modelled([product(32, by: 256, to: 256, timeSteps: 1)])
        let steps = model.modelled([product(32, by: 256, to: 256, timeSteps: 32)])
        // 256 KiB come from memory once, and then from the second level.
        #expect(once.l2Bytes < 2 * weights && steps.l2Bytes > 32 * weights && steps.l2Bytes < 33 * weights)
        #expect(steps.memoryBytes >= weights && steps.memoryBytes < 2 * weights)
        // 32 MiB exceed every cache of the Pixel 1, and come from memory in each step.
        let large = model.modelled([product(4, by: 2048, to: 4096, timeSteps: 4)])
        #expect(large.memoryBytes > 3 * 4.0 * 2048 * 4096)
        for device in try DeviceProfile.allShipped() {
            let model = CostModel(device: device)
            let latencies = [1, 2, 8, 32].map { model.modelled([product(32, by: 256, to: 1024, timeSteps: $0)]).latencyMs }
            for (fewer, more) in zip(latencies, latencies.dropFirst()) { #expect(fewer < more, "\(device.name): \(latencies)") }
            #expect(latencies.allSatisfy { $0.isFinite })
        }
        #expect(product(32, by: 8, to: 8, timeSteps: 32).key != product(32, by: 8, to: 8, timeSteps: 1).key)
    }

    @Test func aDeviceWithoutMeasurementsIsModelledAllTheSame() throws {
        let empty = try DeviceProfile.copy(changing: ["tables"]) { _ in [] }
        let network = try Architecture.reference("single-path-nas").network
        let modelled = CostModel(device: empty).estimate(network)
        #expect(modelled.layers.map(\.name) == network.layers.map(\.name))
        #expect(modelled.layers.allSatisfy { $0.source == .modelled })
        #expect(abs(modelled.latencyMs / Pixel1Figures.singlePathNAS - 1) < 0.05, "\(modelled.latencyMs) ms")
    }

    // MARK: Estimates

    @Test func anEstimateIsTheSumOfItsLayers() throws {
        var random = SeededRandom(seed: 5)
        for name in ["single-path-mobile", "fashion-mnist"] {
            let space = try SearchSpace.shipped(name)
            for _ in 0..<50 {
                let choices = space.searchableLayers.map { random.element(of: $0.choices) }
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
        #expect(largest.layers.allSatisfy { $0.source != .measured && $0.latencyMs > 0 })
        #expect(smallest.layers.allSatisfy { $0.source != .measured && ($0.latencyMs > 0 || $0.choice == "skip") })
        #expect(largest.latencyMs > 1.5 * smallest.latencyMs)
        #expect(largest.layers.map(\.name) == space.largest.network.layers.map(\.name))
    }

    @Test func whatTheImageChoosesMakesAnEstimateIncomplete() throws {
        var estimate = model.estimate(try Architecture.reference("single-path-nas").network)
        estimate.add(CostGaps(assumptions: ["one image is priced"]))
        #expect(estimate.gaps.isComplete)
        estimate.add(CostGaps(choices: ["the dearer branch is priced"]))
        #expect(estimate.json["complete"] == false && estimate.json["unknown_operators"] == [])
        #expect(estimate.json["assumptions"] == ["the dearer branch is priced", "one image is priced"])
        #expect(estimate.gaps.sentences == ["the dearer branch is priced", "one image is priced"])
    }

    @Test func aMeasuredTimeThatTheArithmeticForbidsIsAnErrorUnlessTheArithmeticIsInferred() throws {
        let network = try Architecture.reference("single-path-nas").network
        func gaps(dividedBy factor: Double, source: String) throws -> CostGaps {
            let rate = try #require(device.hardware.clusters.first).fmaPerCycleF32.value / factor
            let copy = try DeviceProfile.copy(changing: ["hardware", "clusters", "0", "fma_per_cycle_f32"]) { _ in
                ["value": .number(rate), "source": .string(source)]
            }
            return CostModel(device: copy).estimate(network).gaps
        }
        #expect(try gaps(dividedBy: 1, source: "a data sheet").profileErrors.isEmpty)
        let told = try gaps(dividedBy: 3, source: "a data sheet")
        #expect(!told.profileErrors.isEmpty && !told.isComplete)
        let inferred = try gaps(dividedBy: 3, source: "inferred: usual")
        #expect(inferred.profileErrors.isEmpty && inferred.isComplete)
        #expect(inferred.assumptions.contains { $0.hasPrefix("the device's arithmetic is inferred, and less than it has") })
        // No core has twenty times of what was inferred.
        #expect(try !gaps(dividedBy: 20, source: "inferred: usual").profileErrors.isEmpty)
    }

    @Test func anEstimateIsWrittenAsJSON() throws {
        let estimate = model.estimate(try Architecture.reference("single-path-nas").network)
        let json = estimate.json
        guard case .object(let members) = json, case .object(let fields)? = json["layers"]?.elements[1] else {
            Issue.record("no object, or no layers")
            return
        }
        #expect(members.map(\.key) == [
            "latency_ms", "latency_low_ms", "latency_high_ms", "complete", "unknown_operators", "profile_errors", "assumptions",
            "measured_layers", "modelled_layers", "extrapolated_layers", "measured_network", "energy_mj", "peak_memory_bytes",
            "arena_bytes", "weight_bytes", "macs", "parameters", "model", "layers",
        ])
        #expect(json["latency_ms"] == .number(estimate.latencyMs))
        // The fixed part was measured as one, and is five layers.
        #expect(json["complete"] == true && json["measured_layers"] == 25 && json["modelled_layers"] == 0)
        #expect(estimate.json["complete"] == true)
        #expect(json["energy_mj"] == estimate.energyMj.map(JSON.number))
        #expect(json["peak_memory_bytes"] == .integer(estimate.memory.peakBytes))
        #expect(json["arena_bytes"] == .integer(estimate.memory.arenaBytes))
        #expect(json["weight_bytes"] == .integer(estimate.memory.weightBytes))
        #expect(json["macs"] == 333_467_072)
        #expect(json["parameters"] == 4_421_616)
        #expect(json["model"] == .string(device.basisOfModel))
        #expect(json["layers"]?.elements.count == 21)
        #expect(fields.map(\.key) == [
            "name", "choice", "latency_ms", "latency_low_ms", "latency_high_ms", "data_type", "source", "bound", "utilisation",
            "energy_mj", "l1_bytes", "l2_bytes", "l3_bytes", "memory_bytes", "macs", "parameters",
        ])
        let layer = JSON.object(fields), cost = estimate.layers[1]
        for (key, value) in [
            ("name", "stage1.1"), ("choice", "3x3 e3"), ("latency_ms", 4.4905), ("source", "measured"),
            ("bound", "compute"), ("macs", 14_601_216), ("parameters", 2_592),
            ("utilisation", .number(cost.utilisation)), ("energy_mj", cost.energyMj.map(JSON.number) ?? .null),
            ("l1_bytes", .number(cost.l1Bytes)), ("l2_bytes", .number(cost.l2Bytes)),
            ("l3_bytes", .number(cost.l3Bytes)), ("memory_bytes", .number(cost.memoryBytes)),
        ] as [(String, JSON)] {
            #expect(layer[key] == value, "\(key)")
        }
        #expect(estimate.layers.allSatisfy { $0.utilisation <= 1 && ($0.utilisation > 0) == ($0.macs > 0) })
    }

    @Test func fewMeasurementsMakeAWideInterval() throws {
        let network = try Architecture.reference("mobilenet-v2").network
        func width(_ device: DeviceProfile) -> Double {
            let interval = CostModel(device: device).estimate(network).intervalMs()
            return log(interval.upperBound / interval.lowerBound) / 2
        }
        let whole = try DeviceProfile.shipped("pixel1-xnnpack")
        let one = try DeviceProfile.copy(of: "pixel1-xnnpack", changing: ["networks"]) { .array(Array($0.elements.prefix(1))) }
        // Half of what a device of which nothing was measured has, and more.
        let unmeasured = log(1 + 2.06 * CostModelAccuracy.ofUnmeasuredDevices.mean)
        #expect(width(whole) < 0.6 * unmeasured && width(one) > 0.65 * unmeasured, "\(width(whole)), \(width(one)), \(unmeasured)")
    }

    @Test func otherThreadsThanWereMeasuredMakeAWideInterval() throws {
        let network = try Architecture.reference("mobilenet-v2").network
        let single = try DeviceProfile.copy(of: "pixel1-xnnpack", changing: ["networks"]) { networks in
            .array(networks.elements.filter { $0["threads"] == 1 })
        }
        let one = CostModel(device: single).estimate(network), two = CostModel(device: single.running(threads: 2)).estimate(network)
        func isOfThreads(_ text: String) -> Bool { text.hasPrefix("the model was fitted to what was measured with ") }
        #expect(!one.gaps.assumptions.contains(where: isOfThreads))
        #expect(two.gaps.assumptions.contains {
            $0 == "the model was fitted to what was measured with 1 thread: its error there does not hold with 2 threads"
        })
        // What was measured with two threads lies in it.
        #expect(two.intervalMs().contains(26))
        // A profile may have been measured with other threads than it runs with.
        let board = try DeviceProfile.shipped("raspberrypi3b+")
        #expect(board.runtime.threads == 1 && board.networks.allSatisfy { $0.threads == 4 })
        #expect(CostModel(device: board).estimate(network).gaps.assumptions.contains {
            $0 == "the model was fitted to what was measured with 4 threads: its error there does not hold with 1 thread"
        })
        #expect(!CostModel(device: board.running(threads: 4)).estimate(network).gaps.assumptions.contains(where: isOfThreads))
        // Tables count, also where other threads drop them.
        let phone = try DeviceProfile.shipped("pixel1")
        #expect(CostModel(device: phone.running(threads: 2)).estimate(network).gaps.assumptions.contains(where: isOfThreads))
        #expect(!CostModel(device: phone.running(threads: 2).running(threads: 1)).estimate(network).gaps.assumptions.contains(where: isOfThreads))
    }

    @Test func latenciesMeasuredWithDoubtSaySoAndHaveTheirIntervals() throws {
        let network = try Architecture.reference("single-path-nas").network
        let doubtful = try DeviceProfile.copy(of: "pixel1", changing: ["tables"]) { tables in
            .array(tables.elements.map { table in
                table.changing(["entries"]) { entries in
                    .array(entries.elements.map { entry in
                        guard case .object(let members) = entry, case .number(let ms)? = entry["latency_ms"] else { return entry }
                        return .object(members + [
                            .init(key: "uncertain", value: true), .init(key: "latency_low_ms", value: .number(0.5 * ms)),
                            .init(key: "latency_high_ms", value: .number(3 * ms)),
                        ])
                    })
                }
            })
        }
        let estimate = CostModel(device: doubtful).estimate(network), plain = CostModel(device: try .shipped("pixel1")).estimate(network)
        #expect(estimate.latencyMs == plain.latencyMs && estimate.measuredLayers == plain.measuredLayers)
        #expect(plain.intervalMs().lowerBound == plain.intervalMs().upperBound)
        #expect(plain.gaps.assumptions.allSatisfy { !$0.contains("uncertain") })
        let blocks = estimate.layers.filter(\.isUncertain)
        #expect(!blocks.isEmpty)
        #expect(estimate.gaps.assumptions.contains { $0.hasPrefix("some of the measured latencies are uncertain: ") })
        // The intervals of a table have a confidence of 95 %; others are theirs by the quantiles of normal errors.
        for (confidence, scale) in [(0.95, 1.0), (0.9, 1.6449 / 1.96), (0.5, 0.6745 / 1.96)] {
            let low = estimate.layers.reduce(0.0) { $0 + ($1.isUncertain ? 1 - 0.5 * scale : 1) * $1.latencyMs }
            let high = estimate.layers.reduce(0.0) { $0 + ($1.isUncertain ? 1 + 2 * scale : 1) * $1.latencyMs }
            let interval = estimate.intervalMs(confidence: confidence)
            #expect(abs(interval.lowerBound / low - 1) < 1e-3 && abs(interval.upperBound / high - 1) < 1e-3, "\(confidence)")
        }
    }

    @Test func layersOfAnotherDataTypeAreAsUncertainAsThoseOfNoProfile() throws {
        let network = try Architecture.reference("mobilenet-v2").network
        let estimate = model.estimate(network.valued(.int8)), interval = estimate.intervalMs()
        #expect(interval.upperBound >= 1.99 * estimate.latencyMs && interval.lowerBound <= 0.51 * estimate.latencyMs)
        #expect(estimate.layers.allSatisfy { ($0.intervalMs?.upperBound ?? 0) >= 1.99 * $0.latencyMs })
    }
}
