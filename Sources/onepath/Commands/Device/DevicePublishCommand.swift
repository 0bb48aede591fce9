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
            Takes every hardware description with a name in the list (published_as), all shipped profiles of XNNPACK, and \
            those of TensorFlow Lite's own kernels with measured networks, and gives each the factors that all devices \
            together teach, and how well it is predicted when it is left out. A profile with fitted parameters keeps them.
            """)

    @Option(help: ArgumentHelp("ncnn's list, as a CSV table.", valueName: "file"), completion: .file())
    var ncnn: String

    @Option(help: "The folder for the profiles, with hardware/ in it.", completion: .directory)
    var output = "devices"

    func run() throws {
        let list = try PublishedLatencies(contentsOf: ncnn)
        /// Of what apps use today, and of what they used before.
        var documents: [DeviceDocument] = [], older: [DeviceDocument] = []
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
            let document = DeviceDocument(
                name: name, description: device.description, hardware: .string("hardware/\(device.hardware.name).json"),
                runtime: device.runtime, networks: device.networks)
            switch device.runtime.name {
            case .xnnpack:
                if case .calibrated = try DeviceProfile(contentsOf: device.path).parameters { fitted.insert(name) }
                documents.append(document)
            case .tflite where !device.networks.isEmpty: older.append(document)
            case .tflite, .ncnn: break
            }
        }
        func path(_ document: DeviceDocument) -> String { "\(output)/\(document.name).json" }
        func profiles(of documents: [DeviceDocument]) throws -> [DeviceProfile] {
            try documents.map { try $0.profile(at: path($0)) }
        }
        // Twice: what no other device explains is marked, and teaches nothing.
        let odd = try KnownDevices.model(of: .int8, by: profiles(of: documents)).oddConfigurations()
        var first = 0
        for index in documents.indices {
            let networks = documents[index].networks
            for place in networks.indices where odd.contains(first + place) {
                documents[index].networks[place] = networks[place].markedOdd
            }
            first += networks.count
        }
        let devices = try profiles(of: documents)
        func write(_ document: DeviceDocument, _ device: DeviceProfile, by teaching: inout TransferModel.Teaching) throws {
            let parameters = try teaching.parameters(
                of: device, threads: KnownDevices.threads(of: device), operators: KnownDevices.operators(named:))
            try document.json(parameters: parameters.json).write(to: path(document))
        }
        /// - Returns: how many deviations hold 90 % of what was left out in float.
        func publish(_ documents: [DeviceDocument], by devices: [DeviceProfile]) throws -> Double {
            var float = try KnownDevices.teaching(of: .float32, by: devices)
            var int8 = try KnownDevices.teaching(of: .int8, by: devices)
            // Few devices were measured under XNNPACK. Where parameters were fitted to one, they are nearer.
            for document in documents where !fitted.contains(document.name) {
                let device = try document.profile(at: path(document))
                switch device.runtime.dataType {
                case .float32: try write(document, device, by: &float)
                case .int8: try write(document, device, by: &int8)
                }
            }
            return float.conformalScale
        }
        let scale = try publish(documents, by: devices)
        _ = try publish(older, by: devices + profiles(of: older))
        documents += older
        let rows = documents.reduce(0) { $0 + $1.networks.count }
        print(
            "\(documents.count - fitted.count) profiles in \(output), \(rows.grouped) measured networks, \(odd.count) of them odd; "
                + "90 % of what was left out lies within \(scale.fixed(2)) deviations")
    }
}
