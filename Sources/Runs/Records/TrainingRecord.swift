import Files
import Training

/// The content of a training's directory, finished or interrupted.
///
///     let record = try TrainingRecord(contentsOf: "runs/trained")
///     record.steps.last?.crossEntropy
public struct TrainingRecord: Sendable {
    /// A line of `metrics.jsonl`.
    public struct Step: Hashable, Sendable {
        /// From 1.
        public let step: Int
        /// From 1.
        public let epoch: Int
        public let crossEntropy: Double
        public let learningRate: Double
        /// Accuracy of the EMA weights on the test images, 0...1; nil within an epoch.
        public let testAccuracy: Double?
    }

    /// The directory.
    public let path: String
    public let plan: TrainingPlan
    /// In the order of the log.
    public let steps: [Step]
    /// The evaluation of the EMA weights on the test images; nil where the run is not finished.
    public let result: Evaluation?
    /// The files that were read.
    public let files: [String]
    public var architecturePath: String { RunDirectory.architecturePath(in: path) }

    /// Reads the configuration and the metrics in the directory at `path`, and the result if there is one, strictly.
    ///
    /// - Throws: `FileError`, with the line of damaged metrics; `ConfigurationError`.
    public init(contentsOf path: String) throws {
        self.path = path
        plan = try TrainingPlan(run: path)
        let metrics = path + "/" + RunDirectory.metricsName
        var last: Step?
        steps = try JSONLines.read(metrics, what: "metrics", isGrowing: false) { line in
            let step = try Step(json: line, after: last)
            last = step
            return step
        }
        result = try RunDirectory.result(ofRunIn: path)
        files = [path + "/" + RunDirectory.configurationName, metrics]
            + (result == nil ? [] : [path + "/" + RunDirectory.resultName])
    }
}

extension TrainingRecord.Step {
    /// Far above any count of a training.
    private static let limit = 1e12
    /// Above every finite loss in single precision.
    private static let lossLimit = 1e100

    /// Reads the form of `TrainingStep.json`, strictly.
    ///
    /// - Parameter previous: the step of the line before.
    /// - Throws: `FileError.invalid`.
    fileprivate init(json node: JSONNode, after previous: Self?) throws {
        self = try node.object { fields in
            func optional(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
                let node = try fields.node(name)
                return node.isNull ? nil : try node.number(in: range)
            }
            let step = Self(
                step: try fields.integer("step", in: (previous?.step ?? 0) + 1...Int(Self.limit)),
                epoch: try fields.integer("epoch", in: max(1, previous?.epoch ?? 1)...Int(Self.limit)),
                crossEntropy: try fields.number("cross_entropy", in: 0...Self.lossLimit),
                learningRate: try fields.number("learning_rate", in: 0...Self.limit),
                testAccuracy: try optional("test_accuracy", in: 0...1))
            _ = try optional("test_cross_entropy", in: 0...Self.lossLimit)
            _ = try fields.number("images_per_second", in: 0...Self.limit)
            return step
        }
    }
}
