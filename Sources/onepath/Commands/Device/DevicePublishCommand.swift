import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// The profiles that come with the product, from published lists.
struct DevicePublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Makes the profiles of all described devices from published lists of whole-network latencies.",
        discussion: """
            Takes every hardware description with a name in the list (published_as), and all shipped XNNPACK profiles, and \
            gives each the factors that all devices together teach, and how well it is predicted when it is left out. A \
            profile of XNNPACK with fitted parameters keeps them.
            """)

    @Option(help: ArgumentHelp("ncnn's list, as a CSV table.", valueName: "file"), completion: .file())
    var ncnn: String

    @Option(help: "The folder for the profiles, with hardware/ in it.", completion: .directory)
    var output = "devices"

    func run() throws {
        let list = try PublishedLatencies(contentsOf: ncnn)
        var documents: [DeviceDocument] = []
        /// The profiles of XNNPACK that keep their parameters.
        var fitted: Set<String> = []
        for name in Catalogue.hardware.names where name != "energy" {
            let path = try Catalogue.hardware.path(of: name)
            let published = try JSON(contentsOf: path, what: "hardware description")["published_as"]
            guard case .string(let published)? = published else { continue }
            for device in list.devices where device.name == published {
                let suffix = device.dataType == .int8 ? "-ncnn-int8" : "-ncnn"
                documents.append(
                    DeviceDocument(
                        name: name + suffix,
                        description: "\(published), with ncnn in \(device.dataType == .int8 ? "int8" : "float").",
                        hardware: .string("hardware/\(name).json"),
                        runtime: HardwareProfiles.Runtime(
                            name: .ncnn, dataType: device.dataType, threads: 1, cluster: "all"),
                        networks: device.networks))
            }
        }
        for name in Catalogue.devices.names {
            let device = try DeviceProfile(toCalibrate: Catalogue.devices.path(of: name))
            guard device.runtime.name == .xnnpack else { continue }
            if case .calibrated = try DeviceProfile(contentsOf: device.path).parameters { fitted.insert(name) }
            documents.append(
                DeviceDocument(
                    name: name, description: device.description, hardware: .string("hardware/\(device.hardware.name).json"),
                    runtime: device.runtime, networks: device.networks))
        }
        func path(_ document: DeviceDocument) -> String { "\(output)/\(document.name).json" }
        func profiles() throws -> [DeviceProfile] { try documents.map { try $0.profile(at: path($0)) } }
        // Twice: what no other device explains is marked, and teaches nothing.
        let odd = try TransferModel(profiles(), for: .int8, operators: KnownDevices.operators(named:)).oddConfigurations()
        var first = 0
        for index in documents.indices {
            let networks = documents[index].networks
            for place in networks.indices where odd.contains(first + place) {
                documents[index].networks[place] = networks[place].markedOdd
            }
            first += networks.count
        }
        let devices = try profiles()
        func teaching(_ dataType: HardwareProfiles.Runtime.DataType) throws -> TransferModel.Teaching {
            TransferModel.Teaching(
                try TransferModel(devices, for: dataType, operators: KnownDevices.operators(named:)),
                known: Catalogue.networks.names)
        }
        var float = try teaching(.float32), int8 = try teaching(.int8)
        // Few devices were measured under XNNPACK. Where parameters were fitted to one, they are nearer.
        for (document, device) in zip(documents, devices) where !fitted.contains(document.name) {
            let threads = KnownDevices.threads(of: device)
            let parameters = device.runtime.dataType == .int8
                ? try int8.parameters(of: device, threads: threads, operators: KnownDevices.operators(named:))
                : try float.parameters(of: device, threads: threads, operators: KnownDevices.operators(named:))
            try document.json(parameters: parameters.json).write(to: path(document))
        }
        let rows = documents.reduce(0) { $0 + $1.networks.count }
        print(
            "\(documents.count - fitted.count) profiles in \(output), \(rows.grouped) measured networks, \(odd.count) of them odd; "
                + "90 % of what was left out lies within \(float.conformalScale.fixed(2)) deviations")
    }
}
