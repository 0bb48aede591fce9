import Files

/// Networks by what they cost and how well they classify: what a sweep writes.
///
///     var tradeoff = Tradeoff(title: "fashion-mnist on pixel1", provenance: provenance)
///     tradeoff.points.append(.init(name: "1.5 ms", kind: .found, latencyMs: 1.49, …))
///     try tradeoff.writeSVG(to: "sweep.svg")
public struct Tradeoff: Sendable {
    /// Where a network comes from.
    public enum Kind: String, Sendable, CaseIterable {
        case found, random, uniform
    }

    public struct Point: Sendable {
        public let name: String
        public let kind: Kind
        public let latencyMs: Double
        public let macs: Int
        public let parameters: Int
        /// Of test images, with the weights inherited from the warm-up: the same measure for all. 0...1.
        public let inheritedAccuracy: Double
        /// Of test images, of the supernet that found it, as it decided; nil of networks that no search found.
        public let searchedAccuracy: Double?

        public init(
            name: String, kind: Kind, latencyMs: Double, macs: Int, parameters: Int, inheritedAccuracy: Double,
            searchedAccuracy: Double? = nil
        ) {
            self.name = name
            self.kind = kind
            self.latencyMs = latencyMs
            self.macs = macs
            self.parameters = parameters
            self.inheritedAccuracy = inheritedAccuracy
            self.searchedAccuracy = searchedAccuracy
        }
    }

    public let title: String
    public let provenance: Provenance
    public var points: [Point] = []

    public init(title: String, provenance: Provenance) {
        self.title = title
        self.provenance = provenance
    }

    static let schema = "onepath.sweep/1"

    public var json: JSON {
        [
            "schema": .string(Self.schema), "title": .string(title),
            "points": .array(points.map { point in
                [
                    "name": .string(point.name), "kind": .string(point.kind.rawValue),
                    "latency_ms": .number(point.latencyMs), "macs": .integer(point.macs),
                    "parameters": .integer(point.parameters), "inherited_accuracy": .number(point.inheritedAccuracy),
                    "searched_accuracy": point.searchedAccuracy.map(JSON.number) ?? .null,
                ]
            }),
            "provenance": provenance.json,
        ]
    }

    /// The points as comma-separated values, with a line of names at the top.
    public var csv: String {
        let lines = points.map { point in
            [
                point.name, point.kind.rawValue, "\(point.latencyMs)", "\(point.macs)", "\(point.parameters)",
                "\(point.inheritedAccuracy)", point.searchedAccuracy.map { "\($0)" } ?? "",
            ].joined(separator: ",")
        }
        return (["name,kind,latency_ms,macs,parameters,inherited_accuracy,searched_accuracy"] + lines)
            .joined(separator: "\n") + "\n"
    }

    /// Replaces the file at `path` by a picture: latency to the right, accuracy upwards.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func writeSVG(to path: String) throws(FileError) {
        try AtomicFile.write(Picture.file([TradeoffPicture(self).picture], title: title), to: path)
    }
}
