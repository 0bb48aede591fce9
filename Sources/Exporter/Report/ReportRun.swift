import Files

/// A search run, as a report shows it.
public struct ReportRun: Sendable {
    /// A value that determined the run.
    public struct Setting: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A part of the run.
    public struct Phase: Hashable, Sendable {
        public let name: String
        /// The step after which it begins.
        public let start: Int

        public init(name: String, start: Int) {
            self.name = name
            self.start = start
        }
    }

    /// The indicator of a part of a layer, after every logged step.
    public struct Indicator: Hashable, Sendable {
        public enum Kind: Hashable, Sendable { case kernel, expansion }

        public let layer: String
        /// "kernel 5", "expansion 6".
        public let part: String
        public let kind: Kind
        public let values: [Bool]

        public init(layer: String, part: String, kind: Kind, values: [Bool]) {
            self.layer = layer
            self.part = part
            self.kind = kind
            self.values = values
        }
    }

    /// How the supernet, as it decided, classifies the test images.
    public struct Accuracy: Hashable, Sendable {
        public let testImages: Int
        public let correct: Int

        public init(testImages: Int, correct: Int) {
            self.testImages = testImages
            self.correct = correct
        }
    }

    public let settings: [Setting]
    public let provenance: Provenance
    public let phases: [Phase]
    /// The logged steps, ascending.
    public let steps: [Int]
    /// One value a logged step, as in the two below.
    public let crossEntropy: [Double]
    /// Milliseconds.
    public let runtimeMs: [Double]
    public let learningRate: [Double]
    /// Layer by layer.
    public let indicators: [Indicator]
    /// nil where the run did not tell it.
    public let accuracy: Accuracy?

    public init(
        settings: [Setting], provenance: Provenance, phases: [Phase], steps: [Int], crossEntropy: [Double],
        runtimeMs: [Double], learningRate: [Double], indicators: [Indicator], accuracy: Accuracy?
    ) {
        let counts = [crossEntropy.count, runtimeMs.count, learningRate.count] + indicators.map(\.values.count)
        precondition(counts.allSatisfy { $0 == steps.count }, "a value for each of \(steps.count) steps, got \(counts)")
        self.settings = settings
        self.provenance = provenance
        self.phases = phases
        self.steps = steps
        self.crossEntropy = crossEntropy
        self.runtimeMs = runtimeMs
        self.learningRate = learningRate
        self.indicators = indicators
        self.accuracy = accuracy
    }
}
