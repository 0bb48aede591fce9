import Datasets
import Engine
import Files
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

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
        configuration.augmentation = Augmentation(maximumShift: 3, mirror: false, erasedSide: 8, cutMix: 0.25)
        var plain = configuration
        var constants = SGD.Configuration()
        (constants.momentum, constants.isNesterov, constants.weightDecay) = (0.8, false, 1e-3)
        plain.optimizer = .sgd(constants)
        for configuration in [configuration, plain, SearchConfiguration()] {
            let text = configuration.json.text(pretty: true)
            let node = JSONNode(try JSON(parsing: text, path: "c"), path: "c")
            #expect(try SearchConfiguration(json: node) == configuration)
        }
    }

    @Test("of before version 0.2 is read: the part of the run that fine-tunes had another name")
    func formerName() throws {
        var configuration = SearchConfiguration()
        configuration.fineTuneFraction = 0.25
        /// The configuration with these fields in the place of the one that holds the part.
        func changed(_ fields: [JSON.Member]) -> JSONNode {
            guard case .object(let members) = configuration.json else { return JSONNode(nil, path: "c") }
            return JSONNode(
                .object(members.flatMap { $0.key == "fine_tune_fraction" ? fields : [$0] }), path: "c")
        }
        let former = JSON.Member(key: "settling_fraction", value: 0.25)
        #expect(try SearchConfiguration(json: changed([former])) == configuration)
        // Not both, not neither, and as strictly as under its present name.
        for (fields, place) in [
            ([former, JSON.Member(key: "fine_tune_fraction", value: 0.25)], "/fine_tune_fraction"),
            ([], "/fine_tune_fraction"), ([JSON.Member(key: "settling_fraction", value: 2)], "/settling_fraction"),
        ] {
            let found = invalidPlace { try SearchConfiguration(json: changed(fields)) }
            #expect(found?.place == place, "\(found?.sentence ?? "accepted")")
        }
    }

    @Test("that names no optimiser is one of RMSProp; an optimiser that there is not is refused, with those that there are")
    func optimizer() throws {
        func changed(_ optimizer: JSON?) -> JSONNode {
            guard case .object(let members) = SearchConfiguration().json else { return JSONNode(nil, path: "c") }
            return JSONNode(
                .object(members.compactMap { member in
                    if member.key != "optimizer" { return member }
                    return optimizer.map { JSON.Member(key: "optimizer", value: $0) }
                }), path: "c")
        }
        #expect(try SearchConfiguration(json: changed(nil)) == SearchConfiguration())
        for (value, expected) in [(JSON.string("adam"), #""rmsprop" or "sgd""#), (.integer(3), "a string")] {
            let found = invalidPlace { try SearchConfiguration(json: changed(value)) }
            #expect(found?.place == "/optimizer" && found?.sentence.contains(expected) == true, "\(found?.sentence ?? "accepted")")
        }
        // Its constants are others than those of RMSProp.
        let found = invalidPlace { try SearchConfiguration(json: changed("sgd")) }
        #expect(found?.place == "/sgd_momentum", "\(found?.sentence ?? "accepted")")
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
        Contradiction("fine_tune_fraction") { $0.fineTuneFraction = -0.1 },
        Contradiction("rmsprop_momentum") { $0.optimizer.momentum = 1 },
        Contradiction("sgd_momentum") {
            $0.optimizer = OptimizerConfiguration(.sgd)
            $0.optimizer.momentum = -.infinity
        },
        Contradiction("weight_decay") { $0.optimizer.weightDecay = .nan },
        Contradiction("learning_rate_per_256") { $0.learningRatePer256 = 0 },
        Contradiction("label_smoothing") { $0.labelSmoothing = .nan },
        Contradiction("moving_average_decay") { $0.movingAverageDecay = 1.5 },
        Contradiction("log_interval") { $0.logInterval = 0 },
        Contradiction("maximum_shift") { $0.augmentation.maximumShift = -1 },
        // The images have eight pixels a side.
        Contradiction("maximum_shift") { $0.augmentation.maximumShift = 8 },
        Contradiction("erased_side") { $0.augmentation.erasedSide = 8 },
        Contradiction("cutmix") { $0.augmentation.cutMix = 1.5 },
        Contradiction("cutmix") { $0.augmentation.cutMix = .nan },
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
