import Architectures
import ArgumentParser
import Datasets
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// What a search or a sweep works on, read from the files that it was given or was begun with.
struct SearchInputs {
    /// By which name or path each was given.
    struct Sources {
        let space: String
        let device: String
        let data: String
    }

    let sources: Sources
    let space: SearchSpace
    let device: DeviceProfile
    let costModel: CostModel
    let images: ImageDataSource
    /// The images that are trained on.
    let trainingImages: ImageDataset
    private let spacePath: String

    /// - Parameter trainingImages: how many of them are trained on; nil for what the options say.
    /// - Throws: `FileError`; `TrainingError.imagesDoNotFit`; `DatasetError`.
    init(_ sources: Sources, options: RunOptions, trainingImages count: Int?) throws {
        self.sources = sources
        spacePath = try Catalogue.spaces.path(of: sources.space)
        space = try SearchSpace(contentsOf: spacePath)
        device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: sources.device))
        try device.checkTables(of: space)
        costModel = CostModel(device: device)
        images = try ImageDataSource(named: sources.data, classes: space.classes, classesIn: spacePath)
        try Search.check(images.test, fits: space)
        trainingImages = try options.training(images, count: count)
    }

    /// How a run on these begins.
    func provenance(seed: UInt64) throws -> Provenance {
        try Provenance(
            command: CommandLine.arguments.joined(separator: " "), seed: seed,
            files: [spacePath] + device.inputs + images.files)
    }

    /// Everything that determines a search on these.
    ///
    /// - Parameter old: of the run that is resumed.
    func plan(_ configuration: SearchConfiguration, options: RunOptions, old: SearchPlan?) throws -> SearchPlan {
        SearchPlan(
            space: space.name, spaceSource: sources.space, device: device.name, deviceSource: sources.device,
            data: sources.data, trainingImages: trainingImages.count, configuration: configuration,
            checkpointInterval: options.checkpointInterval(old?.checkpointInterval),
            provenance: try old?.provenance ?? provenance(seed: configuration.seed))
    }

    func search(_ configuration: SearchConfiguration) throws -> Search {
        try Search(space: space, costModel: costModel, trainingImages: trainingImages, configuration: configuration)
    }

    /// What a search takes, in bytes.
    func memory(_ configuration: SearchConfiguration) -> TrainingMemory {
        TrainingMemory(
            searching: space, batch: configuration.batch, candidates: configuration.candidates,
            trainingImages: trainingImages.count)
    }

    /// How long the phases of a search take on this machine; it is shown what is being timed.
    func timing(_ configuration: SearchConfiguration) throws -> SearchTiming {
        try SearchTiming(
            configuration, testImages: images.test, memory: memory(configuration), report: DryRun.showTiming, make: search)
    }
}
