import Architectures
import Datasets
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// Compares searches with known answers: what they find at a budget of multiply-accumulates with all networks of that
/// budget, and how the loss that networks inherit from a warm-up ranks them with how well they do alone.
///
/// Every result is stored in a file as soon as it is known, and not computed twice.
///
///     let comparison = try KnownAnswersComparison(task, known: known, search: configuration, path: "known") { print($0) }
///     let found = try comparison.found(macs: 60e6, seed: 0)
///     known.budget(macs: 60e6)?.percentile(of: found.network.accuracy)
public final class KnownAnswersComparison {
    /// What a search came to.
    public struct Found: Hashable, Sendable {
        /// The result.
        public let network: KnownAnswers.Network
        /// What the gradient decided, before candidates were compared.
        public let decided: KnownAnswers.Network
        /// In how many of `steps` steps at the end of the search phase the selection changed.
        public let changes: Int
        public let steps: Int
        /// What the search would have found if it had ended earlier, in the order of time; the last is the result.
        public let incumbents: [Incumbent]
    }

    /// What a search would find if it ended.
    public struct Incumbent: Hashable, Sendable {
        /// Of the search, since its warm-up.
        public let seconds: Double
        public let network: KnownAnswers.Network
    }

    private let task: SearchTask
    private let known: KnownAnswers
    private let warmUps: SharedWarmUps
    private let folder: ResultFolder
    private let log: (String) -> Void

    /// - Parameters:
    ///   - task: the space, the images, and any cost model.
    ///   - known: networks of the space.
    ///   - search: the settings of every search, except targets and seed.
    ///   - path: a directory, which is created where there is none.
    ///   - log: receives a line for every result.
    /// - Throws: `FileError`, also where the directory has results of other settings; `TrainingError.imagesDoNotFit`.
    public init(
        _ task: SearchTask, known: KnownAnswers, search: SearchConfiguration, path: String, log: @escaping (String) -> Void
    ) throws {
        try Search.check(task.testImages, fits: task.space)
        self.task = task
        self.known = known
        self.log = log
        folder = try ResultFolder(
            path,
            configuration: [
                "schema": "onepath.known-answers/1", "space": .string(FileDigest.sha256(ofText: task.space.json.text(pretty: false))),
                "training_images": task.trainingImages.summary, "test_images": task.testImages.summary, "search": search.json,
            ])
        warmUps = SharedWarmUps(task: task, configuration: search, folder: folder, log: log)
    }

    /// What the search of a seed finds.
    ///
    /// - Parameter macs: the budget.
    /// - Throws: `TargetError`; what searches throw; `FileError.invalid` where the network is not known.
    public func found(macs: Double, seed: UInt64) throws -> Found {
        let name = "found-\(Int(macs))-\(seed)"
        return try folder.kept(name, schema: "onepath.known-answer/2", read: { fields in
            func network(_ node: JSONNode) throws -> KnownAnswers.Network {
                guard let network = known.network(with: try [LayerChoice](node)) else {
                    throw node.problem("expected a network that is known")
                }
                return network
            }
            return Found(
                network: try network(fields.node("choices")), decided: try network(fields.node("decided")),
                changes: try fields.integer("changes", in: 0...Int.max), steps: try fields.integer("steps", in: 0...Int.max),
                incumbents: try fields.array("incumbents") { incumbent in
                    try incumbent.object { fields in
                        Incumbent(
                            seconds: try fields.number("seconds", in: 0...1e12), network: try network(fields.node("choices")))
                    }
                })
        }, members: { found in
            [
                .init(key: "choices", value: found.network.choices.json),
                .init(key: "decided", value: found.decided.choices.json),
                .init(key: "changes", value: .integer(found.changes)),
                .init(key: "steps", value: .integer(found.steps)),
                .init(key: "incumbents", value: .array(found.incumbents.map {
                    ["seconds": .number($0.seconds), "choices": $0.network.choices.json]
                })),
            ]
        }) {
            let (run, trajectory) = try warmUps.found(CostTarget(.macs, atMost: macs), seed: seed, keepsTrajectory: true)
            func network(_ choices: [LayerChoice]) throws -> KnownAnswers.Network {
                guard let network = known.network(with: choices) else {
                    throw FileError.invalid(path: name, place: "", problem: "found a network that is not among the known ones")
                }
                return network
            }
            let found = Found(
                network: try network(run.supernet.choices), decided: try network(run.decidedChoices ?? []),
                changes: run.decision.changes, steps: run.decision.steps,
                incumbents: try trajectory.map { Incumbent(seconds: $0.seconds, network: try network($0.choices)) })
            log("\(name): \(found.network.accuracy) %; by the gradient alone \(found.decided.accuracy) %")
            return found
        }
    }

    /// The losses that networks inherit from a warm-up, in their order.
    ///
    /// - Parameters:
    ///   - networks: of those that are known.
    ///   - seed: of the warm-up.
    ///   - images: on which they are evaluated.
    /// - Throws: what searches throw.
    public func inheritedLosses(of networks: [KnownAnswers.Network], seed: UInt64, on images: ImageDataset) throws -> [Double] {
        var search: Search?
        let order = SkipOrder(task.space.searchableLayers)
        return try networks.map { network in
            // Equal networks have one loss.
            let choices = order.ordered(network.choices)
            let key = ResultFolder.key(of: choices.json.text(pretty: false))
            return try folder.kept("inherited-\(seed)-\(images.count)-\(key)", schema: "onepath.known-loss/2", read: { fields in
                try fields.number("loss", in: 0...1e12)
            }, members: { [.init(key: "loss", value: .number($0))] }) {
                let warm = try search ?? warmUps.search(seed: seed)
                search = warm
                return try warm.inheritedLoss(of: choices, on: images, batches: 8)
            }
        }
    }
}
