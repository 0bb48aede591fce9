import Architectures
import Datasets
import Engine
import Files
import Testing
import TestSupport
import Training

@Suite("Fine-tuning with frozen layers")
struct FreezingTests {
    private static let layers = ["stem", "stage1.1", "stage1.2", "stage2.1", "stage2.2", "head", "classifier"]
    /// What may be frozen, with how many of the layers that is.
    private static let parts = [
        ("stem", 1), ("stage1.1", 2), ("stage1", 3), ("stage2.1", 4), ("stage2", 5), ("stage2.2", 5), ("head", 6),
    ]

    /// Weights and running statistics that training has made.
    private func inherited(seed: UInt64 = 12) throws -> TrainedWeights {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.seed = seed
        let trainer = try SmallRuns.training(configuration)
        try trainer.run(upTo: 12)
        return try trainer.averagedWeights
    }

    private func configuration(freezing name: String?, threads: Int = 2) -> TrainingConfiguration {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.freeze = name
        configuration.threads = threads
        return configuration
    }

    private func layer(of tensor: WeightTensor) -> String {
        Self.layers.first { tensor.name == $0 || tensor.name.hasPrefix($0 + ".") } ?? ""
    }

    private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

    @Test("leaves the bits of every frozen tensor, and changes every other", arguments: parts)
    func tensors(name: String, count: Int) throws {
        let before = try inherited()
        let trainer = try SmallRuns.training(configuration(freezing: name), inheriting: before)
        #expect(trainer.frozen?.layers == Array(Self.layers.prefix(count)) && trainer.frozen?.layersOfNetwork == 7)
        for parameter in trainer.network.parameters { parameter.gradient.fill(0) }
        try trainer.run()
        // Of the last step, and those that are written.
        for after in try [trainer.network.weights, trainer.averagedWeights] {
            for tensor in before.architecture.weightTensors {
                let isFrozen = Self.layers.prefix(count).contains(layer(of: tensor))
                let isSame = bits(after[tensor.name]) == bits(before[tensor.name])
                #expect(isSame == isFrozen, "\(tensor.name)")
                #expect(after[tensor.name].allSatisfy { $0.isFinite })
            }
        }
        // Nothing was computed for them either.
        let trained = Set(trainer.network.trainedParameters.map(\.name))
        for parameter in trainer.network.parameters {
            #expect(parameter.gradient.values.allSatisfy { $0 == 0 } != trained.contains(parameter.name), "\(parameter.name)")
        }
        #expect(trained.count == before.architecture.weightTensors.count { tensor in
            tensor.role.isTrained && !Self.layers.prefix(count).contains(layer(of: tensor))
        })
    }

    @Test("computes in frozen layers what an evaluation of the inherited network does", arguments: [1, 2], parts)
    func outputs(threads: Int, part: (name: String, count: Int)) throws {
        let weights = try inherited()
        let trainer = try SmallRuns.training(configuration(freezing: part.name, threads: threads), inheriting: weights)
        try trainer.run(upTo: 3)
        let training = trainer.network
        var random = RandomSource(seed: 1)
        let evaluated = ConvNet(
            training.architecture, batch: training.batch, random: &random, context: ExecutionContext(threads: threads))
        evaluated.load(weights)
        evaluated.images.values.copy(from: training.images.values)
        evaluated.forward(training: false)
        func maps(_ network: ConvNet) -> [(layer: String, values: [UInt32])] {
            [("stem", network.blocks[0].input)].map { ($0.0, $0.1.values.bits) }
                + network.blocks.map { ($0.name, $0.output.values.bits) } + [("head", network.head.output.values.bits)]
        }
        for (found, expected) in zip(maps(training), maps(evaluated)) {
            let isFrozen = Self.layers.prefix(part.count).contains(found.layer)
            #expect((found.values == expected.values) == isFrozen, "\(found.layer)")
        }
    }

    /// A network with random weights, statistics and images, after a pass in training; its frozen part ends with stage1.
    private func passed(_ labels: [Int32], threads: Int) throws -> ConvNet {
        var random = RandomSource(seed: 41)
        let architecture = try SmallRuns.space().largest
        let network = ConvNet(
            architecture, batch: labels.count, random: &random, context: ExecutionContext(threads: threads))
        network.parameters.draw(&random)
        for normalization in network.normalizations {
            normalization.runningMean.draw(&random)
            normalization.runningVar.write(random.normals(normalization.channels, mean: 0, deviation: 1).map { 1 + $0 * $0 })
        }
        network.images.values.draw(&random)
        network.freeze(try FrozenPart(of: architecture, through: "stage1"))
        network.forward(training: true)
        return network
    }

    @Test("has the gradients of the loss above frozen layers: the central differences", arguments: [1, 2])
    func gradients(threads: Int) throws {
        let labels: [Int32] = [0, 3, 1, 2, 2, 0]
        let network = try passed(labels, threads: threads)
        let value = Double(network.loss.evaluate(labels: labels))
        network.backward()
        let features = PlainImages(network.blocks[1].output, network.blocks[1].output.values.doubles)
        let variables = network.trainedParameters.map { Variable($0) }
        #expect(variables.count == 2 * 9 + 3 + 2)
        func loss(_ values: [[Double]]) -> Double {
            var parameters = values.makeIterator()
            func next() -> [Double] { parameters.next() ?? [] }
            let pooled = network.blocks[2...].reduce(features) { $0.invertedBottleneck($1.shape, next: next) }
                .pointwise(next(), outputs: 16).normalized(scale: next(), offset: next()).rectified.pooled
            let logits = pooled.pointwise(next(), outputs: 4), bias = next()
            return logits.plus(PlainImages(network.logits, network.logits.values.values.indices.map { bias[$0 % 4] }))
                .crossEntropy(labels: labels, smoothing: 0.1)
        }
        #expect(abs(loss(variables.map(\.values)) - value) < 1e-5)
        #expect(deviationsFromCentralDifferences(of: loss, by: variables, entries: 40) == [])
    }

    @Test("comes to the same bits, wherever it stops and with the threads that it has", arguments: [1, 2])
    func resumed(threads: Int) throws {
        let weights = try inherited()
        var random = SeededRandom(seed: UInt64(threads))
        for (name, decay) in [("stage1", 1), ("stage2.1", 0.7), ("head", 1), (nil, 0.7)] {
            var configuration = configuration(freezing: name, threads: threads)
            configuration.depthDecay = decay
            let stops = (0..<4).map { _ in random.below(30) }.sorted()
            #expect(try differencesWithStops(after: stops) {
                try SmallRuns.training(configuration, inheriting: weights)
            } == [], "\(name ?? "none") at \(stops)")
        }
    }

    @Test("computes frozen layers to the same bits with any number of threads, and the others but for rounding")
    func threads() throws {
        let weights = try inherited()
        func step(threads: Int, name: String) throws -> (frozen: [[UInt32]], trained: [Double]) {
            let trainer = try SmallRuns.training(configuration(freezing: name, threads: threads), inheriting: weights)
            try trainer.run(upTo: 1)
            let network = trainer.network
            let blocks = network.blocks.prefix { trainer.frozen?.layers.contains($0.name) == true }
            return (
                [network.blocks[0].input.values.bits] + blocks.map(\.output.values.bits),
                network.trainedParameters.flatMap(\.value.doubles)
            )
        }
        for (name, count) in [("stage1", 3), ("head", 5)] {
            let one = try step(threads: 1, name: name), again = try step(threads: 1, name: name)
            #expect(one.frozen.count == count && again.trained == one.trained)
            for threads in [2, 3] {
                let more = try step(threads: threads, name: name), again = try step(threads: threads, name: name)
                #expect(more.frozen == one.frozen && again.trained == more.trained)
                #expect(relativeDistance(more.trained, one.trained) < 1e-5)
            }
        }
    }

    @Test("resumes only with the frozen weights that it began with")
    func otherWeights() throws {
        let trainer = try SmallRuns.training(configuration(freezing: "stem"), inheriting: inherited())
        try trainer.run(upTo: 5)
        let other = try SmallRuns.training(configuration(freezing: "stem"), inheriting: inherited(seed: 13))
        #expect(invalidPlace { try other.restore(trainer.checkpoint()) }?.place == "/settings/frozen_weights")
    }

    @Test("has no state for what is frozen, and says so beforehand", arguments: parts)
    func memory(name: String, count: Int) throws {
        let settings = configuration(freezing: name, threads: 1)
        let trainer = try SmallRuns.training(settings, inheriting: inherited())
        let architecture = trainer.network.architecture
        let memory = TrainingMemory(training: architecture, batch: settings.batch, frozen: trainer.frozen)
        let pooled = trainer.network.pooledPixels
        #expect(memory.featureMaps + memory.weights == 4 * (StoredValues(in: trainer).count - pooled))
        #expect(try memory.checkpoint == trainer.tensorBytes())
        #expect(memory.weights < TrainingMemory(training: architecture, batch: settings.batch).weights)
    }

    @Test("names the stages where there is none of that name, and wants weights that were trained")
    func names() throws {
        let architecture = try SmallRuns.space().largest
        for name in ["stage3", "stage1.3", "classifier", "Stem", "stage", "stage1.", ".1", ""] {
            let error = #expect(throws: ConfigurationError.self) { try FrozenPart(of: architecture, through: name) }
            #expect(error?.setting == "freeze" && error?.found == (name.isEmpty ? "nothing" : name))
            #expect(
                error?.expected == "a stage of \(architecture.name) (stem, stage1, stage2, head) or the name of a layer")
        }
        let error = #expect(throws: ConfigurationError.self) { try SmallRuns.training(configuration(freezing: "stem")) }
        #expect(
            error?.description
                == "freeze: expected weights to inherit, because random ones that are not trained are of no use, found none")
    }

    @Test("counts no layer that is skipped")
    func skipped() throws {
        let architecture = try SmallRuns.space().smallest
        #expect(architecture.layers.map(\.choice).filter { $0 == "skip" }.count == 2)
        let part = try FrozenPart(of: architecture, through: "stage1.2")
        #expect(try part == FrozenPart(of: architecture, through: "stage1") && part.layers == ["stem", "stage1.1"])
        #expect(part.layersOfNetwork == 5)
        #expect(part.tensors.map(\.name) == architecture.weightTensors.prefix(part.tensors.count).map(\.name))
        #expect(part.tensors.last?.name == "stage1.1.project_normalization.variance")
    }
}

@Suite("Learning rates by depth")
struct DepthDecayTests {
    @Test("one step moves a layer by the factor's power for the layers above it", arguments: [0.8, 0.25, 1])
    func powers(factor: Double) throws {
        let before = try SmallRuns.training()
        try before.run(upTo: 12)
        let weights = try before.averagedWeights
        func step(_ factor: Double) throws -> TrainedWeights {
            var configuration = SmallRuns.trainingConfiguration()
            configuration.depthDecay = factor
            // Some of it is weight decay.
            configuration.optimizer.weightDecay = 0.01
            // So fast that the rounding of the new weights is far below what they moved.
            configuration.learningRatePer256 = 1.6e6
            let trainer = try SmallRuns.training(configuration, inheriting: weights)
            try trainer.run(upTo: 1)
            return try trainer.network.weights
        }
        let full = try step(1), decayed = try step(factor)
        let powers = [
            "classifier": 0, "head": 1, "stage2.2": 2, "stage2.1": 3, "stage1.2": 4, "stage1.1": 5, "stem": 6,
        ]
        for tensor in weights.architecture.weightTensors where tensor.role.isTrained {
            let layer = try #require(powers.keys.first { tensor.name.hasPrefix($0 + ".") })
            let expected = (0..<powers[layer, default: 0]).reduce(1.0) { power, _ in power * factor }
            var product = 0.0, square = 0.0
            for (index, start) in weights[tensor.name].enumerated() {
                let whole = Double(full[tensor.name][index]) - Double(start)
                let part = Double(decayed[tensor.name][index]) - Double(start)
                // Each new weight is rounded once.
                let rounding = Double(decayed[tensor.name][index].ulp) + expected * Double(full[tensor.name][index].ulp)
                #expect(
                    abs(part - expected * whole) <= 1e-6 * expected * abs(whole) + rounding, "\(tensor.name)[\(index)]")
                product += part * whole
                square += whole * whole
            }
            #expect(square > 0 && abs(product / square / expected - 1) < 1e-5, "\(tensor.name)")
        }
    }

    @Test("counts the layers that there are: one that is skipped is none")
    func skipped() throws {
        var random = RandomSource(seed: 1)
        let network = try ConvNet(
            SmallRuns.space().smallest, batch: 2, random: &random, context: ExecutionContext(threads: 1))
        network.setLearningRates(decayByDepth: 0.5)
        var factors: [String: Set<Float>] = [:]
        for parameter in network.parameters {
            let layer = ["stem", "stage1.1", "stage2.1", "head", "classifier"].first { parameter.name.hasPrefix($0 + ".") }
            factors[layer ?? parameter.name, default: []].insert(parameter.learningRateFactor)
        }
        #expect(factors == ["classifier": [1], "head": [0.5], "stage2.1": [0.25], "stage1.1": [0.125], "stem": [0.0625]])
    }

    @Test("is above 0 and at most 1", arguments: [0, -0.5, 1.001, .infinity, .nan])
    func refused(factor: Double) {
        var configuration = TrainingConfiguration()
        configuration.depthDecay = factor
        let error = #expect(throws: ConfigurationError.self) { try configuration.check() }
        #expect(error?.setting == "depth_decay" && error?.expected == "a number above 0 and at most 1")
    }
}
