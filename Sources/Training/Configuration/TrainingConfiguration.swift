import Architectures
import Datasets
import Engine
import Files

/// All settings of a training. Together with its inputs (network, images) they determine a run.
///
/// The defaults are those published with Single-Path NAS (Stamoulis et al., 2019), except the epochs and the batch,
/// which depend on the task: these suit a network found for Fashion-MNIST, trained from its inherited weights.
public struct TrainingConfiguration: Hashable, Sendable {
    public var epochs = 20
    /// Images in a step.
    public var batch = 64
    public var seed: UInt64 = 0
    public var threads = ThreadPool.availableCores

    /// The learning rate at the start, for a batch of 256 images; proportional for other batches.
    public var learningRatePer256 = usualLearningRatePer256(of: .rmsprop)
    public var learningRateSchedule = usualLearningRateSchedule(of: .rmsprop)
    /// The factor of the exponential schedule.
    public var learningRateFactor: Float = 0.97
    /// After so many epochs, in a run of `scheduleEpochs`, the exponential schedule multiplies the rate by the factor.
    public var learningRateEpochs = 2.4
    /// The length of run for which the exponential schedule is given; it is stretched for other lengths.
    public var scheduleEpochs = 8.0
    public var optimizer = OptimizerConfiguration(.rmsprop)
    public var movingAverageDecay: Float = 0.9999
    public var dropout: Float = 0.2
    public var labelSmoothing: Float = 0.1
    public var augmentation = Augmentation.fashionMNIST
    /// The size of the images that are trained on; nil for the network's own input. Weights do not depend on it.
    public var trainResolution: TrainResolution?
    /// The stage or layer up to which the inherited weights stay as they are (`FrozenPart`); nil to train all of them.
    public var freeze: String?
    /// The factor on the learning rate of a layer for every step down from the classifier: see
    /// `ConvNet.setLearningRates`.
    public var depthDecay = 1.0
    /// In so many last epochs, weights and maps are rounded as int8 will round them: see `ConvNet.roundsToEightBits`.
    public var quantizationAwareEpochs = 0
    /// The interval of logged steps; the last step is logged too.
    public var logInterval = 20

    public init() {}

    /// The learning rate that is usual with an optimiser, for a batch of 256 images.
    public static func usualLearningRatePer256(of optimizer: OptimizerConfiguration.Kind) -> Double {
        switch optimizer {
        case .rmsprop: 0.016
        case .sgd: 0.1
        }
    }

    /// The schedule that is usual with an optimiser.
    public static func usualLearningRateSchedule(
        of optimizer: OptimizerConfiguration.Kind
    ) -> LearningRateSchedule.Kind {
        switch optimizer {
        case .rmsprop: .exponential
        case .sgd: .cosine
        }
    }

    /// Takes an optimiser with its usual constants, learning rate and schedule.
    public mutating func takeUsual(_ kind: OptimizerConfiguration.Kind) {
        optimizer = OptimizerConfiguration(kind)
        learningRatePer256 = Self.usualLearningRatePer256(of: kind)
        learningRateSchedule = Self.usualLearningRateSchedule(of: kind)
    }

    package var regularization: Regularization { Regularization(labelSmoothing: labelSmoothing, dropout: dropout) }

    /// The learning rate's schedule over a run of so many steps.
    package func learningRate(steps: Int) -> LearningRateSchedule {
        let initial = Float(learningRatePer256 * Double(batch) / 256)
        return switch learningRateSchedule {
        case .exponential:
            .exponential(
                ExponentialDecay(
                    initial: initial, factor: learningRateFactor,
                    period: Double(steps) * learningRateEpochs / scheduleEpochs))
        case .cosine: .cosine(CosineDecay(initial: initial, steps: steps))
        }
    }

    /// Checks that every setting is valid.
    ///
    /// - Throws: `ConfigurationError` for the first that is not.
    public func check() throws(ConfigurationError) {
        func check<Value: Comparable & CustomStringConvertible>(
            _ setting: String, _ value: Value, _ range: ClosedRange<Value>
        ) throws(ConfigurationError) {
            try ConfigurationError.check(
                setting, range.contains(value), expected: "a number from \(range.lowerBound) to \(range.upperBound)",
                found: value)
        }
        func checkPart(_ setting: String, _ value: Float) throws(ConfigurationError) {
            try ConfigurationError.check(
                setting, value >= 0 && value < 1, expected: "a number of at least 0 and below 1", found: value)
        }
        try check("epochs", epochs, 1...10_000)
        try check("batch", batch, 2...65_536)
        try check("seed", seed, 0...UInt64(Int.max))
        try check("threads", threads, 1...256)
        try ConfigurationError.check(
            "learning_rate_per_256", learningRatePer256 > 0 && learningRatePer256.isFinite,
            expected: "a number above 0", found: learningRatePer256)
        try check("learning_rate_factor", learningRateFactor, 0...1)
        for (setting, value) in [("learning_rate_epochs", learningRateEpochs), ("schedule_epochs", scheduleEpochs)] {
            try ConfigurationError.check(
                setting, value > 0 && value.isFinite, expected: "a number above 0", found: value)
        }
        try checkPart("\(optimizer.kind.rawValue)_momentum", optimizer.momentum)
        if case .rmsprop(let constants) = optimizer {
            try checkPart("rmsprop_decay", constants.decay)
            try ConfigurationError.check(
                "rmsprop_epsilon", constants.epsilon > 0 && constants.epsilon.isFinite, expected: "a number above 0",
                found: constants.epsilon)
        }
        try checkPart("weight_decay", optimizer.weightDecay)
        try check("moving_average_decay", movingAverageDecay, 0...1)
        try checkPart("dropout", dropout)
        try checkPart("label_smoothing", labelSmoothing)
        try check("maximum_shift", augmentation.maximumShift, 0...1024)
        try check("erased_side", augmentation.erasedSide, 0...1024)
        if let area = augmentation.cropArea {
            try ConfigurationError.check(
                "crop_area", area.lowerBound > 0 && area.upperBound <= 1, expected: "two numbers above 0 and at most 1",
                found: "\(area.lowerBound)-\(area.upperBound)")
        }
        try ConfigurationError.check(
            "jitter", augmentation.jitter >= 0 && augmentation.jitter < 1,
            expected: "a number of at least 0 and below 1", found: augmentation.jitter)
        try check("cutmix", augmentation.cutMix, 0...1)
        if let trainResolution {
            try check("train_resolution", trainResolution.first, TrainResolution.sides)
            let most = TrainResolution.sides.upperBound
            try ConfigurationError.check(
                "train_resolution", trainResolution.last >= trainResolution.first && trainResolution.last <= most,
                expected: "a second side from the first to \(most)", found: trainResolution)
        }
        try ConfigurationError.check(
            "depth_decay", depthDecay > 0 && depthDecay <= 1, expected: "a number above 0 and at most 1",
            found: depthDecay)
        try check("quantization_aware_epochs", quantizationAwareEpochs, 0...epochs)
        try check("log_interval", logInterval, 1...1_000_000)
    }

    /// Checks that only weights are frozen that were trained before.
    ///
    /// - Parameter inherits: whether the training begins with given weights.
    /// - Throws: `ConfigurationError`.
    public func check(inherits: Bool) throws(ConfigurationError) {
        try ConfigurationError.check(
            "freeze", freeze == nil || inherits,
            expected: "weights to inherit, because random ones that are not trained are of no use", found: "none")
    }

    /// The part of a network that is frozen; nil where all of it is trained.
    ///
    /// - Throws: `ConfigurationError` where the network has no such stage or layer.
    public func frozenPart(of architecture: Architecture) throws(ConfigurationError) -> FrozenPart? {
        guard let freeze else { return nil }
        return try FrozenPart(of: architecture, through: freeze)
    }

    /// The shape of the images that a network of that input is trained on, in the last epoch where it changes.
    public func trainedInput(of input: FeatureShape) -> FeatureShape {
        trainResolution.map { input.resized(shorterSide: $0.last) } ?? input
    }

    /// Checks that so many images are enough for a batch.
    ///
    /// - Throws: `ConfigurationError`.
    package func check(images: Int) throws(ConfigurationError) {
        try ConfigurationError.check(
            "batch", batch <= images, expected: "at most the \(images) training images", found: batch)
    }

    /// Checks that images can be read as these settings ask: those of one size are neither resized nor cropped.
    ///
    /// - Parameter input: of the network.
    /// - Throws: `ConfigurationError`.
    package func check(reading images: ImageDataset, for input: FeatureShape) throws(ConfigurationError) {
        if images.isResizable { return }
        for epoch in [0, epochs - 1] {
            try images.checkSize(for: trainedInput(of: input, epoch: epoch), setting: "train_resolution")
        }
        let reason = "as images of one size, such as those of \(images.name), are taken whole and in their colours"
        if let area = augmentation.cropArea {
            try ConfigurationError.check(
                "crop_area", false, expected: "none, \(reason)", found: "\(area.lowerBound)-\(area.upperBound)")
        }
        try ConfigurationError.check(
            "jitter", augmentation.jitter == 0, expected: "0, \(reason)", found: augmentation.jitter)
    }

    /// Checks that a shift or an erased square is smaller than images of that shape.
    ///
    /// - Throws: `ConfigurationError`.
    package func check(input: FeatureShape) throws(ConfigurationError) {
        let smallest = trainedInput(of: input, epoch: 0), side = min(smallest.height, smallest.width)
        for (setting, value) in [("maximum_shift", augmentation.maximumShift), ("erased_side", augmentation.erasedSide)] {
            try ConfigurationError.check(
                setting, value < side, expected: "less than the \(side) pixels of an image's side", found: value)
        }
    }

    /// Settings that checkpoints of before do not have: RMSProp was then the only optimiser.
    package static let laterSettings: Set<String> = ["optimizer"]

    /// All settings, as an object.
    public var json: JSON { .object(members) }

    package var members: [JSON.Member] {
        let settings: [(String, JSON)] = [
            ("epochs", .integer(epochs)),
            ("batch", .integer(batch)),
            ("seed", .integer(Int(seed))),
            ("threads", .integer(threads)),
            ("optimizer", .string(optimizer.kind.rawValue)),
            ("learning_rate_per_256", .number(learningRatePer256)),
            ("learning_rate_schedule", .string(learningRateSchedule.rawValue)),
            ("learning_rate_factor", .number(shortest: learningRateFactor)),
            ("learning_rate_epochs", .number(learningRateEpochs)),
            ("schedule_epochs", .number(scheduleEpochs)),
        ]
        let constants: [(String, JSON)] =
            switch optimizer {
            case .rmsprop(let constants):
                [
                    ("rmsprop_decay", .number(shortest: constants.decay)),
                    ("rmsprop_momentum", .number(shortest: constants.momentum)),
                    ("rmsprop_epsilon", .number(shortest: constants.epsilon)),
                ]
            case .sgd(let constants):
                [
                    ("sgd_momentum", .number(shortest: constants.momentum)),
                    ("sgd_nesterov", .bool(constants.isNesterov)),
                ]
            }
        let ofWeights: [(String, JSON)] = [
            ("weight_decay", .number(shortest: optimizer.weightDecay)),
            ("batch_normalization_momentum", .number(shortest: BatchNormalization.momentum)),
            ("batch_normalization_epsilon", .number(shortest: BatchNormalization.eps)),
            ("moving_average_decay", .number(shortest: movingAverageDecay)),
            ("dropout", .number(shortest: dropout)),
            ("label_smoothing", .number(shortest: labelSmoothing)),
            ("maximum_shift", .integer(augmentation.maximumShift)),
            ("mirror", .bool(augmentation.mirror)),
            ("erased_side", .integer(augmentation.erasedSide)),
        ]
        // Of photos; left out where they have no say.
        let ofPhotos: [(String, JSON)] = [
            augmentation.cropArea.map { ("crop_area", [.number($0.lowerBound), .number($0.upperBound)]) },
            augmentation.jitter > 0 ? ("jitter", .number(augmentation.jitter)) : nil,
            trainResolution.map { ("train_resolution", $0.json) },
        ].compactMap(\.self)
        let ofPairs: [(String, JSON)] = augmentation.cutMix > 0 ? [("cutmix", .number(augmentation.cutMix))] : []
        // Of fine-tuning; likewise.
        let ofDepth: [(String, JSON)] = [
            freeze.map { ("freeze", .string($0)) },
            depthDecay < 1 ? ("depth_decay", .number(depthDecay)) : nil,
        ].compactMap(\.self)
        let ofInt8: [(String, JSON)] =
            quantizationAwareEpochs > 0 ? [("quantization_aware_epochs", .integer(quantizationAwareEpochs))] : []
        return (settings + constants + ofWeights + ofPhotos + ofPairs + ofDepth + ofInt8 + [("log_interval", .integer(logInterval))])
            .map { JSON.Member(key: $0.0, value: $0.1) }
    }

    /// Reads the settings in the form of `json`.
    ///
    /// - Throws: `FileError.invalid`; `ConfigurationError` for settings that are not valid.
    package init(json fields: inout JSONFields) throws {
        let limit = Double(Float.greatestFiniteMagnitude)
        func number(_ name: String) throws -> Double { try fields.number(name, in: -limit...limit) }
        func float(_ name: String) throws -> Float { Float(try number(name)) }
        epochs = try fields.integer("epochs", in: 1...10_000)
        batch = try fields.integer("batch", in: 2...65_536)
        seed = UInt64(try fields.integer("seed", in: 0...Int.max))
        threads = try fields.integer("threads", in: 1...256)
        learningRatePer256 = try number("learning_rate_per_256")
        learningRateSchedule = try fields.node("learning_rate_schedule").option(of: LearningRateSchedule.Kind.self)
        learningRateFactor = try float("learning_rate_factor")
        learningRateEpochs = try number("learning_rate_epochs")
        scheduleEpochs = try number("schedule_epochs")
        optimizer = try Self.optimizer(json: &fields)
        optimizer.weightDecay = try float("weight_decay")
        for (name, value) in [
            ("batch_normalization_momentum", BatchNormalization.momentum),
            ("batch_normalization_epsilon", BatchNormalization.eps),
        ] {
            let node = try fields.node(name)
            if Float(try node.number(in: 0...1)) != value { throw node.mismatch(expected: "\(value)") }
        }
        movingAverageDecay = try float("moving_average_decay")
        dropout = try float("dropout")
        labelSmoothing = try float("label_smoothing")
        augmentation = Augmentation(
            maximumShift: try fields.integer("maximum_shift", in: 0...1024), mirror: try fields.bool("mirror"),
            erasedSide: try fields.integer("erased_side", in: 0...1024))
        if let area = fields.optionalNode("crop_area") {
            let bounds = try area.array { try $0.number(in: 0...1) }
            guard bounds.count == 2, bounds[0] <= bounds[1] else {
                throw area.mismatch(expected: "two numbers, the second not below the first")
            }
            augmentation.cropArea = bounds[0]...bounds[1]
        }
        if let jitter = fields.optionalNode("jitter") { augmentation.jitter = try jitter.number(in: 0...1) }
        if let probability = fields.optionalNode("cutmix") { augmentation.cutMix = try probability.number(in: 0...1) }
        trainResolution = try fields.optionalNode("train_resolution").map(TrainResolution.init(json:))
        if let stage = fields.optionalNode("freeze") { freeze = try stage.string() }
        if let factor = fields.optionalNode("depth_decay") { depthDecay = try factor.number(in: 0...1) }
        if let count = fields.optionalNode("quantization_aware_epochs") {
            quantizationAwareEpochs = try count.integer(in: 0...epochs)
        }
        logInterval = try fields.integer("log_interval", in: 1...1_000_000)
        try check()
    }

    /// Reads the optimiser and its constants; RMSProp where a file of before version 0.3 names none.
    private static func optimizer(json fields: inout JSONFields) throws -> OptimizerConfiguration {
        func part(_ name: String) throws -> Float { Float(try fields.number(name, in: 0...1)) }
        var kind = OptimizerConfiguration.Kind.rmsprop
        if let node = fields.optionalNode("optimizer") { kind = try node.option(of: OptimizerConfiguration.Kind.self) }
        switch kind {
        case .rmsprop:
            var constants = RMSProp.Configuration()
            constants.decay = try part("rmsprop_decay")
            constants.momentum = try part("rmsprop_momentum")
            constants.epsilon = Float(try fields.number("rmsprop_epsilon", in: 0...Double(Float.greatestFiniteMagnitude)))
            return .rmsprop(constants)
        case .sgd:
            var constants = SGD.Configuration()
            constants.momentum = try part("sgd_momentum")
            constants.isNesterov = try fields.bool("sgd_nesterov")
            return .sgd(constants)
        }
    }
}

extension JSON {
    /// A single-precision number by its shortest decimal form: 0.6, not 0.60000002384.
    package static func number(shortest value: Float) -> JSON { .number(Double("\(value)") ?? Double(value)) }
}
