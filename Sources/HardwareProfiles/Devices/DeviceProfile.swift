import Architectures
import Files
import Glibc

/// What is known of a target: its hardware, the runtime, and the measurements.
///
///     let device = try DeviceProfile(contentsOf: "devices/pixel1.json")
///     let model = CostModel(device: device)
public struct DeviceProfile: Hashable, Sendable {
    /// The origin of the cost model's parameters.
    public enum Parameters: Hashable, Sendable {
        /// Fitted to measurements of this device.
        case calibrated(Calibration)
        /// Borrowed from another profile, with its name; fitted to its measurements.
        case standIn(profile: String, Calibration)
        /// Learned from what was measured on all known devices, this one among them where it was.
        case transferred(TransferredParameters)
        /// Nothing was measured on this device, nor is another profile named: the runtime's usual values.
        case usual
    }

    /// The file that the profile was read from, for errors.
    public let path: String
    /// All files that were read for it.
    public let inputs: [String]
    public let name: String
    public let description: String
    public let hardware: Hardware
    public internal(set) var runtime: Runtime
    public let parameters: Parameters
    public internal(set) var tables: [LatencyTable]
    public internal(set) var networks: [MeasuredNetwork]
    /// What tables are left out because they were measured with another number of threads.
    private var droppedTables: DroppedTables?

    private struct DroppedTables: Hashable {
        let threads: Int
        /// How many latencies they had.
        let count: Int
    }

    /// The cores that the runtime's threads run on.
    let cluster: Hardware.Cluster

    var machine: Machine { Machine(hardware: hardware, cluster: cluster, runtime: runtime) }

    /// The number of cores that the runtime may use, those of its cluster: the meaning of "big" as a number of threads.
    public var bigCores: Int {
        usualCores == .all ? hardware.clusters.reduce(0) { $0 + $1.cores.value } : cluster.cores.value
    }

    /// The device with another number of threads, from 1 to the cores of the cluster. It drops the tables, which were
    /// measured with the old number.
    public func running(threads: Int) -> DeviceProfile {
        precondition((1...bigCores).contains(threads), "\(threads) threads on \(bigCores) cores")
        guard threads != runtime.threads else { return self }
        var device = self
        device.runtime = Runtime(
            name: runtime.name, dataType: runtime.dataType, threads: threads, cluster: runtime.cluster)
        if isOfTables { device.droppedTables = DroppedTables(threads: runtime.threads, count: tableCount) }
        device.tables = []
        return device
    }

    /// Whether its parameters were fitted to tables with the runtime's threads, which may be elsewhere where it has none.
    private var isOfTables: Bool { tableCount > 0 || networks.isEmpty && droppedTables == nil }

    /// How many latencies the tables have.
    private var tableCount: Int { tables.reduce(0) { $0 + $1.entries.count + $1.operators.count + $1.groups.count } }

    /// With how many threads that was measured which the parameters were fitted to, each once, in order; empty where they were
    /// not fitted here.
    var fittedThreads: [Int] {
        guard case .calibrated = parameters else { return [] }
        let ofTables = isOfTables ? [runtime.threads] : []
        return Set(ofTables + [droppedTables?.threads].compactMap(\.self) + networks.map(\.threads)).sorted()
    }

    /// Whether the parameters were fitted here, but to nothing with as many threads as the runtime has.
    var isOfOtherThreads: Bool { !fittedThreads.isEmpty && !fittedThreads.contains(runtime.threads) }

    /// The network as this profile prices it where it runs in a data type: one that is not the profile's own is written into
    /// it, so that no latency of another type is taken for its.
    public func priced(_ network: Network, in dataType: Runtime.DataType) -> Network {
        guard dataType != runtime.dataType else { return network }
        return network.valued(dataType == .float32 ? .float32 : .int8)
    }

    /// How the cost model's parameters were fitted, here or on the device that lends them; nil for usual ones.
    var calibration: Calibration? {
        switch parameters {
        case .calibrated(let calibration), .standIn(_, let calibration): calibration
        case .usual, .transferred: nil
        }
    }

    /// What was learned from other devices; nil where the parameters are fitted or usual ones.
    public var transferred: TransferredParameters? {
        if case .transferred(let parameters) = parameters { parameters } else { nil }
    }

    /// The parameter values of the cost model.
    var costParameters: CostParameters { calibration?.parameters ?? .usual(runtime.name) }

    /// The value of the field "hardware" for a profile of this device in the file `path`: the path of the hardware
    /// file, relative if both are in one folder, or the object that this profile contains.
    ///
    /// - Throws: `FileError`.
    public func hardwareReference(from path: String) throws -> JSON {
        let document = try JSONNode(contentsOf: self.path, what: "device profile")
        guard let node = try document.members().first(where: { $0.key == "hardware" })?.node else {
            throw document.problem("missing field \"hardware\"")
        }
        if case .string = node.value { return .string(try FileReference.text(node, .hardware, from: path)) }
        return .object(
            try node.members().map { key, field in
                guard key == "energy", !field.isNull else { return .init(key: key, value: field.value) }
                return .init(key: key, value: .string(try FileReference.text(field, .hardware, from: path)))
            })
    }

    /// The value of the field "parameters" for a profile of this device in the file `path`: another profile's path, relative
    /// if both are in one folder, or the object that this profile contains; nil where it has none.
    ///
    /// - Throws: `FileError`.
    public func parametersReference(from path: String) throws -> JSON? {
        let document = try JSONNode(contentsOf: self.path, what: "device profile")
        guard let node = try document.members().first(where: { $0.key == "parameters" })?.node else { return nil }
        guard case .string = node.value else { return node.value }
        return .string(try FileReference.text(node, .device, from: path))
    }

    /// Whether anything was measured on the device itself: a layer, an operator or a network.
    public var isMeasured: Bool {
        !networks.isEmpty || tables.contains { !$0.entries.isEmpty || !$0.operators.isEmpty || !$0.groups.isEmpty }
    }

    /// What the cost model's answers are based on, for people.
    public var basisOfModel: String {
        func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
        return switch parameters {
        case .calibrated(let calibration):
            "calibrated on \(calibration.basis): mean error \(percent(calibration.meanError)), "
                + "worst \(percent(calibration.worstError))"
        case .standIn(let profile, _):
            "not measured on this device: parameters of \(profile) stand in "
                + "(\(CostModelAccuracy.ofUnmeasuredDevices.sentence))"
        case .transferred(let parameters): parameters.summary
        case .usual: "not measured: usual parameters of \(runtime.name.rawValue) stand in"
        }
    }

    /// Half of the interval that holds 90 % of a fitted model's answers for whole networks, in logarithms.
    ///
    /// Where it was fitted here, it is wider than its errors on what it was fitted to say, by what blocks that are left out
    /// show. Few measurements are fitted well whatever the device is: then it is that of devices that were left out, divided
    /// by the root of one more than they are. Where another device's parameters stand in, or other numbers of threads were
    /// measured, it is that of devices that were left out.
    var uncertaintyOfModel: Double {
        // Of normal errors, 90 % lie within 2.06 times their mean magnitude.
        let share = 2.06, unmeasured = CostModelAccuracy.ofUnmeasuredDevices.mean
        switch parameters {
        case .calibrated(let calibration):
            let count = tableCount + (droppedTables?.count ?? 0) + networks.count
            let fewest = unmeasured / (isOfOtherThreads ? 1 : Double(1 + count).squareRoot())
            return log(1 + share * max(1.2 * max(calibration.meanError, 0.01), fewest))
        case .standIn: return log(1 + share * unmeasured)
        case .transferred(let parameters): return parameters.entry(threads: runtime.threads).interval
        case .usual: return Self.uncertaintyOfUsual
        }
    }

    /// The same where nothing is known of the device, or of its kernels for a data type: a factor of two.
    static let uncertaintyOfUsual = log(2.0)
}
