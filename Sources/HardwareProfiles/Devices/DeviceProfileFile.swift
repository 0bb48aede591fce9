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

    /// Reads the profile at `path` to fit parameters to it: its own parameters are ignored.
    ///
    /// - Throws: `FileError`.
    public init(toCalibrate path: String) throws {
        try self.init(json: JSONNode(contentsOf: path, what: "device profile"), toCalibrate: true)
    }

    /// Reads a device profile strictly from the whole document; the files that it refers to are in its folder, or come
    /// with the product.
    ///
    /// - Parameter toCalibrate: whether to ignore its parameters, because others will be fitted.
    /// - Throws: `FileError.invalid`, also for a second-level cache smaller than the first, for a runtime on a missing
    ///   cluster or with more threads than the cluster has cores, for entries and groups that contradict each other,
    ///   for the key of a layer that no network has, for measurements and parameters of another data type than the
    ///   runtime's, and for borrowed parameters of a profile that has none of its own.
    public init(json node: JSONNode, toCalibrate: Bool = false) throws {
        self = try node.object { try DeviceProfile(&$0, path: node.path, toCalibrate: toCalibrate) }
    }

    private init(_ fields: inout JSONFields, path: String, toCalibrate: Bool) throws {
        self.path = path
        try fields.schema(Self.schema)
        name = try fields.node("name").text()
        description = try fields.string("description")
        var inputs = [path]
        let hardware = try Hardware(referredToBy: fields.node("hardware"), inputs: &inputs)
        self.hardware = hardware
        let (runtime, cluster) = try fields.object("runtime") { try Runtime.read(&$0, on: hardware) }
        (self.runtime, self.cluster) = (runtime, cluster)
        let parametersNode = try fields.node("parameters")
        let parameters =
            toCalibrate ? Parameters.usual : try Parameters(parametersNode, runtime: runtime, inputs: &inputs)
        self.inputs = inputs
        var consistency = TableConsistency()
        tables = try fields.array("tables") { table in
            try table.object { try LatencyTable(&$0, dataType: runtime.dataType, consistency: &consistency) }
        }
        self.parameters = parameters.fitted(to: tables)
        let isOneCluster = hardware.clusters.contains { $0.name == runtime.cluster }
        let cores = isOneCluster ? cluster.cores.value : hardware.clusters.reduce(0) { $0 + $1.cores.value }
        networks = try fields.array("networks") { network in
            try network.object {
                try MeasuredNetwork(&$0, dataType: runtime.dataType, cores: cores)
            }
        }
        if let provenance = fields.optionalNode("provenance") { _ = try Provenance(json: provenance) }
        try fields.optionalNode("machine")?.checkObject()
    }
}

extension DeviceProfile.Parameters {
    /// Reads null, an object, or the name or path of the profile whose parameters are borrowed.
    fileprivate init(_ node: JSONNode, runtime: Runtime, inputs: inout [String]) throws {
        let dataType: Runtime.DataType
        switch node.value {
        case .null:
            self = .usual
            dataType = CostParameters.usualDataType
        case .string:
            guard let path = try FileReference.path(node, .device) else {
                self = .usual
                return
            }
            let document = try JSONNode(contentsOf: path, what: "device profile")
            let mismatch = node.mismatch(expected: "a profile with parameters of its own for \(runtime.name.rawValue)")
            // A profile that itself borrows is refused: following it could lead back here.
            if case .string = document.value["parameters"] { throw mismatch }
            let other = try DeviceProfile(json: document)
            guard case .calibrated(let calibration) = other.parameters, other.runtime.name == runtime.name else {
                throw mismatch
            }
            inputs += other.inputs.filter { !inputs.contains($0) }
            self = .standIn(profile: other.name, calibration)
            dataType = calibration.dataType
        case .object where node.value["threads"] != nil:
            let learned = try node.object { try TransferredParameters(&$0, inputs: &inputs) }
            self = .transferred(learned)
            dataType = learned.dataType
        default:
            let calibration = try node.object { try Calibration(&$0) }
            self = .calibrated(calibration)
            dataType = calibration.dataType
        }
        if dataType != runtime.dataType {
            try node.refuse(
                problem: "expected parameters that were fitted to \(runtime.dataType.rawValue), as the runtime computes, "
                    + "found \(node.isNull ? "the usual ones, of" : "ones of") \(dataType.rawValue): calibrate the "
                    + "profile on \(runtime.dataType.rawValue) measurements (onepath calibrate), or set the runtime's "
                    + "data_type to \(dataType.rawValue)")
        }
    }
}

extension DeviceProfile.Parameters {
    /// The same, with the range of what they were fitted to if that was these tables.
    fileprivate func fitted(to tables: [LatencyTable]) -> Self {
        guard case .calibrated(var calibration) = self else { return self }
        calibration.range = CalibrationRange(tables)
        return .calibrated(calibration)
    }
}

extension JSONFields {
    /// The data type of measurements or parameters; `float32` where the field is absent, as in older files.
    fileprivate mutating func dataType() throws -> Runtime.DataType {
        try optionalNode("data_type")?.option(of: Runtime.DataType.self) ?? .float32
    }

    /// Checks that the measurements have the runtime's data type.
    fileprivate mutating func checkDataType(_ expected: Runtime.DataType) throws {
        let found = try dataType()
        if found != expected {
            try node.refuse(
                problem: "expected latencies that were measured in \(expected.rawValue), as the runtime computes, found "
                    + "ones of \(found.rawValue); measurements of another data type need a profile of their own")
        }
    }
}

extension Calibration {
    fileprivate init(_ fields: inout JSONFields) throws {
        let values = try fields.object("values") { values in
            // From a millionth to a million: far beyond what any kernel does.
            try CostParameters.Name.allCases.map { try values.number($0.key, in: 1e-6...1e6) }
        }
        let dataType = try fields.dataType()
        let basis = try fields.node("calibrated_on").text()
        let meanError = try fields.number("mean_error", in: 0...1e6), worstError = try fields.number("worst_error", in: 0...1e6)
        self.init(
            parameters: CostParameters(values), residual: try fields.optionalNode("depthwise").map(DepthwiseResidual.init),
            dataType: dataType, basis: basis, meanError: meanError, worstError: worstError)
    }
}

extension MeasuredNetwork {
    fileprivate init(_ fields: inout JSONFields, dataType: Runtime.DataType, cores: Int) throws {
        try fields.checkDataType(dataType)
        let bound = try fields.optionalNode("cores")?.option(of: TransferMachine.Cores.self)
        self.init(
            architecture: try fields.node("architecture").text(),
            // Where it is said what they were bound to, more threads than cores were measured too.
            threads: try fields.integer("threads", in: 1...(bound == nil ? cores : 1024), isDerived: true), cores: bound,
            isOdd: try fields.optionalNode("odd")?.bool() ?? false, latencyMs: try fields.latencyMs(),
            source: try fields.node("source").text())
    }
}

extension Runtime {
    fileprivate static func read(
        _ fields: inout JSONFields, on hardware: Hardware
    ) throws -> (Runtime, Hardware.Cluster) {
        let name = try fields.node("name").option(of: Runtime.Name.self)
        let dataType = try fields.node("data_type").option(of: DataType.self)
        let threads = try fields.node("threads")
        let clusterNode = try fields.node("cluster")
        let clusterName = try clusterNode.string()
        let found = hardware.clusters.first { $0.name == clusterName }
        // All cores of all clusters.
        let isAll = found == nil && clusterName == TransferMachine.Cores.all.rawValue && name != .tflite
        if found == nil, !isAll, case .string = clusterNode.value {
            let names = hardware.clusters.map { "\"\($0.name)\"" }.joined(separator: ", ")
            try clusterNode.refuse(expected: "a cluster of the hardware (\(names))", isDerived: true)
        }
        let cluster = found ?? hardware.clusters[0]
        let cores = isAll ? hardware.clusters.reduce(0) { $0 + $1.cores.value } : cluster.cores.value
        let runtime = Runtime(
            name: name, dataType: dataType, threads: try threads.integer(in: 1...cores, isDerived: true),
            cluster: clusterName)
        return (runtime, cluster)
    }
}

extension LatencyTable {
    fileprivate init(
        _ fields: inout JSONFields, dataType: Runtime.DataType, consistency: inout TableConsistency
    ) throws {
        try fields.checkDataType(dataType)
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
        input = FeatureShape(height: height, width: width, channels: block.shape.inputChannels)
        latencyMs = try fields.latencyMs()
        (deviationMs, count) = try fields.spread()
        (intervalMs, isUncertain) = try fields.certainty(of: latencyMs)
        if let step = block.operators(input: input).oversized {
            throw fields.problem("makes a feature map of \(step.output), which is more than \(Int32.max) values")
        }
    }
}

extension LatencyTable.OperatorEntry {
    fileprivate init(_ fields: inout JSONFields) throws {
        step = try Operator(json: &fields)
        latencyMs = try fields.latencyMs()
        (deviationMs, count) = try fields.spread()
        (intervalMs, isUncertain) = try fields.certainty(of: latencyMs)
    }
}

extension LatencyTable.Group {
    fileprivate init(_ fields: inout JSONFields) throws {
        let list = try fields.node("keys")
        keys = try list.array { node in
            let key = try node.text()
            if !key.isEmpty, Network.Layer(key: key) == nil {
                try node.refuse(
                    problem: "expected the key of a layer, found \"\(key.prefix(200))\", which no layer can have",
                    isDerived: false)
            }
            return key
        }
        if keys.isEmpty { try list.refuse(problem: "expected the key of at least one layer, found an empty array") }
        latencyMs = try fields.latencyMs()
    }
}

extension JSONFields {
    fileprivate mutating func latencyMs() throws -> Double {
        try number("latency_ms", in: LatencyTable.latenciesMs)
    }

    /// The deviation and the number of the measurements, each where it is known.
    fileprivate mutating func spread() throws -> (deviationMs: Double?, count: Int?) {
        (
            try optionalNode("deviation_ms").map { try $0.number(in: LatencyTable.deviationsMs) },
            try optionalNode("count").map { try $0.integer(in: LatencyTable.counts) }
        )
    }

    /// The confidence interval of the median, and whether it is wide or the machine was not steady; each where the file
    /// has it.
    fileprivate mutating func certainty(of latencyMs: Double) throws -> (ClosedRange<Double>?, Bool) {
        let isUncertain = try optionalNode("uncertain")?.bool() ?? false
        let low = try optionalNode("latency_low_ms")?.number(in: 0...latencyMs, isDerived: true)
        let high = try optionalNode("latency_high_ms")?.number(in: latencyMs...1e6, isDerived: true)
        if (low == nil) != (high == nil) {
            try node.refuse(problem: "expected both \"latency_low_ms\" and \"latency_high_ms\", found one of them")
        }
        guard let low, let high, low <= high else { return (nil, isUncertain) }
        return (low...high, isUncertain)
    }
}
