/// A network's latency, and how it is known.
public struct KnownLatency: Hashable, Sendable {
    /// For one image.
    public let milliseconds: Double
    /// How many of the network's layers are known in which way, skipped ones too, as estimates count them; nil where that is
    /// not on record.
    public let layers: Counts?

    /// Layers by how their latency is known.
    public struct Counts: Hashable, Sendable {
        public var measured = 0
        public var modelled = 0
        /// Modelled, and far from anything that was measured.
        public var extrapolated = 0

        public init(measured: Int = 0, modelled: Int = 0, extrapolated: Int = 0) {
            self.measured = measured
            self.modelled = modelled
            self.extrapolated = extrapolated
        }

        public var all: Int { measured + modelled + extrapolated }

        /// The ways in which any are known, the best first.
        fileprivate var ways: [(count: Int, name: String)] {
            let all: [(count: Int, name: String)] = [
                (measured, "measured"), (modelled, "modelled"), (extrapolated, "extrapolated"),
            ]
            return all.filter { $0.count > 0 }
        }
    }

    public init(milliseconds: Double, layers: Counts?) {
        self.milliseconds = milliseconds
        self.layers = layers
    }

    /// In a few words, for a table: "measured", "modelled", "3 of 7 layers measured, 3 modelled, 1 extrapolated".
    public var kind: String {
        guard let layers else { return "not on record" }
        let ways = layers.ways
        guard ways.count > 1 else { return ways.first?.name ?? "modelled" }
        return "\(ways[0].count) of \(layers.all) layers \(ways[0].name), "
            + ways.dropFirst().map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    }

    /// How most layers are known, in a word for a narrow column: "modelled".
    public var mostly: String {
        guard let layers else { return "not on record" }
        return layers.ways.max { $0.count < $1.count }?.name ?? "modelled"
    }

    /// What is to stand wherever the latency does, without a full stop.
    public var words: String {
        guard let layers else { return "Whether it was measured is not on record" }
        if layers.measured == layers.all { return layers.all == 1 ? "Measured" : "All \(layers.all) layers measured" }
        if layers.measured > 0 { return kind }
        return "Not measured on this device: \(kind)" + (layers.ways.count == 1 ? ", all \(layers.all) layers" : "")
    }
}
