import Files

/// A run, as a report shows it: a search, or a training of one network.
public struct ReportRun: Sendable {
    public enum Kind: String, Sendable { case search, training }

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

    /// The indicators over the logged steps.
    public struct Selection: Hashable, Sendable {
        /// From 1, ascending.
        public let steps: [Int]
        /// Layer by layer.
        public let indicators: [Indicator]
        /// Of how many parts the search was not certain whether they are worth what they cost.
        public var undecided = 0

        public init(steps: [Int], indicators: [Indicator]) {
            precondition(
                indicators.allSatisfy { $0.values.count == steps.count },
                "ReportRun: expected a value for each of \(steps.count) steps")
            self.steps = steps
            self.indicators = indicators
        }
    }

    /// The indicator of a part of a layer.
    public struct Indicator: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case kernel(Int), expansion
            /// Kernel and expansion together.
            case block
        }

        public let layer: String
        /// "kernel 5", "expansion 6", "5x5 e6".
        public let part: String
        public let kind: Kind
        /// After every logged step, whether the part counts: it is on, and so is all that it is nested in. No part of a
        /// skipped layer does.
        public let values: [Bool]

        public init(layer: String, part: String, kind: Kind, values: [Bool]) {
            self.layer = layer
            self.part = part
            self.kind = kind
            self.values = values
        }
    }

    public let kind: Kind
    public let provenance: Provenance
    public var settings: [Setting] = []
    public var phases: [Phase] = []
    public var curves: [ReportCurve] = []
    /// nil of a training.
    public var selection: Selection?
    /// Of a search, of the supernet with the found choices; of a training, of the network with averaged weights. nil where
    /// the run did not tell it.
    public var accuracy: TestAccuracy?
    public var targets: [ReportTarget] = []
    /// At which sizes of images it trained and was evaluated, where that is not the network's input: "trained at 96-160
    /// pixels, evaluated at 160".
    public var resolution: String?

    public init(_ kind: Kind, provenance: Provenance) {
        self.kind = kind
        self.provenance = provenance
    }
}
