import Architectures
import JSONDocuments

extension DeviceProfile {
    static let schema = "onepath.device/1"

    /// Reads the device profile at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "device profile"))
    }

    /// Reads a device profile strictly, `node` being the whole document.
    ///
    /// - Throws: `FileError.invalid`, also for a second-level cache smaller than the first, for a runtime on a cluster
    ///   that is not there or with more threads than the cluster has cores, and for entries and groups that
    ///   contradict each other.
    public init(json node: JSONNode) throws {
        self = try node.object { fields in
            try fields.schema(Self.schema)
            let name = try fields.node("name").text()
            let description = try fields.string("description")
            let hardware = try fields.object("hardware") { try Hardware(&$0) }
            let (runtime, cluster) = try fields.object("runtime") { try Runtime.read(&$0, on: hardware) }
            var consistency = TableConsistency()
            let tables = try fields.array("tables") { table in
                try table.object { try LatencyTable(&$0, consistency: &consistency) }
            }
            return DeviceProfile(
                path: node.path, name: name, description: description, hardware: hardware, runtime: runtime,
                tables: tables, cluster: cluster)
        }
    }
}

extension Hardware {
    fileprivate init(_ fields: inout JSONFields) throws {
        chip = try fields.node("chip").text()
        processNm = try fields.figure("process_nm", in: 1...1000)
        let list = try fields.node("clusters")
        var names: Set<String> = []
        clusters = try list.array { cluster in try cluster.object { try Cluster(&$0, names: &names) } }
        if clusters.isEmpty { throw list.problem("expected at least one cluster, found an empty array") }
        memory = try fields.object("memory") { try Memory(&$0) }
    }
}

extension Hardware.Cluster {
    /// `names` are those of the clusters before.
    fileprivate init(_ fields: inout JSONFields, names: inout Set<String>) throws {
        let nameNode = try fields.node("name")
        name = try nameNode.text()
        if !names.insert(name).inserted { throw nameNode.mismatch(expected: "a name that no other cluster has") }
        core = try fields.node("core").text()
        cores = try fields.figure("cores", in: 1...1024)
        clockGHz = try fields.figure("clock_ghz", in: 0.001...100)
        vectorBits = try fields.figure("vector_bits", in: 32...16384)
        fmaPerCycleF32 = try fields.figure("fma_per_cycle_f32", in: 0.01...4096)
        l1KiB = try fields.figure("l1_kib", in: 1...1_048_576)
        // A second level that holds less than the first is a slip of the pen, and would be worse than none.
        l2KiB = try fields.figure("l2_kib", in: l1KiB.value...1_048_576)
    }
}

extension Hardware.Memory {
    fileprivate init(_ fields: inout JSONFields) throws {
        kind = try fields.node("kind").text()
        clockMHz = try fields.figure("clock_mhz", in: 1...100_000)
        busBits = try fields.figure("bus_bits", in: 8...65536)
        bandwidthGBPerSecond = try fields.figure("bandwidth_gb_s", in: 0.001...100_000)
    }
}

extension Runtime {
    fileprivate static func read(
        _ fields: inout JSONFields, on hardware: Hardware
    ) throws -> (Runtime, Hardware.Cluster) {
        let name = try fields.node("name").text()
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
        for step in block.operators(input: input) where step.output.count > Int(Int32.max) {
            throw fields.problem("makes a feature map of \(step.output), which is more than \(Int32.max) values")
        }
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
    /// A number with its source, in the object `key`.
    fileprivate mutating func figure(_ key: String, in range: ClosedRange<Double>) throws -> Figure<Double> {
        try object(key) { Figure(value: try $0.number("value", in: range), source: try $0.node("source").text()) }
    }

    /// An integer with its source, in the object `key`.
    fileprivate mutating func figure(_ key: String, in range: ClosedRange<Int>) throws -> Figure<Int> {
        try object(key) { Figure(value: try $0.integer("value", in: range), source: try $0.node("source").text()) }
    }

    /// From a nanosecond to a quarter of an hour.
    fileprivate mutating func latencyMs() throws -> Double { try number("latency_ms", in: 1e-6...1e6) }
}

extension JSONNode {
    /// A string here that is not empty.
    fileprivate func text() throws(FileError) -> String {
        let text = try string()
        if text.isEmpty { throw mismatch(expected: "a text that is not empty") }
        return text
    }

    /// A string here that is not empty, or nil for null.
    fileprivate func optionalText() throws(FileError) -> String? { isNull ? nil : try text() }
}
