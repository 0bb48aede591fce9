import Datasets
import Engine
import Files
import HardwareProfiles
import Training

/// All settings of a search. Together with its inputs (space, device, images) they determine a run.
///
/// A search is a training of a network that decides its own sizes: its settings are those of a training, under the same
/// names, and some more. The defaults are those published with Single-Path NAS (Stamoulis et al., 2019), except λ and
/// the batch, which depend on the task: these suit the space fashion-mnist.
@dynamicMemberLookup
public struct SearchConfiguration: Hashable, Sendable {
    /// λ, the weight of log(runtime / 1 ms) in the loss; with targets, the initial weight of the logarithm of each
    /// cost.
    public var lambda = 0.1
    /// Limits on the cost of the network; the λ controller then moves λ so that the cost is at the limit, or slightly
    /// below.
    public var targets: [CostTarget] = []
    /// The first part of the run, in which λ is 0, parts are dropped out and nothing is decided.
    public var warmUpFraction = 5.0 / 7
    /// The last part of the run, in which the indicators are fixed and only weights are trained.
    public var fineTuneFraction = 1.0 / 7
    /// How networks are compared after the search phase.
    public var strategy = SearchStrategy.surrogate
    /// The number of candidates that are ranked by the loss of their inherited weights after the search phase; with 1, what
    /// the gradient has decided is the result.
    public var candidates = 50
    /// How much the number of activations counts beside the loss, where networks are compared after the search phase: 0 for
    /// not at all, 1 for as much as the loss. See `ActivationCredit`.
    public var activationWeight = 1.0
    /// Whether candidates are ranked.
    public var comparesCandidates: Bool { strategy != .gradient && candidates > 1 }
    /// The probability that a warm-up step keeps an indicator of a kernel size or an expansion ratio.
    public var keepProbability: Float = 0.6
    /// The probability that a warm-up step keeps a layer that may be skipped. A network that often trains without some of its
    /// layers learns to do without them (Huang et al., 2016, "Deep Networks with Stochastic Depth"), and would rate them far
    /// below what they are worth to a network that always has them.
    public var layerKeepProbability: Float = 0.92
    /// The first of every so many warm-up steps keeps all indicators: comparing sub-networks by their inherited weights
    /// is fair only if the largest has trained as well as the smaller ones (the sandwich rule of Yu and Huang, 2019,
    /// "Universally Slimmable Networks and Improved Training Techniques", section 3.2).
    public var fullNetworkInterval = 3
    /// The settings of the training of weights.
    public var training: TrainingConfiguration

    /// The names of the settings that only the phases after the warm-up use: a search may continue from the warm-up of
    /// another that differs in these.
    static let settingsAfterWarmUp = Set(["lambda", "strategy", "candidates", "activation_weight"] + CostQuantity.allCases.map(setting(of:)))

    public init() {
        training = TrainingConfiguration()
        training.epochs = 7
    }

    public subscript<Value>(dynamicMember path: WritableKeyPath<TrainingConfiguration, Value>) -> Value {
        get { training[keyPath: path] }
        set { training[keyPath: path] = newValue }
    }

    /// Checks that every setting is valid, and that none contradicts another.
    ///
    /// - Throws: `ConfigurationError` for the first that is not.
    public func check() throws(ConfigurationError) {
        try training.check()
        // A search trains all of a network that it has drawn.
        try ConfigurationError.check(
            "freeze", training.freeze == nil, expected: "none in a search", found: training.freeze ?? "none")
        try ConfigurationError.check(
            "depth_decay", training.depthDecay == 1, expected: "none in a search", found: training.depthDecay)
        try ConfigurationError.check(
            "quantization_aware_epochs", training.quantizationAwareEpochs == 0, expected: "none in a search",
            found: training.quantizationAwareEpochs)
        try ConfigurationError.check(
            "lambda", (0...1e6).contains(lambda), expected: "a number from 0 to 1000000", found: lambda)
        for quantity in CostQuantity.allCases {
            let limits = targets.filter { $0.quantity == quantity }.map(\.limit)
            try ConfigurationError.check(
                Self.setting(of: quantity), limits.count < 2 && limits.allSatisfy { $0.isFinite && $0 > 0 },
                expected: "one positive number", found: limits.map { quantity.text($0) }.joined(separator: " and "))
        }
        for (setting, part) in [("warm_up_fraction", warmUpFraction), ("fine_tune_fraction", fineTuneFraction)] {
            try ConfigurationError.check(
                setting, (0...1).contains(part), expected: "a number from 0 to 1", found: part)
        }
        try ConfigurationError.check(
            "warm_up_fraction", warmUpFraction + fineTuneFraction < 1,
            expected: "less than 1 together with fine_tune_fraction, which leaves a part of the run for the search phase",
            found: "\(warmUpFraction) and \(fineTuneFraction)")
        try ConfigurationError.check(
            "candidates", (1...10_000).contains(candidates), expected: "a number from 1 to 10000", found: candidates)
        try ConfigurationError.check(
            "activation_weight", (0...100).contains(activationWeight), expected: "a number from 0 to 100", found: activationWeight)
        try ConfigurationError.check(
            "keep_probability", keepProbability > 0 && keepProbability <= 1, expected: "a number above 0 and up to 1",
            found: keepProbability)
        try ConfigurationError.check(
            "layer_keep_probability", layerKeepProbability > 0 && layerKeepProbability <= 1,
            expected: "a number above 0 and up to 1", found: layerKeepProbability)
        try ConfigurationError.check(
            "full_network_interval", fullNetworkInterval >= 1, expected: "a positive number", found: fullNetworkInterval)
    }

    /// The name of the field for the fine-tune phase's part of the run; runs before version 0.2 have
    /// "settling_fraction".
    ///
    /// - Parameter names: of all fields.
    package static func fineTuneField(of names: Set<String>) -> String {
        names.contains("settling_fraction") ? "settling_fraction" : "fine_tune_fraction"
    }

    /// The name of the setting for the target of a quantity; it is absent without a target.
    public static func setting(of quantity: CostQuantity) -> String { "target_" + quantity.field }

    /// All fields, as an object.
    public var json: JSON {
        let own: [(String, JSON)] = [
            ("lambda", .number(lambda)),
            ("warm_up_fraction", .number(warmUpFraction)),
            ("fine_tune_fraction", .number(fineTuneFraction)),
            ("strategy", .string(strategy.rawValue)),
            ("candidates", .integer(candidates)),
            ("activation_weight", .number(activationWeight)),
            ("keep_probability", .number(shortest: keepProbability)),
            ("layer_keep_probability", .number(shortest: layerKeepProbability)),
            ("full_network_interval", .integer(fullNetworkInterval)),
        ]
        let targets = targets.map { JSON.Member(key: Self.setting(of: $0.quantity), value: .number($0.limit)) }
        return .object(own.map { JSON.Member(key: $0.0, value: $0.1) } + targets + training.members)
    }

    /// Reads the form of `json`, strictly.
    ///
    /// - Throws: `FileError.invalid`; `ConfigurationError` for settings that are not valid.
    public init(json node: JSONNode) throws {
        self = try node.object { fields in
            var configuration = SearchConfiguration()
            configuration.lambda = try fields.number("lambda", in: 0...Double.greatestFiniteMagnitude)
            for quantity in CostQuantity.allCases {
                guard let limit = fields.optionalNode(Self.setting(of: quantity)) else { continue }
                configuration.targets.append(
                    CostTarget(quantity, atMost: try limit.number(in: 0...Double.greatestFiniteMagnitude)))
            }
            configuration.warmUpFraction = try fields.number("warm_up_fraction", in: 0...1)
            configuration.fineTuneFraction = try fields.number(Self.fineTuneField(of: fields.keys), in: 0...1)
            // Runs of before version 0.3 compared by evolution.
            configuration.strategy = try fields.optionalNode("strategy")?.option(of: SearchStrategy.self) ?? .evolution
            configuration.candidates = try fields.integer("candidates", in: 1...10_000)
            // Runs of before version 0.3 ranked by the loss alone.
            configuration.activationWeight = try fields.optionalNode("activation_weight")?.number(in: 0...100) ?? 0
            configuration.keepProbability = Float(try fields.number("keep_probability", in: 0...1))
            // Runs of before version 0.3 dropped layers as often as other parts.
            configuration.layerKeepProbability = try fields.optionalNode("layer_keep_probability").map { Float(try $0.number(in: 0...1)) }
                ?? configuration.keepProbability
            configuration.fullNetworkInterval = try fields.integer("full_network_interval", in: 1...1 << 40)
            configuration.training = try TrainingConfiguration(json: &fields)
            try configuration.check()
            return configuration
        }
    }
}
