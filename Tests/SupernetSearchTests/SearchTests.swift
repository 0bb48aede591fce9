import Architectures
import Datasets
import Engine
import Files
import Foundation
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Searches on real images", .serialized)
struct SearchTests {
    private static let costModel = Result {
        CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
    }

    /// A search in the quick space, and its logged steps.
    private func run(
        _ space: SearchSpace, examples: Int, lambda: Double, epochs: Int = 4, seed: UInt64 = 0
    ) throws -> (search: Search, log: [SearchStep]) {
        var configuration = SearchConfiguration()
        configuration.lambda = lambda
        configuration.epochs = epochs
        configuration.batch = 64
        configuration.seed = seed
        configuration.threads = 2
        configuration.candidates = 1
        let search = try Search(
            space: space, costModel: Self.costModel.get(), trainingImages: FashionMNIST.training.prefix(examples),
            configuration: configuration)
        var log: [SearchStep] = []
        try search.run { if $0.isLogged { log.append($0) } }
        return (search, log)
    }

    @Test("the larger λ, the faster what is found: from the largest to below 60 % of it")
    func sweep() throws {
        let space = try Spaces.quick(), model = try Self.costModel.get()
        let largest = model.estimate(space.largest.network).latencyMs
        let latencies = try [0, 0.02, 0.1, 0.5, 2.5].map { lambda in
            let search = try run(space, examples: 6400, lambda: lambda).search
            let found = model.estimate(search.supernet.derivedArchitecture(name: "found").network).latencyMs
            #expect(abs(found - search.supernet.runtimeMs) <= 1e-6 * found)
            return found
        }
        #expect(latencies[0] >= 0.9 * largest, "\(latencies) of \(largest)")
        #expect(zip(latencies, latencies.dropFirst()).allSatisfy { $0 >= $1 }, "\(latencies)")
        #expect(latencies.last! < 0.6 * largest, "\(latencies) of \(largest)")
    }

    @Test("a space of three kernel sizes and four expansions is searched like any other")
    func otherChoices() throws {
        let space = try Spaces.quick(kernels: [3, 5, 7], expansions: [1, 2, 4, 6])
        let (search, log) = try run(space, examples: 3200, lambda: 0.3)
        let architecture = search.supernet.derivedArchitecture(name: "found")
        let estimate = try Self.costModel.get().estimate(architecture.network)
        #expect(log.last!.step == search.steps)
        #expect(abs(log.last!.runtimeMs - estimate.latencyMs) <= 1e-6 * estimate.latencyMs)
        #expect(architecture != space.largest && architecture != space.smallest)
        #expect(log.last!.crossEntropy < log.first!.crossEntropy)
    }

    @Test("the found network classifies as the supernet under its indicators does, with the averaged weights")
    func found() throws {
        let (search, log) = try run(try Spaces.quick(), examples: 1280, lambda: 0.3)
        let images = try FashionMNIST.test.prefix(500)
        let before = search.supernet.parameters.flatMap { $0.value.values }
        let network = try search.foundNetwork(name: "found")
        #expect(search.supernet.parameters.flatMap { $0.value.values } == before)
        #expect(network.architecture == search.supernet.derivedArchitecture(name: "found"))
        let own = try network.evaluate(images, statistics: search.statistics)
        let supernet = try search.evaluate(images)
        // Two ways to add up the same numbers may part at a tie.
        #expect(own.count == supernet.count && abs(own.correct - supernet.correct) <= 1)
        #expect(own.accuracy > 0.2)
        // After a few steps too, when running statistics still remember other weights and indicators.
        let last = log.filter { $0.epoch == 4 }
        let trained = last.reduce(0) { $0 + $1.crossEntropy } / Double(last.count)
        #expect(supernet.crossEntropy < trained, "\(supernet), trained \(trained)")
    }

    @Test("the same seed gives the same search, another seed another")
    func repeatable() throws {
        let space = try Spaces.quick()
        func outcome(seed: UInt64) throws -> (lines: [JSON], architecture: Architecture, weights: [Float]) {
            let (search, log) = try run(space, examples: 1280, lambda: 0.2, epochs: 2, seed: seed)
            return (
                log.map { $0.json(layers: space.searchableLayers).without("images_per_second") },
                search.supernet.derivedArchitecture(name: "found"),
                search.supernet.parameters.flatMap { $0.value.values }
            )
        }
        let first = try outcome(seed: 5), second = try outcome(seed: 5), other = try outcome(seed: 6)
        #expect(first.lines == second.lines)
        #expect(first.architecture == second.architecture)
        #expect(first.weights == second.weights)
        #expect(first.lines != other.lines)
    }

    @Test("what was learnt is inherited, and the averaged weights know test images")
    func inheritance() throws {
        let (search, _) = try run(Spaces.quick(), examples: 12800, lambda: 0.05)
        let supernet = search.supernet
        let test = try FashionMNIST.test
        let accuracy = try search.evaluate(test).accuracy
        #expect(accuracy > 0.7)
        #expect(try search.evaluate(test).accuracy == accuracy, "evaluating changes nothing")

        let derived = supernet.derivedNetwork(name: "derived", batch: 64)
        let batches = EvaluationBatches(
            dataset: test, batch: 64, statistics: try FashionMNIST.training.channelStatistics)
        var labels = [Int32](repeating: 0, count: 64)
        try batches.fill(step: 0, rows: 0..<64, by: batches.makeReader(), images: derived.images.values.pointer, labels: &labels)
        supernet.network.images.values.copy(from: derived.images.values)
        supernet.network.forward(training: false)
        derived.forward(training: false)
        #expect(largestDifference(derived.logits.values.values, supernet.network.logits.values.values) < 1e-4)
    }

    @Test("every step is told; the last, that of the search phase and every twentieth logged, with all three phases")
    func steps() throws {
        let space = try Spaces.quick()
        var configuration = SearchConfiguration()
        configuration.batch = 32
        configuration.epochs = 2
        configuration.candidates = 5
        let search = try Search(
            space: space, costModel: Self.costModel.get(), trainingImages: FashionMNIST.training.prefix(897),
            configuration: configuration)
        var told: [SearchStep] = [], fineTuned: [[LayerIndicators]] = []
        try search.run {
            told.append($0)
            if $0.phase == .fineTune { fineTuned.append(search.supernet.indicators) }
        }
        #expect(search.steps == 50)
        #expect(told.map(\.step) == Array(1...50))
        #expect(told.filter(\.isLogged).map(\.step) == [20, 40, 43, 50])
        #expect(told.map(\.epoch) == Array(repeating: 1, count: 25) + Array(repeating: 2, count: 25))
        #expect(told.filter { $0.phase == .warmUp }.count == 36)
        #expect(told.filter { $0.phase == .fineTune }.count == 7)
        #expect(told.allSatisfy { ($0.indicators == nil) == !$0.isLogged })
        #expect(fineTuned.count == 7 && fineTuned.allSatisfy { $0 == told[49].indicators })
        #expect(told[0].learningRate == Double(Float(0.016 * 32 / 256)))
        #expect(told[49].learningRate < told[0].learningRate)

        let line = told[49].json(layers: space.searchableLayers)
        let fields = ["step", "epoch", "loss", "cross_entropy", "runtime_ms", "learning_rate", "images_per_second", "indicators"]
        #expect(fields.allSatisfy { line[$0] != nil })
        #expect(line["indicators"]?["stage1.2"]?["expansion_3"] != nil, "a layer that may be skipped")
        #expect(line["indicators"]?["stage2.1"]?["expansion_3"] == nil, "a layer that may not")
    }

    @Test("does a step when it is asked for one, and no other")
    func pulled() throws {
        let search = try Search(
            space: Spaces.quick(), costModel: Self.costModel.get(), trainingImages: FashionMNIST.training.prefix(1280),
            configuration: SearchConfiguration())
        for expected in 1...3 {
            let event = try #require(try search.next())
            #expect(event.finishedStep?.step == expected && search.step == expected)
        }
    }

    @Test("a run that diverges says so, and where")
    func divergence() throws {
        var configuration = SearchConfiguration()
        configuration.learningRatePer256 = 1e30
        configuration.logInterval = 1
        let search = try Search(
            space: Spaces.quick(), costModel: Self.costModel.get(), trainingImages: FashionMNIST.training.prefix(1280),
            configuration: configuration)
        let error = #expect(throws: TrainingError.self) { try search.run() }
        guard case .diverged = error else {
            Issue.record("expected a divergence, found \(String(describing: error))")
            return
        }
    }

    @Test("images that do not fit the space, or do not fill a batch, are refused")
    func wrongImages() throws {
        let images = try FashionMNIST.training, model = try Self.costModel.get()
        let sentence = "fashion-mnist training: expected images of 7x7x2 in 3 classes for the search space tiny, "
            + "found images of 28x28x1 in 10 classes"
        #expect {
            try Search(space: Spaces.tiny(), costModel: model, trainingImages: images, configuration: SearchConfiguration())
        } throws: { "\($0)" == sentence }
        #expect(throws: DatasetError.self) {
            try Search(
                space: Spaces.quick(), costModel: model, trainingImages: images.prefix(63), configuration: SearchConfiguration())
        }
    }
}
