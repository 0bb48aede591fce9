import Architectures
import Datasets
import Files
import Testing
import TestSupport
import Training

@Suite("Training")
struct TrainerTests {
    @Test("learns, tells the test accuracy after every epoch, and leaves the weights that reach it")
    func learns() throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.epochs = 40
        configuration.learningRatePer256 = 0.064
        // A mirror image would have another label, and a corner of another image two.
        configuration.augmentation.mirror = false
        configuration.augmentation.cutMix = 0
        let training = try SmallRuns.training(configuration)
        var told: [TrainingStep] = []
        try training.run { told.append($0) }
        #expect(told.map(\.step) == Array(1...400))
        #expect(told.filter { $0.evaluation != nil }.map(\.step) == (1...40).map { 10 * $0 })
        #expect(told.filter(\.isLogged).map(\.step) == (1...400).filter { $0 % 4 == 0 || $0 % 10 == 0 })
        #expect(told.map(\.epoch) == (0..<400).map { $0 / 10 + 1 })
        let last = try #require(told.last?.evaluation)
        #expect(last.accuracy > 0.9 && last.count == 60, "\(last)")
        #expect(try training.evaluate() == last)

        // Another network with the weights says the same.
        let other = try SmallRuns.training(inheriting: training.averagedWeights)
        #expect(try other.network.evaluate(SmallRuns.images(60, seed: 2), statistics: training.statistics) == last)
        let line = told[399].json
        #expect(line["test_accuracy"] == .number(last.accuracy) && told[398].json["test_accuracy"] == JSON.null)
    }

    @Test("classifies after a few steps as well as it trains: its statistics are those of its weights")
    func shortRun() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        var configuration = SmallRuns.trainingConfiguration()
        configuration.epochs = 2
        configuration.batch = 64
        configuration.learningRatePer256 = TrainingConfiguration().learningRatePer256
        let training = try Trainer(
            of: space.largest, trainingImages: FashionMNIST.training.prefix(1280),
            testImages: FashionMNIST.test.prefix(2000), configuration: configuration)
        var told: [Double] = []
        try training.run { told.append($0.crossEntropy) }
        let trained = told.suffix(10).reduce(0, +) / 10
        let evaluation = try training.evaluate()
        #expect(evaluation.crossEntropy < trained, "\(evaluation), trained \(trained)")
    }

    @Test("begins with the weights that it is given")
    func inherits() throws {
        let first = try SmallRuns.training()
        try first.run()
        let weights = try first.averagedWeights
        #expect(try SmallRuns.training(inheriting: weights).network.weights == weights)
        #expect(try SmallRuns.training().network.weights != weights)
    }

    @Test("draws the classifier where the weights are of other classes, as many, and takes all else")
    func drawsClassifier() throws {
        let first = try SmallRuns.training()
        try first.run()
        let weights = try first.averagedWeights, fresh = try SmallRuns.training().network.weights
        let found = try Trainer(
            of: weights.architecture, inheriting: weights, trainingImages: SmallRuns.images(167, seed: 1),
            testImages: SmallRuns.images(60, seed: 2), configuration: SmallRuns.trainingConfiguration(),
            drawsClassifier: true
        ).network.weights
        let taken = Set(weights.architecture.featureTensors.map(\.name))
        #expect(!taken.isEmpty && taken.count < weights.architecture.weightTensors.count)
        for name in weights.architecture.weightTensors.map(\.name) {
            if !taken.contains(name) { #expect(weights[name] != fresh[name], "\(name)") }
            #expect(found[name] == (taken.contains(name) ? weights[name] : fresh[name]), "\(name)")
        }
    }

    @Test("of images of one size neither resizes them nor crops them")
    func oneSize() throws {
        let images = SmallRuns.images(64, seed: 1), architecture = try SmallRuns.space().largest
        let cases: [(setting: String?, change: (inout TrainingConfiguration) -> Void)] = [
            ("train_resolution", { $0.trainResolution = TrainResolution("16") }),
            ("train_resolution", { $0.trainResolution = TrainResolution(8, to: 40) }),
            ("crop_area", { $0.augmentation.cropArea = 0.5...1 }), ("jitter", { $0.augmentation.jitter = 0.2 }),
            (nil, { $0.trainResolution = TrainResolution("8") }),
        ]
        for (setting, change) in cases {
            var configuration = SmallRuns.trainingConfiguration()
            change(&configuration)
            var refused: String?
            do {
                _ = try Trainer(
                    of: architecture, trainingImages: images, testImages: images, configuration: configuration)
            } catch let error as ConfigurationError {
                refused = error.setting
            }
            #expect(refused == setting)
        }
    }

    @Test("falls by the schedule that is chosen", arguments: LearningRateSchedule.Kind.allCases)
    func schedule(kind: LearningRateSchedule.Kind) throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.learningRateSchedule = kind
        var rates: [Double] = []
        try SmallRuns.training(configuration).run { rates.append($0.learningRate) }
        let initial = 0.016 * 16 / 256
        #expect(abs(rates[0] - initial) < 1e-8)
        let half = kind == .cosine ? initial / 2 : initial * 0.97
        #expect(abs(rates[15] - half) < 1e-8, "\(rates[15])")
    }

    @Test("of images that do not fit, or a network that cannot be computed, is refused")
    func refused() throws {
        let images = SmallRuns.images(64, seed: 1)
        let space = try Spaces.quick()
        #expect {
            try Trainer(
                of: space.largest, trainingImages: images, testImages: images,
                configuration: SmallRuns.trainingConfiguration())
        } throws: {
            "\($0)" == "corners: expected images of 28x28x1 in 10 classes for the architecture "
                + "\(space.largest.name), found images of 8x8x1 in 4 classes"
        }
        let squeezed = try Architecture(contentsOf: ShippedFiles.reference("efficientnet-b0"))
        #expect {
            try Trainer(
                of: squeezed, trainingImages: images, testImages: images,
                configuration: SmallRuns.trainingConfiguration())
        } throws: { "\($0)".hasPrefix("efficientnet-b0: expected ReLU or ReLU6 alone") }
    }

    @Test("that diverges tells the step and the layer where it showed first")
    func divergence() throws {
        let training = try SmallRuns.training()
        try training.run(upTo: 2)
        // A weight of a block in the middle; all before it stays finite.
        let block = training.network.blocks[1]
        block.projection.weights.value.fill(.infinity)
        let error = #expect(throws: TrainingError.self) { try training.run() }
        guard case .diverged(let step, let place, _)? = error else {
            Issue.record("expected a divergence")
            return
        }
        #expect(step == 3 && place == "the output of \(block.name).project")
        #expect("\(error!)".contains("try a smaller learning rate"))
        #expect(throws: TrainingError.self, "no checkpoint is made of it") { try training.checkpoint() }
    }

    @Test("comes to the same bits, wherever it stops")
    func resumed() throws {
        #expect(try differencesWithStops(after: [0, 1, 9, 10, 11, 20, 29, 30]) { try SmallRuns.training() } == [])
    }

    @Test("has no event after its last step")
    func ended() throws {
        let training = try SmallRuns.training()
        try training.run()
        let state = try training.stateBytes()
        #expect(training.step == training.steps)
        #expect(try training.next() == nil)
        #expect(try training.stateBytes() == state)
    }

    @Test("with CutMix, images have the classes of both parts of their frame")
    func cutMix() throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.augmentation.cutMix = 1
        configuration.dropout = 0
        let training = try SmallRuns.training(configuration)
        let sampler = try BatchSampler(
            dataset: SmallRuns.images(167, seed: 1), batch: configuration.batch, seed: configuration.seed,
            augmentation: configuration.augmentation, statistics: training.statistics)
        let other = try SmallRuns.training(configuration, inheriting: training.network.weights), network = other.network
        let loader = BatchLoader(sampler, into: network)
        try loader.load(step: 0)
        network.forward(training: true)
        let second = try #require(loader.secondLabels)
        let both = Double(network.loss.evaluate(labels: loader.labels, second: second))
        let first = Double(network.loss.evaluate(labels: loader.labels))
        guard case .step(let step)? = try training.next() else {
            Issue.record("no step")
            return
        }
        #expect(abs(step.crossEntropy - both) < 1e-5 && abs(first - both) > 1e-3, "\(step.crossEntropy), \(both), \(first)")
    }
}
