import Files

/// A device profile as it is written: a device without latency tables.
public struct DeviceDocument: Sendable {
    public var name: String
    public var description: String
    /// The value of the field "hardware": a name, a path, or the object itself.
    public var hardware: JSON
    public var runtime: Runtime
    public var networks: [MeasuredNetwork]
    /// The field "tables".
    public var tables: JSON = []
    /// Further fields: of the tables, the machine that measured them and how they came about.
    public var origin: [JSON.Member] = []

    public init(
        name: String, description: String, hardware: JSON, runtime: Runtime, networks: [MeasuredNetwork] = []
    ) {
        self.name = name
        self.description = description
        self.hardware = hardware
        self.runtime = runtime
        self.networks = networks
    }

    /// The profile's document.
    ///
    /// - Parameter parameters: the field "parameters"; null for usual ones.
    public func json(parameters: JSON = .null) -> JSON {
        let document: JSON = [
            "schema": .string(DeviceProfile.schema), "name": .string(name), "description": .string(description),
            "hardware": hardware,
            "runtime": [
                "name": .string(runtime.name.rawValue), "data_type": .string(runtime.dataType.rawValue),
                "threads": .integer(runtime.threads), "cluster": .string(runtime.cluster),
            ],
            "parameters": parameters, "tables": tables,
            "networks": .array(networks.map { $0.json(in: runtime.dataType) }),
        ]
        guard case .object(let members) = document else { return document }
        return .object(members + origin)
    }

    /// The profile that would be read from the document at `path`, which need not be there.
    ///
    /// - Throws: `FileError`.
    public func profile(at path: String) throws -> DeviceProfile {
        try DeviceProfile(json: JSONNode(json(), path: path), toCalibrate: true)
    }
}

extension MeasuredNetwork {
    /// - Parameters:
    ///   - architecture: the name of a reference architecture or of a known network.
    ///   - cores: "all", "big" or "little"; nil for those of the runtime's cluster.
    public init(architecture: String, threads: Int, cores: String? = nil, latencyMs: Double, source: String) {
        self.init(
            architecture: architecture, threads: threads, cores: cores.flatMap(TransferMachine.Cores.init(rawValue:)),
            isOdd: false, latencyMs: latencyMs, source: source)
    }

    /// The same, marked as unlike what all other devices suggest.
    public var markedOdd: MeasuredNetwork {
        var network = self
        network.isOdd = true
        return network
    }

    fileprivate func json(in dataType: Runtime.DataType) -> JSON {
        var members: [JSON.Member] = [
            .init(key: "architecture", value: .string(architecture)), .init(key: "threads", value: .integer(threads)),
        ]
        if let cores { members.append(.init(key: "cores", value: .string(cores.rawValue))) }
        if isOdd { members.append(.init(key: "odd", value: true)) }
        if dataType != .float32 { members.append(.init(key: "data_type", value: .string(dataType.rawValue))) }
        members += [.init(key: "latency_ms", value: .number(latencyMs)), .init(key: "source", value: .string(source))]
        return .object(members)
    }
}
