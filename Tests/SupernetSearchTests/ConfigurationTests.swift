import Datasets
import Files
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport

@Suite("Configuration")
struct ConfigurationTests {
    @Test("reads back what it writes")
    func roundTrip() throws {
        var configuration = SearchConfiguration()
        configuration.lambda = 0.1
        configuration.epochs = 3
        configuration.dropout = 0.3
        configuration.learningRateSchedule = .cosine
        configuration.optimizer.weightDecay = 3e-5
        configuration.augmentation = Augmentation(maximumShift: 3, mirror: false, erasedSide: 8)
        for configuration in [configuration, SearchConfiguration()] {
            let text = configuration.json.text(pretty: true)
            let node = JSONNode(try JSON(parsing: text, path: "c"), path: "c")
            #expect(try SearchConfiguration(json: node) == configuration)
        }
    }

    @Test("of a plan is refused where it is damaged")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let provenance = Provenance(command: "x", seed: nil, inputs: [])
        let search = SearchPlan(
            space: "s", spaceSource: "s", device: "d", deviceSource: "d", data: "i", trainingImages: 640,
            configuration: SearchConfiguration(), checkpointInterval: 7, provenance: provenance)
        let sweep = SweepPlan(warmUp: search, varied: .latencies([1, 2.5]), randomNetworks: 3)
        let training = TrainingPlan(
            architecture: "a", architectureSource: "a", inherit: "w", data: "i", trainingImages: 640,
            configuration: TrainingConfiguration(), checkpointInterval: 7, provenance: provenance)
        func check(_ document: JSON, _ read: () throws -> Void) throws {
            try document.write(to: directory.file("config.json"))
            try read()
            for damage in document.damages(skipping: ["/provenance"])
            where ["removed", "extra field", "text", "object"].contains(damage.what)
                && !damage.pointer.contains("/provenance")
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

        var impossible = SearchConfiguration()
        impossible.learningRatePer256 = -1
        let plan = SearchPlan(
            space: "s", spaceSource: "s", device: "d", deviceSource: "d", data: "i", trainingImages: 640,
            configuration: impossible, checkpointInterval: 7, provenance: provenance)
        try plan.json.write(to: directory.file("config.json"))
        let found = invalidPlace { _ = try SearchPlan(run: directory.path) }
        #expect(found?.place == "/configuration/learning_rate_per_256")
        #expect(found?.sentence.hasSuffix("expected a number above 0, found -1.0") == true)
    }

    @Test("of a sweep reads back what it writes, and names a search for each of its values")
    func sweep() throws {
        let directory = try TemporaryDirectory()
        let search = SearchPlan(
            space: "s", spaceSource: "s", device: "d", deviceSource: "d", data: "i", trainingImages: 640,
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

    /// A setting that cannot be.
    struct Contradiction: CustomTestStringConvertible, Sendable {
        let setting: String
        let change: @Sendable (inout SearchConfiguration) -> Void
        var testDescription: String { setting }

        init(_ setting: String, _ change: @escaping @Sendable (inout SearchConfiguration) -> Void) {
            self.setting = setting
            self.change = change
        }
    }

    static let impossible: [Contradiction] = [
        Contradiction("warm_up_fraction") { $0.warmUpFraction = 0.9 },
        Contradiction("epochs") { $0.epochs = 0 },
        Contradiction("batch") { $0.batch = 1 },
        Contradiction("lambda") { $0.lambda = -.infinity },
        Contradiction("lambda") { $0.lambda = .nan },
        Contradiction("dropout") { $0.dropout = 1 },
        Contradiction("keep_probability") { $0.keepProbability = 0 },
        Contradiction("full_network_interval") { $0.fullNetworkInterval = 0 },
        Contradiction("settling_fraction") { $0.settlingFraction = -0.1 },
        Contradiction("learning_rate_per_256") { $0.learningRatePer256 = 0 },
        Contradiction("label_smoothing") { $0.labelSmoothing = .nan },
        Contradiction("moving_average_decay") { $0.movingAverageDecay = 1.5 },
        Contradiction("log_interval") { $0.logInterval = 0 },
        Contradiction("maximum_shift") { $0.augmentation.maximumShift = -1 },
        // The images have eight pixels a side.
        Contradiction("maximum_shift") { $0.augmentation.maximumShift = 8 },
        Contradiction("erased_side") { $0.augmentation.erasedSide = 8 },
        Contradiction("lambda") { $0.lambda = 1e7 },
        Contradiction("threads") { $0.threads = 0 },
    ]

    @Test("that contradicts itself is refused before anything runs", arguments: impossible)
    func contradicts(contradiction: Contradiction) throws {
        var configuration = SmallRuns.searchConfiguration()
        try configuration.check()
        contradiction.change(&configuration)
        let error = #expect(throws: ConfigurationError.self) { try SmallRuns.search(configuration) }
        #expect(error?.setting == contradiction.setting)
    }
}
