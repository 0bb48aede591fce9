import Architectures
import Files

extension DeviceProfile {
    public static let schema = "onepath.device/1"

    /// Reads the device profile at `path`, strictly, and the files that it refers to.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "device profile"))
    }

    /// Reads a device profile strictly, `node` being the whole document; what it refers to is beside its file.
    ///
    /// - Throws: `FileError.invalid`, also for a second-level cache smaller than the first, for a runtime on a cluster
    ///   that is not there or with more threads than the cluster has cores, for entries and groups that contradict
    ///   each other, and for parameters of a profile that has none of its own.
    public init(json node: JSONNode) throws {
        self = try node.object { fields in
            try fields.schema(Self.schema)
            let name = try fields.node("name").text()
            let description = try fields.string("description")
            var inputs = [node.path]
            let hardware = try Hardware(referredToBy: fields.node("hardware"), inputs: &inputs)
            let (runtime, cluster) = try fields.object("runtime") { try Runtime.read(&$0, on: hardware) }
            let parameters = try Parameters(fields.node("parameters"), runtime: runtime.name, inputs: &inputs)
            var consistency = TableConsistency()
            let tables = try fields.array("tables") { table in
                try table.object { try LatencyTable(&$0, consistency: &consistency) }
            }
            let networks = try fields.array("networks") { network in
                try network.object { try MeasuredNetwork(&$0, cores: cluster.cores.value) }
            }
            if let provenance = fields.optionalNode("provenance") { _ = try Provenance(json: provenance) }
            try fields.optionalNode("machine")?.checkObject()
            return DeviceProfile(
                path: node.path, inputs: inputs, name: name, description: description, hardware: hardware,
                runtime: runtime, parameters: parameters, tables: tables, networks: networks, cluster: cluster)
        }
    }
}

extension DeviceProfile.Parameters {
    /// null, an object, or the path of the profile whose parameters stand in.
    fileprivate init(_ node: JSONNode, runtime: Runtime.Name, inputs: inout [String]) throws {
        switch node.value {
        case .null:
            self = .usual
        case .string:
            let document = try JSONNode(contentsOf: node.referredPath(), what: "device profile")
            let mismatch = node.mismatch(expected: "a profile with parameters of its own for \(runtime.rawValue)")
            // One that refers on is not followed: the way could lead back here.
            if case .string = document.value["parameters"] { throw mismatch }
            let other = try DeviceProfile(json: document)
            guard case .calibrated(let calibration) = other.parameters, other.runtime.name == runtime else {
                throw mismatch
            }
            inputs += other.inputs.filter { !inputs.contains($0) }
            self = .standIn(profile: other.name, calibration)
        default:
            self = .calibrated(try node.object { try Calibration(&$0) })
        }
    }
}

extension Calibration {
    fileprivate init(_ fields: inout JSONFields) throws {
        let values = try fields.object("values") { values in
            // From a millionth to a million: far beyond what any kernel does.
            try CostParameters.Name.allCases.map { try values.number($0.key, in: 1e-6...1e6) }
        }
        self.init(
            parameters: CostParameters(values), basis: try fields.node("calibrated_on").text(),
            meanError: try fields.number("mean_error", in: 0...1e6),
            worstError: try fields.number("worst_error", in: 0...1e6))
    }
}

extension MeasuredNetwork {
    fileprivate init(_ fields: inout JSONFields, cores: Int) throws {
        self.init(
            architecture: try fields.node("architecture").text(), threads: try fields.integer("threads", in: 1...cores),
            latencyMs: try fields.latencyMs(), source: try fields.node("source").text())
    }
}

extension Runtime {
    fileprivate static func read(
        _ fields: inout JSONFields, on hardware: Hardware
    ) throws -> (Runtime, Hardware.Cluster) {
        let nameNode = try fields.node("name")
        guard let name = Runtime.Name(rawValue: try nameNode.string()) else {
            throw nameNode.mismatch(
                expected: Runtime.Name.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
        let typeNode = try fields.node("data_type")
        guard let dataType = DataType(rawValue: try typeNode.string()) else {
            throw typeNode.mismatch(expected: DataType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
        let threads = try fields.node("threads")
        let clusterNode = try fields.node("cluster")
        let clusterName = try clusterNode.string()
        guard let cluster = hardware.clusters.first(where: { $0.name == clusterName }) else {
            let names = hardware.clusters.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw clusterNode.mismatch(expected: "a cluster of the hardware (\(names))")
        }
        let runtime = Runtime(
            name: name, dataType: dataType, threads: try threads.integer(in: 1...cluster.cores.value),
            cluster: clusterName)
        return (runtime, cluster)
    }
}

extension LatencyTable {
    fileprivate init(_ fields: inout JSONFields, consistency: inout TableConsistency) throws {
        space = try fields.node("space").optionalText()
        source = try fields.node("source").text()
        let space = space
        entries = try fields.array("entries") { node in
            let entry = try node.object { try Entry(&$0) }
            try consistency.check(entry, of: space, at: node)
            return entry
        }
        operators = try fields.array("operators") { node in
            let entry = try node.object { try OperatorEntry(&$0) }
            try consistency.check(entry, at: node)
            return entry
        }
        groups = try fields.array("groups") { node in
            let group = try node.object { try Group(&$0) }
            try consistency.check(group, at: node)
            return group
        }
    }
}

extension LatencyTable.Entry {
    fileprivate init(_ fields: inout JSONFields) throws {
        layer = try fields.node("layer").optionalText()
        let height = try fields.integer("input_height", in: 1...8192)
        let width = try fields.integer("input_width", in: 1...8192)
        block = try Block(json: &fields)
        input = FeatureShape(height: height, width: width, channels: block.inputChannels)
        latencyMs = try fields.latencyMs()
        (deviationMs, count) = try fields.spread()
        for step in block.operators(input: input) where step.output.count > Int(Int32.max) {
            throw fields.problem("makes a feature map of \(step.output), which is more than \(Int32.max) values")
        }
    }
}

extension LatencyTable.OperatorEntry {
    fileprivate init(_ fields: inout JSONFields) throws {
        step = try Operator(json: &fields)
        latencyMs = try fields.latencyMs()
        (deviationMs, count) = try fields.spread()
    }
}

extension LatencyTable.Group {
    fileprivate init(_ fields: inout JSONFields) throws {
        let list = try fields.node("keys")
        keys = try list.array { try $0.text() }
        if keys.isEmpty { throw list.problem("expected the key of at least one layer, found an empty array") }
        latencyMs = try fields.latencyMs()
    }
}

extension JSONFields {
    /// From a nanosecond to a quarter of an hour.
    fileprivate mutating func latencyMs() throws -> Double { try number("latency_ms", in: 1e-6...1e6) }

    /// How far measurements were apart, and how many there were, each where it is known.
    fileprivate mutating func spread() throws -> (deviationMs: Double?, count: Int?) {
        (
            try optionalNode("deviation_ms").map { try $0.number(in: 0...1e6) },
            try optionalNode("count").map { try $0.integer(in: 1...1_000_000_000) }
        )
    }
}
