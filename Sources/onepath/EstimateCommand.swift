import ArgumentParser
import Architectures
import HardwareProfiles

struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate", abstract: "Tells what an architecture costs on a device, layer by layer.")

    @Option(help: "The architecture: a name, or a path.")
    var architecture: String

    @Option(help: "The device profile: a name, or a path.")
    var device: String

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func run() throws {
        let architecture = try Architecture(contentsOf: Catalogue.architectures.path(of: architecture))
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        let estimate = try CostModel(device: device).estimate(architecture.network)
        if json {
            print(estimate.json.text(pretty: true))
        } else {
            print("\(architecture.name) on \(device.name)\n\n\(estimate.table(total: "total"))", terminator: "")
        }
    }
}
