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
    }

    public init(milliseconds: Double, layers: Counts?) {
        self.milliseconds = milliseconds
        self.layers = layers
    }

    /// In a few words, for a table: "measured", "modelled", "16 of 22 measured".
    public var kind: String {
        guard let layers else { return "not on record" }
        if layers.measured == 0 { return layers.extrapolated == 0 ? "modelled" : "extrapolated" }
        return layers.measured == layers.all ? "measured" : "\(layers.measured) of \(layers.all) measured"
    }

    /// What is to stand wherever the latency does, without a full stop.
    public var words: String {
        guard let layers else { return "Whether it was measured is not on record" }
        let others = [(layers.modelled, "modelled"), (layers.extrapolated, "extrapolated")].filter { $0.0 > 0 }
        if layers.measured == layers.all { return layers.all == 1 ? "Measured" : "All \(layers.all) layers measured" }
        if layers.measured == 0 {
            return "Not measured on this device: "
                + (others.count == 1
                    ? "\(others[0].1), all \(layers.all) layers"
                    : others.map { "\($0.0) of \(layers.all) layers \($0.1)" }.joined(separator: ", "))
        }
        return "\(layers.measured) of \(layers.all) layers measured, "
            + others.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
