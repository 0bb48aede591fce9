import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// What a profile says of the device that was measured, besides its latencies.
struct MeasuredTarget {
    /// A sentence about the device.
    let text: String
    /// The field's value in a profile: an object, or the path of a file.
    let hardware: JSON
    let runtime: HardwareProfiles.Runtime
    /// "random networks", or what else was visited.
    let visited: String
    /// What a person should know of the answer.
    let notes: [String]

    /// This machine, with XNNPACK on so many threads. Looks at it for about two seconds.
    ///
    /// - Throws: `ProfilingError.cannotPin` where it has fewer cores; `FileError` where what is known of cores cannot be read.
    init(thisMachineWith threads: Int, dataType: HardwareProfiles.Runtime.DataType) throws {
        let type = dataType == .int8 ? ", in int8" : ""
        let cores = try CoreAffinity.fastest(threads), state = MachineState.current(core: cores[0])
        text = "\(state.processor), measured on the machine itself\(type)."
        hardware = try MachineHardware(processor: cores[0], state: state, known: Catalogue.knownCores()).json
        runtime = HardwareProfiles.Runtime(name: .xnnpack, dataType: dataType, threads: threads, cluster: "all")
        visited = "random networks"
        let equals = CoreAffinity.countOfEquals(to: cores[0])
        notes = equals < threads
            ? ["only \(equals) of the \(threads) cores that ran are as fast as the fastest, which the profile describes"] : []
    }

    /// A device at the end of a cable or of a network.
    ///
    /// - Parameters:
    ///   - bench: of the device.
    ///   - runtime: what runs there.
    ///   - remote: how the device was given, with the processors that were chosen.
    ///   - facts: a profile with its hardware, or its memory.
    ///   - output: the path of the profile, to which the path of a hardware file may be relative.
    /// - Throws: `FileError`, also where the device's processors are not known by their numbers; `ValidationError` where the
    ///   runtime needs cores of one kind.
    init(
        _ bench: RemoteBench, runtime name: HardwareProfiles.Runtime.Name, remote: RemoteOptions,
        facts: (like: String?, memory: String?), output: String
    ) throws {
        text = "\(bench.machine.processor), measured \(remote.adb == nil ? "over ssh" : "by adb") with TensorFlow Lite's "
            + "benchmark_model\(remote.cores.map { " on the processors \($0)" } ?? "")"
            + (bench.facts.dataType == .int8 ? ", in int8" : "")
            + (bench.timesOperators ? "." : ", each block and operator as a model of its own.")
        let cluster: String
        if let like = facts.like {
            let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: like))
            hardware = try device.hardwareReference(from: output)
            let clock = try remote.cores.flatMap { try bench.device.clockGHz(ofCores: $0) }
            let found = device.hardware.cluster(clockGHz: clock)
            cluster = found ?? device.runtime.cluster
            let isTold = found != nil || remote.cores == nil || device.hardware.clusters.count == 1
            notes = Self.notes(of: bench) + (isTold ? [] : [
                "which cores of \(like) the processors \(remote.cores ?? "") are is not known by their clock: the profile is of "
                    + "\(cluster)"
            ])
        } else {
            let cores = try DeviceFacts(cpuInfo: bench.device.cpuInfo, path: "/proc/cpuinfo of the device")
            guard let memory = facts.memory.flatMap(DeviceFacts.Memory.init) else {
                preconditionFailure("the memory was looked at when the command was parsed")
            }
            let (json, standIns) = cores.hardware(
                name: bench.machine.processor, memory: memory, known: try Catalogue.knownCores(),
                described: try KnownDevices.hardware())
            hardware = json
            cluster = Self.cluster(of: json, clockGHz: try remote.cores.flatMap { try bench.device.clockGHz(ofCores: $0) })
            notes = Self.notes(of: bench) + standIns
        }
        if cluster == "all", name == .tflite {
            throw ValidationError(
                "--cores: expected the processors of one kind of cores, as a profile of tflite has, found "
                    + (remote.cores ?? "none"))
        }
        runtime = HardwareProfiles.Runtime(
            name: name, dataType: bench.facts.dataType, threads: bench.facts.threads, cluster: cluster)
        visited = bench.timesOperators ? "random networks" : "single layers"
    }

    private static func notes(of bench: RemoteBench) -> [String] {
        bench.operatorProblem.map {
            [
                "\($0); so each block and operator is measured as a model of its own, less the time that the runtime needs "
                    + "to start one"
            ]
        } ?? []
    }

    /// The name of the cluster whose cores have that clock; where there is none, that of the only one, else "all".
    private static func cluster(of hardware: JSON, clockGHz: Double?) -> String {
        guard case .array(let clusters)? = hardware["clusters"] else { return "all" }
        func name(_ cluster: JSON) -> String? { if case .string(let name)? = cluster["name"] { name } else { nil } }
        if let clockGHz, let found = clusters.first(where: { $0["clock_ghz"]?["value"] == .number(clockGHz) }) {
            return name(found) ?? "all"
        }
        return clusters.count == 1 ? name(clusters[0]) ?? "all" : "all"
    }
}

extension Hardware {
    /// The name of the cluster whose cores have about that clock; nil where there is none.
    func cluster(clockGHz: Double?) -> String? {
        clockGHz.flatMap { clock in clusters.first { abs($0.clockGHz.value / clock - 1) < 0.01 }?.name }
    }
}
