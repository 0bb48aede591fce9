import Files
import SupernetSearch

/// A line of a search's `metrics.jsonl`.
public struct LoggedStep: Hashable, Sendable {
    /// An indicator with the names of its layer and part.
    public struct Indicator: Hashable, Sendable {
        public let layer: String
        /// The name of a part of the layer (`SearchSpace.Layer.Part`).
        public let part: String
        public let isOn: Bool
    }

    /// From 1.
    public let step: Int
    /// From 1.
    public let epoch: Int
    public let loss: Double
    public let crossEntropy: Double
    /// The latency of the selected network, in milliseconds.
    public let runtimeMs: Double
    public let learningRate: Double
    public let imagesPerSecond: Double
    /// Layer by layer, in the order of the network.
    public let indicators: [Indicator]
}

extension LoggedStep {
    /// Far above any count of a search.
    private static let limit = 1e12
    /// Above every finite loss in single precision, and far below any overflow of arithmetic on it.
    private static let lossLimit = 1e100

    /// Reads the form of `SearchStep.json(layers:)`, strictly.
    ///
    /// - Parameter previous: the step of the line before; its indicators must have the same names.
    /// - Throws: `FileError.invalid`.
    init(json node: JSONNode, after previous: LoggedStep?) throws {
        self = try node.object { try LoggedStep(&$0, after: previous) }
    }

    private init(_ fields: inout JSONFields, after previous: LoggedStep?) throws {
        step = try fields.integer("step", in: (previous?.step ?? 0) + 1...Int(Self.limit))
        epoch = try fields.integer("epoch", in: max(1, previous?.epoch ?? 1)...Int(Self.limit))
        loss = try fields.number("loss", in: -Self.lossLimit...Self.lossLimit)
        crossEntropy = try fields.number("cross_entropy", in: 0...Self.lossLimit)
        runtimeMs = try fields.number("runtime_ms", in: 0...Self.limit)
        learningRate = try fields.number("learning_rate", in: 0...Self.limit)
        imagesPerSecond = try fields.number("images_per_second", in: 0...Self.limit)
        indicators = try Self.indicators(at: fields.node("indicators"), after: previous)
    }

    private static func indicators(at node: JSONNode, after previous: LoggedStep?) throws -> [Indicator] {
        let indicators = try node.members().flatMap { layer in
            try layer.node.members().map { part in
                Indicator(layer: layer.key, part: part.key, isOn: try part.node.integer(in: 0...1) == 1)
            }
        }
        func names(_ indicators: [Indicator]) -> [[String]] { indicators.map { [$0.layer, $0.part] } }
        if let previous, names(indicators) != names(previous.indicators) {
            throw node.problem("expected the indicators of the line before, found others")
        }
        return indicators
    }
}
