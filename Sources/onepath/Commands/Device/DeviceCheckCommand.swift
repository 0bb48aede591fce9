import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles

/// How far a table is off whole networks.
struct DeviceCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tells how far a profile is off whole networks, from a few whole runs.",
        discussion: """
            Without --measured it names the networks to run, --budget of them, and with --output writes them as ONNX with a \
            sheet. With --measured it tells the bias and its interval. --apply FILE writes a copy of the profile whose \
            latencies are corrected by it.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(help: "How many networks to run.")
    var budget = 5

    @Option(help: "The search space whose networks are run: a name, or a path.", completion: .spaces)
    var space = "single-path-mobile"

    @Option(help: ArgumentHelp("What the networks took: network, threads, latency_ms.", valueName: "file"), completion: .file())
    var measured: String?

    @Option(help: ArgumentHelp("Write the models and the sheet here.", valueName: "directory"), completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Write the corrected profile here.", valueName: "file"), completion: .file())
    var apply: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        if !(1...100).contains(budget) {
            throw ValidationError("--budget: expected a number from 1 to 100, found \(budget)")
        }
        if apply != nil, measured == nil { throw ValidationError("--apply: expected --measured too") }
        if measured != nil, output != nil { throw ValidationError("--output goes without --measured") }
    }

    func run() throws {
        let path = try Catalogue.devices.path(of: device)
        let profile = try Catalogue.device(named: device)
        if let measured { try check(profile, path, measured) } else { try name(profile) }
    }

    private func name(_ device: DeviceProfile) throws {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        let model = CostModel(device: device)
        let architectures = space.randomArchitectures(200, seed: 0)
        let latencies = architectures.map { model.estimate($0.network).latencyMs }
        let chosen = TableBias.choice(budget, of: latencies)
        if let output { try NewDirectory.make(output) }
        var sheet = "network,threads,latency_ms\n"
        var rows: [JSON] = []
        var table = TextTable([("run", .cut), ("threads", .right), ("says ms", .right)])
        for index in chosen {
            let architecture = architectures[index]
            var name = architecture.name
            if let output {
                name = "\(output)/\(architecture.name.fileName).json"
                let provenance = Provenance(command: "onepath device check", seed: nil, inputs: [])
                try ArchitectureDocument(architecture, provenance: provenance).write(to: name)
                let weights = try WeightsFile(TrainedWeights(untrained: architecture), provenance: provenance)
                try ONNXFile(weights, isFolded: true).write(
                    to: "\(output)/\(architecture.name.fileName).onnx", metadata: [(key: "weights", value: "untrained")])
            }
            sheet += "\(output == nil ? name.fileName : name),\(device.runtime.threads),\n"
            rows.append(["network": .string(name), "table_ms": .number(latencies[index])])
            table.add([name, "\(device.runtime.threads)", latencies[index].fixed(3)])
        }
        if let output { try AtomicFile.write(sheet, to: "\(output)/measurements.csv") }
        if json { return print(JSON.array(rows).text(pretty: true)) }
        print(table.text, terminator: "")
        if let output { print("The models and the sheet are in \(output); then the same with --measured \(output)/measurements.csv") }
    }

    private func check(_ device: DeviceProfile, _ path: String, _ sheet: String) throws {
        let measurements = try DeviceMeasurements(contentsOf: sheet)
        let pairs = try measurements.networks.filter { $0.threads == device.runtime.threads }.map { network in
            let network = (network, try KnownDevices.network(named: network.architecture))
            return (
                measuredMs: network.0.latencyMs, tableMs: CostModel(device: device).estimate(network.1).latencyMs
            )
        }
        guard let bias = TableBias(pairs) else {
            throw FileError.invalid(
                path: sheet, place: "",
                problem: "expected two whole networks at least with \(device.runtime.threads) threads, found \(pairs.count)")
        }
        if json {
            print(
                JSON.object([
                    .init(key: "factor", value: .number(bias.factor)), .init(key: "low", value: .number(bias.interval.lowerBound)),
                    .init(key: "high", value: .number(bias.interval.upperBound)), .init(key: "count", value: .integer(bias.count)),
                    .init(key: "notes", value: .array(measurements.notes.map(JSON.string))),
                ]).text(pretty: true))
        } else {
            let sure = bias.interval.contains(1) ? "; no bias is certain" : ""
            print(
                "Whole networks take \(bias.factor.fixed(3)) times what \(device.name) says, from "
                    + "\(bias.interval.lowerBound.fixed(3)) to \(bias.interval.upperBound.fixed(3)) with 90 % confidence, by "
                    + "\(bias.count) of them\(sure).")
            for note in measurements.notes { print(note) }
        }
        guard let apply else { return }
        let document = try JSON(contentsOf: path, what: "device profile").correctedLatencies(by: bias.factor)
        _ = try DeviceProfile(json: JSONNode(document, path: apply))
        try document.write(to: apply)
        if !json { print("\(apply): every latency of its tables times \(bias.factor.fixed(3))") }
    }
}

extension JSON {
    /// The profile with all latencies of its tables times a factor.
    fileprivate func correctedLatencies(by factor: Double) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.key == "tables" ? .init(key: $0.key, value: $0.value.scaled(by: factor)) : $0 })
    }

    private func scaled(by factor: Double) -> JSON {
        switch self {
        case .array(let values): return .array(values.map { $0.scaled(by: factor) })
        case .object(let members):
            return .object(members.map { member in
                let isLatency = ["latency_ms", "latency_low_ms", "latency_high_ms", "deviation_ms"].contains(member.key)
                switch member.value {
                case .number(let value) where isLatency: return .init(key: member.key, value: .number(value * factor))
                case .integer(let value) where isLatency:
                    return .init(key: member.key, value: .number(Double(value) * factor))
                default: return .init(key: member.key, value: member.value.scaled(by: factor))
                }
            })
        default: return self
        }
    }
}
