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
        /// On which targets are kept too.
        let otherDevices: [String]
        /// The same as `deviceThreads`, of each of them.
        let otherThreads: [DeviceThreadCount?]

        /// Those of the run that is resumed, or else what was given.
        ///
        /// - Parameter devices: the one that is searched for, and others.
        init(_ old: SearchPlan?, space: String?, devices: [String], deviceThreads: DeviceThreads, data: String?) throws {
            self.space = old?.space.source ?? space ?? ""
            device = old?.device.source ?? devices.first ?? ""
            otherDevices = old?.otherDevices.map(\.source) ?? Array(devices.dropFirst())
            self.data = old?.images.data ?? data ?? ""
            if let old {
                func count(_ threads: Int?) throws -> DeviceThreadCount? {
                    try threads.map { try DeviceThreadCount(argument: String($0), of: "device-threads") }
                }
                self.deviceThreads = try count(old.deviceThreads)
                otherThreads = try old.otherDevices.map { try count($0.threads ?? old.deviceThreads) }
            } else {
                let given = try deviceThreads.given
                self.deviceThreads = given
                otherThreads = otherDevices.map { _ in given }
            }
        }
    }

    private let sources: Sources
    let space: SearchSpace
    let device: DeviceProfile
    /// With how many threads the device computes, where that is not as its profile says.
    let deviceThreads: Int?
    let costModel: CostModel
    /// Devices on which targets are kept too.
    let others: [TargetDevice]
    let otherDevices: [DeviceProfile]
    /// With how many threads each of them computes, where that is neither as many as `deviceThreads` nor as its profile says.
    private let otherThreads: [Int?]
    let images: ImageDataSource
    /// The images that are trained on.
    private(set) var trainingImages: ImageDataset
    /// How many they are, with the broken ones.
    private let trainingCount: Int
    /// The images for evaluation.
    private(set) var testImages: ImageDataset
    /// The paths of broken images that are left out, from the folder of images on.
    private var skipped: [String] = []
    /// All that was read, as it is now.
    let provenanceInputs: [Provenance.Input]

    /// - Parameter old: the images of the run that is resumed.
    /// - Throws: `FileError`; `TrainingError.imagesDoNotFit`; `DatasetError`; `ValidationError` for more threads than the
    ///   device has cores.
    init(_ sources: Sources, options: RunOptions, resuming old: RunImages?) throws {
        self.sources = sources
        let spacePath = try Catalogue.spaces.path(of: sources.space)
        var space = try SearchSpace(contentsOf: spacePath)
        let profile = try DeviceProfile(contentsOf: Catalogue.devices.path(of: sources.device))
        try profile.checkTables(of: space)
        device = try sources.deviceThreads?.applied(to: profile) ?? profile
        let others = try zip(sources.otherDevices, sources.otherThreads).map { source, threads in
            let profile = try DeviceProfile(contentsOf: Catalogue.devices.path(of: source))
            try profile.checkTables(of: space)
            return (device: try threads?.applied(to: profile) ?? profile, usualThreads: profile.runtime.threads)
        }
        otherDevices = others.map(\.device)
        var names: Set = [profile.name]
        for other in otherDevices where !names.insert(other.name).inserted {
            throw ValidationError(
                "--device: expected devices of different names, found two profiles named \(other.name); give one of them "
                    + "another \"name\"")
        }
        self.others = otherDevices.map { TargetDevice(name: $0.name, costModel: CostModel(device: $0)) }
        let isAsMeasured = device.runtime.threads == profile.runtime.threads
        let deviceThreads = isAsMeasured ? nil : device.runtime.threads
        self.deviceThreads = deviceThreads
        otherThreads = others.map { other in
            let threads = other.device.runtime.threads
            return threads == deviceThreads ?? other.usualThreads ? nil : threads
        }
        costModel = CostModel(device: device)
        images = try options.images(sources.data, classes: space.classes, classesIn: spacePath, resuming: old)
        if images.folder != nil { space.classes = images.training.classes }
        self.space = space
        testImages = images.test
        try Search.check(testImages, fits: space)
        trainingImages = try options.training(images, count: old?.count)
        trainingCount = trainingImages.count
        provenanceInputs = try .files([spacePath] + device.inputs + otherDevices.flatMap(\.inputs)) + images.provenanceInputs
    }

    /// Everything that determines a search on these.
    ///
    /// - Parameter old: of the run that is resumed.
    func plan(_ configuration: SearchConfiguration, options: RunOptions, old: SearchPlan?) throws -> SearchPlan {
        var plan = SearchPlan(
            space: RunInput(name: space.name, source: try Catalogue.spaces.source(of: sources.space)),
            device: RunInput(name: device.name, source: try Catalogue.devices.source(of: sources.device)),
            images: options.runImages(images, data: sources.data, count: trainingCount),
            configuration: configuration, checkpointInterval: options.checkpointInterval(old?.checkpointInterval),
            provenance: options.provenance(old?.provenance, seed: configuration.seed, inputs: provenanceInputs))
        plan.otherDevices = try zip(zip(otherDevices, otherThreads), sources.otherDevices).map { other, source in
            var input = RunInput(name: other.0.name, source: try Catalogue.devices.source(of: source))
            input.threads = other.1
            return input
        }
        plan.deviceThreads = deviceThreads
        plan.images.prepared(trainingImages, of: trainingCount, skipped: skipped)
        plan.images.heldOut = heldOut
        return plan
    }

    /// Settings with the augmentation that suits the images.
    ///
    /// - Parameter options: of the run.
    func suited(_ configuration: SearchConfiguration, options: RunOptions) -> SearchConfiguration {
        var configuration = configuration
        configuration.augmentation = options.usualAugmentation(of: images, input: space.input)
        return configuration
    }

    /// Reads the images of a folder from a cache from now on.
    ///
    /// - Throws: `FileError` where an image cannot be read.
    mutating func cacheImages(
        _ options: PhotoOptions, for configuration: SearchConfiguration, resuming old: RunImages?
    ) throws {
        let shape = ImageShape(configuration.training.trainedInput(of: space.input))
        (trainingImages, testImages, skipped) = try options.prepared(
            training: trainingImages, test: testImages, of: images, shape: shape,
            augmentation: configuration.augmentation, resuming: old)
    }

    /// Leaves broken images out of a dry run, if those are to be skipped.
    ///
    /// - Throws: `FileError.invalid` where all of them are broken.
    mutating func leaveOutBroken(_ options: PhotoOptions) throws {
        (trainingImages, testImages) = try options.planned(training: trainingImages, test: testImages, of: images)
    }

    /// How many of the training images are not trained on, but compare candidates.
    var heldOut: Int { Search.heldOutImages(of: trainingImages.count) }

    /// The data set by the name or the path that it was given by.
    var dataAsGiven: String { sources.data }

    /// How the latencies of networks on the device are known, for people.
    func latencyBasis(of estimates: [CostEstimate]) -> String {
        device.basis(of: estimates)
    }

    /// What a dry run shows of the device.
    var deviceFacts: [(name: String, value: String)] {
        let names = [device.name] + others.map(\.name)
        let threads: [(name: String, value: String)] = deviceThreads.map { [("device threads", "\($0)")] } ?? []
        return [(names.count == 1 ? "device" : "devices", names.joined(separator: ", "))] + threads
    }

    func search(_ configuration: SearchConfiguration) throws -> Search {
        try Search(
            space: space, costModel: costModel, others: others, trainingImages: trainingImages, configuration: configuration)
    }

    /// What a search takes, in bytes.
    func memory(_ configuration: SearchConfiguration) -> TrainingMemory {
        var trained = space
        trained.input = configuration.training.trainedInput(of: space.input)
        return TrainingMemory(
            searching: trained, batch: configuration.batch, strategy: configuration.comparesCandidates ? configuration.strategy : .gradient)
    }

    /// How long the phases of a search take on this machine; it is shown what is being timed.
    func timing(_ configuration: SearchConfiguration) throws -> SearchTiming {
        try SearchTiming(
            configuration, testImages: testImages, memory: memory(configuration), report: DryRun.showTiming, make: search)
    }
}
