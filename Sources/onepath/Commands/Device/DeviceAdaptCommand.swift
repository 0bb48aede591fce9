import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// A profile made better by a few measurements.
struct DeviceAdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt", abstract: "Combines a few measurements of a device with what all known devices teach.",
        discussion: """
            The measurements are a CSV table with the columns network (a name or the path of an architecture or model), \
            threads (1 where there is no such column), and latency_ms; or the sheet of onepath profile --plan, for blocks and \
            operators; or both in one table.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(help: ArgumentHelp("The measurements.", valueName: "file"), completion: .file())
    var measured: String

    @OptionGroup var same: SameDeviceOption

    @Option(help: "Where to write the profile; in place without this.", completion: .file())
    var output: String?

    func run() throws {
        let path = try Catalogue.devices.path(of: device)
        let given = try DeviceProfile(toCalibrate: path)
        let measurements = try DeviceMeasurements(contentsOf: measured)
        let other = try same.profile(of: given.hardware)
        let target = output ?? path
        var document = DeviceDocument(
            name: given.name, description: given.description, hardware: try given.hardwareReference(from: target),
            runtime: given.runtime, networks: given.networks + measurements.networks)
        if case .array(let tables)? = try JSON(contentsOf: path, what: "device profile")["tables"] {
            document.tables = .array(tables + (measurements.partCount > 0 ? [measurements.table] : []))
        }
        let adapted = try document.profile(at: target)
        // The measurements of a shipped device of the same name are those of the profile itself.
        var teaching = try KnownDevices.teaching(
            of: adapted.runtime, without: [given.name], adding: [adapted, other].compactMap(\.self))
        let parameters = try teaching.parameters(
            of: adapted, threads: KnownDevices.threads(of: adapted), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: target)
        let count = measurements.networks.count + measurements.partCount
        print("\(given.name): adapted to \(count) measurement\(count == 1 ? "" : "s"); \(parameters.summary)")
        for note in measurements.notes { print(note) }
        var table = TextTable([("network", .left), ("threads", .right), ("measured ms", .right), ("now ms", .right)])
        let now = try DeviceProfile(contentsOf: target)
        for network in measurements.networks where network.threads <= now.bigCores {
            let priced = try KnownDevices.network(named: network.architecture)
            let estimate = CostModel(device: now.running(threads: network.threads)).estimate(priced)
            table.add([
                network.architecture.shortened(to: 40), "\(network.threads)", network.latencyMs.fixed(2), estimate.latencyMs.fixed(2),
            ])
        }
        if !measurements.networks.isEmpty { print(table.text, terminator: "") }
    }
}
