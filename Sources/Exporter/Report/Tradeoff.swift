import Files

/// Networks by what they cost and how well they classify: what a sweep writes.
///
/// They are compared by the accuracy that they inherit from one supernet, the same for all: they had the same training.
///
///     var tradeoff = Tradeoff(title: "fashion-mnist on pixel1", provenance: provenance)
///     tradeoff.points.append(.init(name: "latency-1.5", kind: .found, …))
///     try tradeoff.writeSVG(to: "sweep.svg")
public struct Tradeoff: Sendable {
    /// Where a network comes from.
    public enum Kind: String, Sendable, CaseIterable {
        case found, random, uniform
        /// The space's largest network, as a reference.
        case largest
    }

    public struct Point: Sendable {
        public let name: String
        public let kind: Kind
        public let latency: KnownLatency
        public let macs: Int
        public let parameters: Int
        /// Of the network with the weights that it inherits from the common warm-up.
        public let inherited: TestAccuracy
        /// What stands beside the point, for people: what the network was searched for, "1.5 ms"; nil for nothing.
        public var label: String?
        /// Of test images, of the supernet that found it, at the end of its own search, 0...1; nil of networks that no
        /// search found. Not to be compared with others: they had less training.
        public var searchedAccuracy: Double?

        public init(
            name: String, kind: Kind, latency: KnownLatency, macs: Int, parameters: Int, inherited: TestAccuracy
        ) {
            self.name = name
            self.kind = kind
            self.latency = latency
            self.macs = macs
            self.parameters = parameters
            self.inherited = inherited
        }
    }

    public let title: String
    public let provenance: Provenance
    /// How the latencies are known, for people.
    public var latencyBasis: String?
    public var points: [Point] = []

    public init(title: String, provenance: Provenance) {
        self.title = title
        self.provenance = provenance
    }

    static let schema = "onepath.sweep/1"

    public var json: JSON {
        [
            "schema": .string(Self.schema), "title": .string(title), "latency_basis": latencyBasis.map(JSON.string) ?? .null,
            "points": .array(points.map { .object($0.members) }),
            "provenance": provenance.json,
        ]
    }

    /// The points as comma-separated values, with a line of names at the top.
    public var csv: String {
        let lines = points.map { point in
            point.members.map { member in
                switch member.value {
                case .string(let text): text
                case .null: ""
                default: member.value.text(pretty: false)
                }
            }.joined(separator: ",")
        }
        let names = points.first?.members.map(\.key).joined(separator: ",")
        return ([names].compactMap(\.self) + lines).joined(separator: "\n") + "\n"
    }

    /// Replaces the file at `path` by a picture: latency to the right, accuracy upwards.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func writeSVG(to path: String) throws(FileError) {
        try AtomicFile.write(Picture.file([TradeoffPicture(self).picture], title: title), to: path)
    }
}

extension Tradeoff.Point {
    fileprivate var members: [JSON.Member] {
        let fields: [(String, JSON)] = [
            ("name", .string(name)), ("kind", .string(kind.rawValue)), ("latency_ms", .number(latency.milliseconds)),
            ("macs", .integer(macs)), ("parameters", .integer(parameters)),
            ("inherited_accuracy", .number(inherited.share)),
            ("searched_accuracy", searchedAccuracy.map(JSON.number) ?? .null),
            ("inherited_accuracy_low", .number(inherited.interval.lowerBound)),
            ("inherited_accuracy_high", .number(inherited.interval.upperBound)),
            ("test_images", .integer(inherited.testImages)), ("correct", .integer(inherited.correct)),
            ("measured_layers", latency.layers.map { .integer($0.measured) } ?? .null),
            ("modelled_layers", latency.layers.map { .integer($0.modelled) } ?? .null),
            ("extrapolated_layers", latency.layers.map { .integer($0.extrapolated) } ?? .null),
        ]
        return fields.map { JSON.Member(key: $0.0, value: $0.1) }
    }
}
