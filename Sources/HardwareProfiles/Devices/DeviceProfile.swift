import Files
import Glibc

/// What is known of a target: its hardware, the runtime, and what was measured with both.
///
///     let device = try DeviceProfile(contentsOf: "devices/pixel1.json")
///     let model = CostModel(device: device)
public struct DeviceProfile: Hashable, Sendable {
    /// Where the parameters of the cost model come from.
    public enum Parameters: Hashable, Sendable {
        /// Fitted to measurements of this device.
        case calibrated(Calibration)
        /// Those of another profile, with the name of that, fitted to its measurements.
        case standIn(profile: String, Calibration)
        /// Nothing was measured here or on a relative: the runtime's usual values.
        case usual
    }

    /// The file that the profile was read from, for errors.
    public let path: String
    /// All files that were read for it.
    public let inputs: [String]
    public let name: String
    public let description: String
    public let hardware: Hardware
    public let runtime: Runtime
    public let parameters: Parameters
    public let tables: [LatencyTable]
    public let networks: [MeasuredNetwork]

    /// The cores that the runtime's threads run on.
    let cluster: Hardware.Cluster

    var machine: Machine { Machine(hardware: hardware, cluster: cluster, runtime: runtime) }

    /// How many cores the fastest cluster has: what "big" stands for as a number of threads.
    public var bigCores: Int { cluster.cores.value }

    /// The device with another number of threads, from 1 to the cores of the cluster. Tables that were measured with
    /// the other number hold no longer.
    public func running(threads: Int) -> DeviceProfile {
        precondition((1...bigCores).contains(threads), "\(threads) threads on \(bigCores) cores")
        guard threads != runtime.threads else { return self }
        return DeviceProfile(
            path: path, inputs: inputs, name: name, description: description, hardware: hardware,
            runtime: Runtime(
                name: runtime.name, dataType: runtime.dataType, threads: threads, cluster: runtime.cluster),
            parameters: parameters, tables: [], networks: networks, cluster: cluster)
    }

    /// The values that the cost model computes with.
    var costParameters: CostParameters {
        switch parameters {
        case .calibrated(let calibration), .standIn(_, let calibration): calibration.parameters
        case .usual: .usual(runtime.name)
        }
    }

    /// How a profile in the file `path` refers to this device's hardware: by the file it is in, relative where both
    /// stand in one folder.
    ///
    /// - Throws: `FileError` where this profile holds its hardware itself, which no other can refer to.
    public func hardwareReference(from path: String) throws -> String {
        let node = try JSONNode(contentsOf: self.path, what: "device profile")
        guard case .string(let name)? = node.value["hardware"] else {
            throw node.problem("expected hardware in a file of its own, to be referred to")
        }
        func folder(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
        if name.hasPrefix("/") || folder(path) == folder(self.path) { return name }
        guard let absolute = realpath(folder(self.path) + name, nil) else { return folder(self.path) + name }
        defer { free(absolute) }
        return String(cString: absolute)
    }

    /// How the cost model knows what it says, for people.
    public var basisOfModel: String {
        func errors(_ calibration: Calibration) -> String {
            func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
            return "\(calibration.basis): mean error \(percent(calibration.meanError)), "
                + "worst \(percent(calibration.worstError))"
        }
        return switch parameters {
        case .calibrated(let calibration): "calibrated on \(errors(calibration))"
        case .standIn(let profile, let calibration):
            "not measured on this device: parameters of \(profile) stand in (\(errors(calibration)))"
        case .usual: "not measured: usual parameters of \(runtime.name.rawValue) stand in"
        }
    }
}
