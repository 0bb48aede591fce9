import Files
import SupernetSearch
import Training

/// Everything that determines a search: the content of `config.json`.
///
///     let plan = try SearchPlan(run: "runs/one")
///     let space = try SearchSpace(contentsOf: path(of: plan.space.source))
public struct SearchPlan: Sendable {
    public let space: RunInput
    public let device: RunInput
    /// Devices on which the targets must also be met.
    public var otherDevices: [RunInput] = []
    /// The device's number of threads; nil for that of its profile.
    public var deviceThreads: Int?
    public var images: RunImages
    public private(set) var configuration: SearchConfiguration
    /// The number of steps between checkpoints.
    public let checkpointInterval: Int
    public let provenance: Provenance

    public init(
        space: RunInput, device: RunInput, images: RunImages, configuration: SearchConfiguration, checkpointInterval: Int,
        provenance: Provenance
    ) {
        self.space = space
        self.device = device
        self.images = images
        self.configuration = configuration
        self.checkpointInterval = checkpointInterval
        self.provenance = provenance
    }

    /// The plan of a search with other settings.
    func with(_ configuration: SearchConfiguration) -> SearchPlan {
        var plan = self
        plan.configuration = configuration
        return plan
    }

    public var json: JSON {
        func members(ofThreads threads: Int?) -> [JSON.Member] {
            threads.map { [JSON.Member(key: Self.deviceThreadsField, value: .integer($0))] } ?? []
        }
        let threads = members(ofThreads: deviceThreads)
        let others = otherDevices.map { JSON.object(Self.members(of: $0, "device") + members(ofThreads: $0.threads)) }
        return .object(
            [.init(key: "schema", value: .string(RunKind.search.schema))] + Self.members(of: space, "space")
                + Self.members(of: device, "device") + threads
                + (others.isEmpty ? [] : [.init(key: Self.otherDevicesField, value: .array(others))]) + images.members + [
                    .init(key: "configuration", value: configuration.json),
                    .init(key: "checkpoint_every", value: .integer(checkpointInterval)),
                    .init(key: "provenance", value: provenance.json),
                ])
    }

    private static func members(of input: RunInput, _ field: String) -> [JSON.Member] {
        [.init(key: field, value: .string(input.name)), .init(key: field + "_source", value: .string(input.source))]
    }

    /// Reads the fields of `members(of:_:)`.
    private static func input(_ field: String, _ fields: inout JSONFields) throws(FileError) -> RunInput {
        RunInput(name: try fields.string(field), source: try fields.string(field + "_source"))
    }

    private static let otherDevicesField = "other_devices"

    /// Reads the devices besides the one that the search is for, where there are any.
    static func otherDevices(_ fields: inout JSONFields) throws -> [RunInput] {
        try fields.optionalNode(otherDevicesField)?.array { node in
            try node.object { fields in
                var device = try input("device", &fields)
                device.threads = try deviceThreads(&fields)
                return device
            }
        } ?? []
    }

    private static let deviceThreadsField = "device_threads"

    /// Reads the number of threads of a search's device, where its configuration has it.
    static func deviceThreads(_ fields: inout JSONFields) throws(FileError) -> Int? {
        guard let node = fields.optionalNode(deviceThreadsField) else { return nil }
        return try node.integer(in: 1...1024)
    }

    /// Reads the plan of the run in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`, also where it is the warm-up of a sweep, which goes on only with that.
    public init(run path: String) throws {
        if let sweep = SweepDirectory.sweep(ofWarmUpIn: path) {
            throw FileError.invalid(
                path: path, place: "",
                problem: "expected a search, found the warm-up of a sweep, which `onepath sweep --resume --output \(sweep)` "
                    + "resumes")
        }
        try self.init(json: RunKind.search.configuration(ofRunIn: path))
    }

    /// Reads the form of `json`, strictly.
    ///
    /// - Throws: `FileError.invalid`.
    init(json node: JSONNode) throws {
        self = try node.object { fields in
            try fields.schema(RunKind.search.schema)
            let images = try RunImages(&fields)
            var plan = SearchPlan(
                space: try Self.input("space", &fields), device: try Self.input("device", &fields),
                images: images,
                configuration: try fields.node("configuration").settings { node in
                    let configuration = try SearchConfiguration(json: node)
                    try configuration.training.check(images: images.trained)
                    return configuration
                },
                checkpointInterval: try fields.integer("checkpoint_every", in: 1...1 << 40),
                provenance: try Provenance(json: fields.node("provenance")))
            plan.deviceThreads = try Self.deviceThreads(&fields)
            plan.otherDevices = try Self.otherDevices(&fields)
            return plan
        }
    }
}
