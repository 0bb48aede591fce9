import Architectures
import Datasets
import Engine
import HardwareProfiles
import JSONDocuments

/// Searched networks against others of the same latency, all trained alike from scratch.
///
/// Every accuracy is kept in a file as soon as it is known, and not computed twice.
///
///     let comparison = try QualityComparison(space: space, …, path: "quality") { print($0) }
///     let target = try comparison.compare(target: 1.9, random: 20, seeds: 5)
///     target.shareOfRandom(below: 0.92)
public final class QualityComparison {
    /// What came out at one latency.
    public struct Target: Sendable {
        public enum Kind: String, Sendable {
            case searched, random, uniform
        }

        public struct Group: Sendable {
            public let kind: Kind
            /// Of the test images, one a network.
            public let accuracies: [Double]
        }

        public let latencyMs: Double
        /// Searched, random, uniform.
        public let groups: [Group]

        /// The part of the random networks that are less accurate.
        public func shareOfRandom(below accuracy: Double) -> Double {
            let random = groups.first { $0.kind == .random }?.accuracies ?? []
            return random.isEmpty ? .nan : Double(random.count { $0 < accuracy }) / Double(random.count)
        }
    }

    /// What networks inherit from a warm-up, beside what they reach alone.
    public struct Rank: Sendable {
        public let inherited: [Double]
        public let alone: [Double]
        public var tau: Double { kendallTau(inherited, alone) }
    }

    /// How far from a target a random or uniform network's latency may be.
    private static let tolerance = 0.03

    private let space: SearchSpace
    private let costModel: CostModel
    private let images: ImageDataSource
    private let search: SearchConfiguration
    private let training: TrainingConfiguration
    private let path: String
    private let log: (String) -> Void

    /// - Parameters:
    ///   - search: of every search, but for targets and seed.
    ///   - training: of every training.
    ///   - path: a directory, made where there is none.
    ///   - log: takes a line for every result.
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    public init(
        space: SearchSpace, costModel: CostModel, images: ImageDataSource, search: SearchConfiguration,
        training: TrainingConfiguration, path: String, log: @escaping (String) -> Void
    ) throws {
        try Search.check(images.test, fits: space)
        self.space = space
        self.costModel = costModel
        self.images = images
        self.search = search
        self.training = training
        self.path = path
        self.log = log
        try RunDirectory.makeDirectories(path)
    }

    /// Compares at one latency.
    ///
    /// - Parameters:
    ///   - random: how many random networks.
    ///   - seeds: how many searches.
    /// - Throws: `TargetError`; what searches and trainings throw.
    public func compare(target: Double, random count: Int, seeds: Int) throws -> Target {
        let searched = try (0..<seeds).map { try accuracy(of: found(target: target, seed: UInt64($0))) }
        let others = try randomNetworks(near: target, count: count).map(accuracy(of:))
        let uniform = try uniformNetworks(near: target).map(accuracy(of:))
        return Target(
            latencyMs: target,
            groups: [
                .init(kind: .searched, accuracies: searched), .init(kind: .random, accuracies: others),
                .init(kind: .uniform, accuracies: uniform),
            ])
    }

    /// Compares what random networks inherit from the warm-up of the first seed with what they reach alone.
    public func rank(count: Int) throws -> Rank {
        let networks = space.randomArchitectures(count, seed: 1)
        var warm: Search?
        let inherited = try networks.map { network in
            try kept("inherited-\(key(network))") {
                let search = try warm ?? warmedUp(seed: 0)
                warm = search
                return try search.inheritedAccuracy(of: network.choices, on: images.test).accuracy
            }
        }
        return Rank(inherited: inherited, alone: try networks.map(accuracy(of:)))
    }

    // MARK: - Networks

    /// What a search for the target finds, from the seed's warm-up, which all targets share.
    private func found(target: Double, seed: UInt64) throws -> Architecture {
        let file = "\(path)/search-\(target)-\(seed).json"
        if let old = try? Architecture(contentsOf: file) { return old }
        var configuration = search
        configuration.seed = seed
        configuration.targets = [CostTarget(.latency, atMost: target)]
        let run = try Search(
            space: space, costModel: costModel, training: images.training, configuration: configuration)
        try run.branch(from: warmedUp(seed: seed).checkpoint())
        try run.run { _ in }
        let architecture = run.supernet.derivedArchitecture(name: "found for \(target) ms, seed \(seed)")
        try architecture.json().write(to: file)
        log("\(architecture.name): \(architecture.choices.map(\.description).joined(separator: ", "))")
        return architecture
    }

    /// A search at the end of its warm-up.
    private func warmedUp(seed: UInt64) throws -> Search {
        var configuration = search
        configuration.seed = seed
        let run = try Search(
            space: space, costModel: costModel, training: images.training, configuration: configuration)
        let file = "\(path)/warm-up-\(seed).checkpoint"
        if let checkpoint = try? Checkpoint(contentsOf: file) {
            try run.restore(checkpoint)
            return run
        }
        struct End: Error {}
        do {
            try run.run { _ in if run.step == run.warmUpSteps { throw End() } }
        } catch is End {}
        try run.checkpoint().write(to: file)
        log("warm-up of seed \(seed)")
        return run
    }

    private func randomNetworks(near target: Double, count: Int) -> [Architecture] {
        var found: [Architecture] = []
        var seen: Set<String> = []
        // Each round draws anew; a target that no network is near ends the drawing.
        for round in 0..<200 where found.count < count {
            for network in space.randomArchitectures(1000, seed: UInt64(1000 + round)) where found.count < count {
                if isNear(network, target), seen.insert(key(network)).inserted { found.append(network) }
            }
        }
        return found
    }

    /// Networks of one choice everywhere in which layers that may be skipped are, from the end of each stage on, until the
    /// latency is near the target.
    private func uniformNetworks(near target: Double) -> [Architecture] {
        let layers = space.searchableLayers
        func stage(_ layer: SearchSpace.Layer) -> String { String(layer.name.prefix { $0 != "." }) }
        let longest = Dictionary(grouping: layers, by: stage).values.map(\.count).max() ?? 0
        return space.uniformArchitectures.compactMap { uniform in
            (1...max(longest, 1)).reversed().lazy.compactMap { depth in
                var counts: [String: Int] = [:]
                let choices = zip(layers, uniform.choices).map { layer, choice in
                    counts[stage(layer), default: 0] += 1
                    return layer.maySkip && (counts[stage(layer)] ?? 0) > depth ? .skip : choice
                }
                return try? self.space.architecture(name: "\(uniform.name), depth \(depth)", choices: choices)
            }.first { self.isNear($0, target) }
        }
    }

    private func isNear(_ network: Architecture, _ target: Double) -> Bool {
        abs(costModel.estimate(network.network).latencyMs / target - 1) <= Self.tolerance
    }

    // MARK: - Results

    /// Of a network that is trained from scratch.
    private func accuracy(of network: Architecture) throws -> Double {
        try kept("trained-\(key(network))") {
            let run = try Training(
                of: network, training: images.training, test: images.test, configuration: training)
            try run.run { _ in }
            return run.evaluate().accuracy
        }
    }

    private func key(_ network: Architecture) -> String {
        String(FileDigest.sha256(ofText: network.choices.map(\.description).joined(separator: " ")).prefix(16))
    }

    /// A number from its file, or computed and kept there.
    private func kept(_ name: String, _ compute: () throws -> Double) throws -> Double {
        let file = "\(path)/\(name).json"
        let schema = "onepath.quality-result/1"
        if let old = try? JSONNode(contentsOf: file, what: "result") {
            return try old.object { fields in
                try fields.schema(schema)
                return try fields.number("accuracy", in: 0...1)
            }
        }
        let value = try compute()
        let document: JSON = ["schema": .string(schema), "accuracy": .number(value)]
        try document.write(to: file)
        log("\(name): \((value * 1e4).rounded() / 100) %")
        return value
    }
}
