import Datasets
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("The plan of a run")
struct PlanTests {
    @Test("is refused where it is damaged")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let provenance = Provenance(command: "x", seed: nil, inputs: [])
        let search = SearchPlan(
            space: RunInput(name: "s", source: "s"), device: RunInput(name: "d", source: "d"),
            images: RunImages(data: "i", count: 640),
            configuration: SearchConfiguration(), checkpointInterval: 7, provenance: provenance)
        let sweep = SweepPlan(warmUp: search, varied: .latencies([1, 2.5]), randomNetworks: 3)
        let training = TrainingPlan(
            architecture: RunInput(name: "a", source: "a"), inherit: "w", images: RunImages(data: "i", count: 640),
            configuration: TrainingConfiguration(), checkpointInterval: 7, provenance: provenance)
        func check(_ document: JSON, _ read: () throws -> Void) throws {
            try document.write(to: directory.file("config.json"))
            try read()
            for damage in document.damages(skipping: ["/provenance"])
            where ["removed", "extra field", "text", "object"].contains(damage.what)
                && !damage.pointer.contains("/provenance")
                // Fields that older runs do not have.
                && !(damage.what == "removed"
                    && [
                        "crop_area", "jitter", "train_resolution", "strategy", "activation_weight", "layer_keep_probability",
                        "optimizer",
                    ].contains { damage.pointer.hasSuffix("/configuration/\($0)") })
                // Fewer values are another sweep, and without any it is one of other values.
                && !(damage.what == "removed" && damage.pointer.hasPrefix("/target_latencies_ms")) {
                try damage.document.write(to: directory.file("config.json"))
                let found = invalidPlace(read)
                #expect(found?.place.hasPrefix(damage.pointer) == true, "\(damage.what) at \(damage.pointer)")
            }
        }
        try check(search.json) { _ = try SearchPlan(run: directory.path) }
        try check(training.json) { _ = try TrainingPlan(run: directory.path) }
        try check(sweep.json) { _ = try SweepPlan(run: directory.path) }
        let impossibleSweeps: [(limits: [Double], random: Int, place: String)] = [
            ([], 3, "/target_latencies_ms"), ([1, 1], 3, "/target_latencies_ms"), ([1], 1001, "/random"),
        ]
        for (limits, random, place) in impossibleSweeps {
            let plan = SweepPlan(warmUp: search, varied: .latencies(limits), randomNetworks: random)
            try plan.json.write(to: directory.file("config.json"))
            #expect(invalidPlace { _ = try SweepPlan(run: directory.path) }?.place == place)
        }

        var impossible = SearchConfiguration()
        impossible.learningRatePer256 = -1
        let plan = SearchPlan(
            space: RunInput(name: "s", source: "s"), device: RunInput(name: "d", source: "d"),
            images: RunImages(data: "i", count: 640),
            configuration: impossible, checkpointInterval: 7, provenance: provenance)
        try plan.json.write(to: directory.file("config.json"))
        let found = invalidPlace { _ = try SearchPlan(run: directory.path) }
        #expect(found?.place == "/configuration/learning_rate_per_256")
        #expect(found?.sentence.hasSuffix("expected a number above 0, found -1.0") == true)
    }

    @Test("reads back what it says of a folder of images, and is that of older runs without it")
    func folder() throws {
        let directory = try TemporaryDirectory()
        var images = RunImages(data: "photos", count: 640, holdout: 0.25, classNames: ["a b", "é"])
        images.skipped = ["train/a b/1.jpg"]
        images.skippedTraining = 1
        images.isUncached = true
        var configuration = TrainingConfiguration()
        configuration.augmentation = .photo
        configuration.trainResolution = TrainResolution(96, to: 160)
        configuration.freeze = "stage2"
        configuration.depthDecay = 0.8
        configuration.quantizationAwareEpochs = 3
        let plan = TrainingPlan(
            architecture: RunInput(name: "a", source: "a"), inherit: "w", images: images, configuration: configuration,
            checkpointInterval: 7, provenance: Provenance(command: "x", seed: nil, inputs: []))
        try plan.json.write(to: directory.file("config.json"))
        let again = try TrainingPlan(run: directory.path)
        #expect(again.images == images && again.configuration == configuration && again.json == plan.json)

        guard case .object(let members) = plan.json, case .object(let settings)? = plan.json["configuration"] else {
            Issue.record("\(plan.json)")
            return
        }
        // A share with which no image would be left on one side.
        try AtomicFile.write("{}", to: directory.file("result.json"))
        for share in [0.0, 1, 1.5] {
            try JSON.object(members.map { $0.key == "holdout" ? .init(key: "holdout", value: .number(share)) : $0 })
                .write(to: directory.file("config.json"))
            #expect(invalidPlace { _ = try TrainingPlan(run: directory.path) }?.place == "/holdout")
            #expect(invalidPlace { _ = try FinishedRun(directory.path) }?.place == "/holdout")
        }
        let newer = [
            "holdout", "class_names", "skipped_images", "skipped_train_examples", "no_cache", "crop_area", "jitter", "train_resolution",
            "freeze", "depth_decay", "quantization_aware_epochs",
        ]
        let older = JSON.object(members.filter { !newer.contains($0.key) }.map { member in
            member.key != "configuration"
                ? member : .init(key: member.key, value: .object(settings.filter { !newer.contains($0.key) }))
        })
        try older.write(to: directory.file("config.json"))
        let read = try TrainingPlan(run: directory.path)
        #expect(read.images == RunImages(data: "photos", count: 640))
        #expect(read.configuration.trainResolution == nil)
        #expect(read.configuration.freeze == nil && read.configuration.depthDecay == 1 && read.configuration.quantizationAwareEpochs == 0)
        #expect(read.configuration.augmentation == Augmentation(maximumShift: 0, mirror: true))
    }

    @Test("of a training that is tuned above frozen layers is refused where it is damaged, and a search has none")
    func tuned() throws {
        let directory = try TemporaryDirectory()
        let provenance = Provenance(command: "x", seed: nil, inputs: [])
        var configuration = TrainingConfiguration()
        configuration.freeze = "stage2"
        configuration.depthDecay = 0.8
        func place(inheriting weights: String?) throws -> String? {
            let plan = TrainingPlan(
                architecture: RunInput(name: "a", source: "a"), inherit: weights,
                images: RunImages(data: "i", count: 640), configuration: configuration, checkpointInterval: 7,
                provenance: provenance)
            try plan.json.write(to: directory.file("config.json"))
            return invalidPlace { _ = try TrainingPlan(run: directory.path) }?.place
        }
        #expect(try place(inheriting: "w") == nil)
        #expect(try place(inheriting: nil) == "/configuration/freeze")
        configuration.depthDecay = 0
        #expect(try place(inheriting: "w") == "/configuration/depth_decay")

        for (freeze, decay, field) in [("stage2", 1.0, "freeze"), (nil, 0.8, "depth_decay")] {
            var settings = SearchConfiguration()
            settings.freeze = freeze
            settings.depthDecay = decay
            #expect(throws: ConfigurationError.self) { try settings.check() }
            let plan = SearchPlan(
                space: RunInput(name: "s", source: "s"), device: RunInput(name: "d", source: "d"),
                images: RunImages(data: "i", count: 640), configuration: settings, checkpointInterval: 7,
                provenance: provenance)
            try plan.json.write(to: directory.file("config.json"))
            #expect(invalidPlace { _ = try SearchPlan(run: directory.path) }?.place == "/configuration/\(field)")
        }
    }

    @Test("of a sweep reads back what it writes, and names a search for each of its values")
    func sweep() throws {
        let directory = try TemporaryDirectory()
        let search = SearchPlan(
            space: RunInput(name: "s", source: "s"), device: RunInput(name: "d", source: "d"),
            images: RunImages(data: "i", count: 640),
            configuration: SearchConfiguration(), checkpointInterval: 7,
            provenance: Provenance(command: "x", seed: nil, inputs: []))
        for varied in [SweepPlan.Varied.latencies([1, 2.5]), .lambdas([0.1, 3])] {
            let plan = SweepPlan(warmUp: search, varied: varied, randomNetworks: 3)
            try plan.json.write(to: directory.file("config.json"))
            let again = try SweepPlan(run: directory.path)
            #expect(again.varied == varied && again.randomNetworks == 3 && again.json == plan.json)
            #expect(again.warmUp.checkpointInterval == 7)
            let isLatency = varied == .latencies([1, 2.5])
            #expect(again.searches.map(\.name) == (isLatency ? ["latency-1.0", "latency-2.5"] : ["lambda-0.1", "lambda-3.0"]))
            #expect(again.searches[1].configuration.targets == (isLatency ? [CostTarget(.latency, atMost: 2.5)] : []))
            #expect(again.searches[1].configuration.lambda == (isLatency ? SearchConfiguration().lambda : 3))
        }
    }
}
