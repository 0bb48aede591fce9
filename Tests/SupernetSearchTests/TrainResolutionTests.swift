import Architectures
import Datasets
import Files
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Images that grow from epoch to epoch")
struct TrainResolutionTests {
    private static let images = CornerPhotos(80)
    /// As many to train on, and those that a search holds out.
    private static let searched = CornerPhotos(88)

    @Test("have parts of equal length, none shorter than an epoch, and end at the size that is given")
    func sides() throws {
        func sides(_ text: String, _ epochs: Int) throws -> [Int] {
            let resolution = try #require(TrainResolution(text))
            return (0..<epochs).map { resolution.side(epoch: $0, of: epochs) }
        }
        #expect(try sides("128", 3) == [128, 128, 128])
        #expect(try sides("96-160", 10) == [96, 96, 112, 112, 128, 128, 144, 144, 160, 160])
        #expect(try sides("96-160", 3) == [96, 128, 160] && sides("96-160", 1) == [160])
        #expect(try sides("24-32", 6) == [24, 24, 28, 28, 32, 32])
        #expect(try sides("100-110", 4) == [100, 100, 110, 110])
        for text in ["", "-", "96-", "-160", "96-128-160", "a", "9.5", " 96"] { #expect(TrainResolution(text) == nil, "\(text)") }
    }

    @Test("are refused where the second is smaller, or none can be trained on", arguments: ["160-96", "4-96", "96-9000", "7"])
    func refused(text: String) throws {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.trainResolution = TrainResolution(text)
        #expect { try configuration.check() } throws: { ($0 as? ConfigurationError)?.setting == "train_resolution" }
    }

    private func makeTraining(_ weights: TrainedWeights? = nil, freezing stage: String? = nil) throws -> Trainer {
        var configuration = SmallRuns.trainingConfiguration()
        configuration.freeze = stage
        configuration.augmentation = .photo
        configuration.trainResolution = TrainResolution(8, to: 40)
        return try Trainer(
            of: try SmallRuns.space().largest, inheriting: weights, trainingImages: Self.images.dataset,
            testImages: Self.images.dataset, configuration: configuration)
    }

    private func makeSearch() throws -> Search {
        var configuration = SmallRuns.searchConfiguration()
        configuration.augmentation = .photo
        configuration.training.trainResolution = TrainResolution(8, to: 40)
        return try Search(
            space: SmallRuns.space(), costModel: CostModel(device: DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))),
            trainingImages: Self.searched.dataset, configuration: configuration)
    }

    @Test("are those that the training says, with the weights as they were and statistics of the largest")
    func training() throws {
        let training = try makeTraining()
        var sides: [Int] = []
        try training.run { _ in sides.append(training.network.images.height) }
        #expect(sides == [8, 24, 40].flatMap { [Int](repeating: $0, count: 5) })
        // Of 15 steps, five at 64 pixels, five at 576 and five at 1,600.
        #expect(training.share(ofSteps: 0) == 0 && abs(training.share(ofSteps: 15) - 1) < 1e-12)
        #expect(abs(training.share(ofSteps: 6) - (5 * 64 + 576.0) / (5 * (64 + 576 + 1600))) < 1e-12)
        #expect(training.statistics == (try Self.images.dataset.framed(ImageShape(height: 40, width: 40, channels: 1)).channelStatistics))
        #expect(try training.averagedWeights.architecture.input.height == 8)
        #expect(try training.evaluate().accuracy > 0.25)
    }

    @Test("leave the same bits wherever a training stops")
    func resumedTraining() throws {
        #expect(try differencesWithStops(after: [0, 3, 5, 6, 10, 11, 15]) { try makeTraining() } == [])
    }

    @Test("leave frozen layers as they were inherited, and the same bits wherever a training of the others stops")
    func frozen() throws {
        let inherited = try makeTraining().averagedWeights
        let training = try makeTraining(inherited, freezing: "stage1")
        try training.run()
        let trained = try training.averagedWeights
        for tensor in training.architecture.weightTensors {
            let isFrozen = tensor.name.hasPrefix("stem") || tensor.name.hasPrefix("stage1")
            #expect((trained[tensor.name] == inherited[tensor.name]) == isFrozen, "\(tensor.name)")
        }
        #expect(
            try differencesWithStops(after: [2, 5, 7, 10, 13]) { try makeTraining(inherited, freezing: "stage1") } == [])
    }

    @Test("leave the same bits wherever a search stops, and the network has the input of the space")
    func resumedSearch() throws {
        #expect(try differencesWithStops(after: [0, 4, 5, 6, 12, 13, 15, 17, 18, 20]) { try makeSearch() } == [])
        let search = try makeSearch()
        var sides: [Int] = []
        try search.run { _ in sides.append(search.supernet.space.input.height) }
        #expect(sides == [8, 18, 29, 40].flatMap { [Int](repeating: $0, count: 5) })
        #expect(search.foundArchitecture(name: "found").input.height == 8)
        #expect(try search.foundWeights(name: "found").architecture.input.height == 8)
        #expect(try search.evaluate(Self.images.dataset.framed(ImageShape(search.space.input))).accuracy > 0)
    }

    @Test("are held in memory by one network at a time")
    func oneAtATime() throws {
        let training = try makeTraining(), search = try makeSearch()
        try training.run(upTo: 5)
        try search.run(upTo: 5)
        weak let network = training.network
        weak let supernet = search.supernet
        try training.run(upTo: 6)
        try search.run(upTo: 11)
        #expect(network == nil && supernet == nil)
    }
}
