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
        /// With how many threads the device computes; nil for as many as its profile says.
        let deviceThreads: DeviceThreadCount?

        /// Those of the run that is resumed, or else what was given.
        init(_ old: SearchPlan?, space: String?, device: String?, deviceThreads: DeviceThreads, data: String?) throws {
            self.space = old?.spaceSource ?? space ?? ""
            self.device = old?.deviceSource ?? device ?? ""
            self.data = old?.data ?? data ?? ""
            self.deviceThreads = old == nil
                ? try deviceThreads.given
                : try old?.deviceThreads.map { try DeviceThreadCount(argument: String($0), of: "device-threads") }
        }
    }

    private let sources: Sources
    let space: SearchSpace
    let device: DeviceProfile
    /// With how many threads the device computes, where that is not as its profile says.
    let deviceThreads: Int?
    let costModel: CostModel
    let images: ImageDataSource
    /// The images that are trained on.
    let trainingImages: ImageDataset
    /// The paths of all that was read.
    let files: [String]
    /// What the threads that were asked for mean for what was measured; nil where that holds.
    let noteOnThreads: String?

    /// - Parameter trainingImages: how many of them are trained on; nil for what the options say.
    /// - Throws: `FileError`; `TrainingError.imagesDoNotFit`; `DatasetError`; `ValidationError` for more threads than the
    ///   device has cores.
    init(_ sources: Sources, options: RunOptions, trainingImages count: Int?) throws {
        self.sources = sources
        let spacePath = try Catalogue.spaces.path(of: sources.space)
        space = try SearchSpace(contentsOf: spacePath)
        let profile = try DeviceProfile(contentsOf: Catalogue.devices.path(of: sources.device))
        try profile.checkTables(of: space)
        device = try sources.deviceThreads?.applied(to: profile) ?? profile
        let threads = device.runtime.threads, measured = profile.runtime.threads
        deviceThreads = threads == measured ? nil : threads
        noteOnThreads = threads == measured || !profile.isMeasured
            ? nil
            : "\(profile.name) was measured with \(measured.threads): its tables do not hold with \(threads.threads), and how far "
                + "off the model is there is not known."
        costModel = CostModel(device: device)
        images = try ImageDataSource(named: sources.data, classes: space.classes, classesIn: spacePath)
        try Search.check(images.test, fits: space)
        trainingImages = try options.training(images, count: count)
        files = [spacePath] + device.inputs + images.files
    }

    /// Everything that determines a search on these.
    ///
    /// - Parameter old: of the run that is resumed.
    func plan(_ configuration: SearchConfiguration, options: RunOptions, old: SearchPlan?) throws -> SearchPlan {
        var plan = SearchPlan(
            space: space.name, spaceSource: try Catalogue.spaces.source(of: sources.space), device: device.name,
            deviceSource: try Catalogue.devices.source(of: sources.device), data: Catalogue.dataSource(of: sources.data),
            trainingImages: trainingImages.count, configuration: configuration,
            checkpointInterval: options.checkpointInterval(old?.checkpointInterval),
            provenance: try options.provenance(old?.provenance, seed: configuration.seed, files: files))
        plan.deviceThreads = deviceThreads
        return plan
    }

    /// The data set by the name or the path that it was given by.
    var dataAsGiven: String { sources.data }

    /// What a dry run shows of the device.
    var deviceFacts: [(name: String, value: String)] {
        [("device", device.name)] + (deviceThreads.map { [("device threads", "\($0)")] } ?? [])
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

extension Int {
    /// "1 thread", "4 threads".
    fileprivate var threads: String { "\(self) thread\(self == 1 ? "" : "s")" }
}
