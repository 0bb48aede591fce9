import Architectures
import Datasets
import Engine
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// Compares found networks with others of the same latency; all have the same training.
///
/// The networks inherit their weights from a warm-up that is independent of all searches, and train further. A short
/// training from random weights would not do: two trainings of one network then differ more than two networks.
/// Warm-ups differ much too, so each network is trained from several, and all its trainings count.
///
/// Every accuracy is stored in a file as soon as it is known, and not computed twice.
///
///     let comparison = try QualityComparison(space: space, …, path: "quality") { print($0) }
///     let target = try comparison.compare(target: 1.9, random: 20, seeds: 5)
///     target.shareOfRandom { $0.accuracy < 0.92 } // 0.9
public final class QualityComparison {
    /// The results at one latency.
    public struct Target: Sendable {
        public enum Kind: String, Sendable {
            case searched, random, uniform
        }

        public struct Group: Sendable {
            public let kind: Kind
            public let networks: [Architecture]
            /// On the test images, one for each network, over all of its trainings. Losses still distinguish networks
            /// whose accuracies differ by no more than chance.
            public let results: [Evaluation]
        }

        public let latencyMs: Double
        /// Found by a search, random, uniform.
        public let groups: [Group]

        /// The part of the random networks that meet a condition; nil where there are none.
        public func shareOfRandom(where holds: (Evaluation) -> Bool) -> Double? {
            let random = groups.first { $0.kind == .random }?.results ?? []
            return random.isEmpty ? nil : Double(random.count(where: holds)) / Double(random.count)
        }
    }

    /// The results of networks with inherited weights and after training.
    public struct Rank: Sendable {
        /// One for each network, in the same order.
        public let inherited: [Evaluation]
        public let alone: [Evaluation]
        /// Those that a search credits them with.
        public let activations: [Double]

        public init(inherited: [Evaluation], alone: [Evaluation], activations: [Double]) {
            self.inherited = inherited
            self.alone = alone
            self.activations = activations
        }

        /// Kendall's τ of the accuracies.
        public var tau: Double { kendallTau(inherited.map(\.accuracy), alone.map(\.accuracy)) }
        /// Kendall's τ of the losses.
        public var lossTau: Double { kendallTau(inherited.map(\.crossEntropy), alone.map(\.crossEntropy)) }
        /// Kendall's τ of what a search ranks by, the inherited loss and the activations, and the loss after training.
        public var creditedTau: Double {
            kendallTau(creditedLosses(inherited.map(\.crossEntropy), activations: activations), alone.map(\.crossEntropy))
        }
    }

    /// The largest relative distance of a random or uniform network's latency from the target.
    private static let tolerance = 0.03
    /// The seed of the first warm-up from which all networks inherit; searches have the seeds from 0 on.
    private static let commonSeed: UInt64 = 1_000_000
    private var commonWarmUps: [UInt64: Search] = [:]

    private let task: SearchTask
    private var space: SearchSpace { task.space }
    private let training: TrainingConfiguration
    private let trainings: Int
    private let folder: ResultFolder
    private let warmUps: SharedWarmUps
    private let log: (String) -> Void

    /// - Parameters:
    ///   - task: the space, the cost model and the images.
    ///   - search: the settings of every search, except targets and seed.
    ///   - training: the settings of every training.
    ///   - trainings: the number of trainings of each network, at least one.
    ///   - path: a directory, which is created where there is none.
    ///   - log: receives a line for every result.
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    public init(
        _ task: SearchTask, search: SearchConfiguration, training: TrainingConfiguration, trainings: Int, path: String,
        log: @escaping (String) -> Void
    ) throws {
        precondition(trainings >= 1, "QualityComparison: every network is trained at least once, got \(trainings)")
        try Search.check(task.testImages, fits: task.space)
        self.task = task
        self.training = training
        self.trainings = trainings
        self.log = log
        folder = try ResultFolder(path, configuration: Self.configuration(task, search, training))
        warmUps = SharedWarmUps(task: task, configuration: search, folder: folder, log: log)
    }

    /// Everything that the results depend on.
    private static func configuration(_ task: SearchTask, _ search: SearchConfiguration, _ training: TrainingConfiguration) -> JSON {
        [
            "schema": "onepath.quality/1", "space": .string(FileDigest.sha256(ofText: task.space.json.text(pretty: false))),
            "latencies": .array(task.costModel.latencyTable(of: task.space).layers.map { layer in
                .array(layer.entries.map { .number($0.value) })
            }),
            "training_images": task.trainingImages.summary, "test_images": task.testImages.summary,
            "search": search.json, "training": training.json,
        ]
    }

    /// Compares networks at one latency.
    ///
    /// - Parameters:
    ///   - random: the number of random networks.
    ///   - seeds: the number of searches.
    /// - Throws: `TargetError`; what searches and trainings throw.
    public func compare(target: Double, random count: Int, seeds: Int) throws -> Target {
        func group(_ kind: Target.Kind, _ networks: [Architecture]) throws -> Target.Group {
            Target.Group(kind: kind, networks: networks, results: try networks.map(result(of:)))
        }
        // First the results without searches: they remain useful if a search fails.
        let random = try group(.random, randomNetworks(near: target, count: count))
        let uniform = try group(.uniform, uniformNetworks(near: target))
        let searched = try group(.searched, (0..<seeds).map { try found(target: target, seed: UInt64($0)) })
        return Target(latencyMs: target, groups: [searched, random, uniform])
    }

    /// Compares the accuracy of a target's random networks with weights inherited from the warm-up of the first seed
    /// with their accuracy after training.
    ///
    /// - Returns: nil where there are fewer than two.
    public func rank(of target: Target) throws -> Rank? {
        guard let random = target.groups.first(where: { $0.kind == .random }), random.networks.count > 1 else {
            return nil
        }
        var warm: Search?
        let inherited = try random.networks.map { network in
            try kept("inherited-\(key(network))") {
                let search = try warm ?? warmUps.search(seed: 0)
                warm = search
                return try search.inheritedAccuracy(of: space.choices(of: network), on: task.testImages)
            }
        }
        let layers = space.searchableLayers
        let limit = Constraint(
            target: CostTarget(.latency, atMost: target.latencyMs), costs: task.costModel.latencyTable(of: space))
        let activations = layers.creditedActivations(limits: [limit])
        return Rank(
            inherited: inherited, alone: random.results,
            activations: try random.networks.map { dot(layers.partsUsed(by: try space.choices(of: $0)), activations) })
    }

    // MARK: - Networks

    /// The network that a search for the target finds from the seed's warm-up; all targets share the warm-up.
    private func found(target: Double, seed: UInt64) throws -> Architecture {
        let file = "\(folder.path)/search-\(target)-\(seed).json"
        if let old = try? Architecture(contentsOf: file) { return old }
        let run = try warmUps.found(CostTarget(.latency, atMost: target), seed: seed).search
        let architecture = run.foundArchitecture(name: "found for \(target) ms, seed \(seed)")
        try architecture.json().write(to: file)
        log("\(architecture.name): \(architecture.choices.joined(separator: ", "))")
        return architecture
    }

    private func randomNetworks(near target: Double, count: Int) -> [Architecture] {
        var found: [Architecture] = []
        var seen: Set<String> = []
        // Each round draws new networks; a target that no network is near ends the drawing.
        for round in 0..<200 where found.count < count {
            for network in space.randomArchitectures(1000, seed: UInt64(1000 + round)) where found.count < count {
                if distance(network, to: target) <= Self.tolerance, seen.insert(key(network)).inserted { found.append(network) }
            }
        }
        return found
    }

    /// Networks with the same choice in every layer, like a MobileNetV2 with fewer layers in its stages. Layers at the
    /// end of each stage are skipped so that the latency comes nearest to the target.
    private func uniformNetworks(near target: Double) -> [Architecture] {
        let layers = space.searchableLayers
        let stages = layers.map { String($0.name.prefix { $0 != "." }) }
        // The number of layers of each stage that can be left out, and all combinations.
        let skippable = Set(stages).sorted().map { stage in
            (stage: stage, count: zip(layers, stages).count { $0.maySkip && $1 == stage })
        }
        let depths = skippable.reduce([[:]]) { ways, stage in
            ways.flatMap { way in
                (0...stage.count).map { skipped in way.merging([stage.stage: skipped]) { $1 } }
            }
        }
        return space.uniformArchitectures.compactMap { uniform in
            guard let everywhere = try? space.choices(of: uniform) else { return nil }
            let networks = depths.compactMap { skips -> Architecture? in
                var left = skips
                let choices = zip(zip(layers, stages), everywhere).reversed().map { place, choice in
                    guard place.0.maySkip, let skips = left[place.1], skips > 0 else { return choice }
                    left[place.1] = skips - 1
                    return place.0.smallest
                }
                return try? space.architecture(name: uniform.name, choices: choices.reversed())
            }
            let nearest = networks.map { (network: $0, distance: distance($0, to: target)) }
                .min { $0.distance < $1.distance }
            return nearest.flatMap { $0.distance <= Self.tolerance ? $0.network : nil }
        }
    }

    /// The relative distance of a network's latency from a target.
    private func distance(_ network: Architecture, to target: Double) -> Double {
        abs(task.costModel.estimate(network.network).latencyMs / target - 1)
    }

    // MARK: - Results

    /// The result of a network over its trainings, each from another warm-up, of which none belongs to a search.
    private func result(of network: Architecture) throws -> Evaluation {
        Evaluation(together: try (0..<UInt64(trainings)).map { number in
            try kept("trained-\(key(network))-\(number)") {
                let seed = Self.commonSeed + number
                let warm = try commonWarmUps[seed] ?? warmUps.search(seed: seed)
                commonWarmUps[seed] = warm
                let trainer = try Trainer(
                    of: network, inheriting: warm.inheritedWeights(of: network), trainingImages: task.trainingImages,
                    testImages: task.testImages, configuration: training)
                while try trainer.next() != nil {}
                return try trainer.evaluate()
            }
        })
    }

    private func key(_ network: Architecture) -> String {
        ResultFolder.key(of: network.choices.joined(separator: " "))
    }

    /// Reads a result from its file, or computes and stores it.
    private func kept(_ name: String, _ compute: () throws -> Evaluation) throws -> Evaluation {
        try folder.kept(name, schema: "onepath.quality-result/2", read: { try Evaluation(json: &$0) }, members: \.members) {
            let value = try compute()
            log("\(name): \((value.accuracy * 1e4).rounded() / 100) %, loss \((value.crossEntropy * 1e4).rounded() / 1e4)")
            return value
        }
    }
}

extension ImageDataset {
    /// What images they are.
    var summary: JSON { ["name": .string(name), "count": .integer(count), "sha256": .string(digest)] }
}
