import Architectures
import Files
import HardwareProfiles

/// What the devices that come with the product teach.
enum KnownDevices {
    /// All device profiles with measured networks that tell something of a runtime: the kernels that apps had before tell
    /// nothing of today's, which tell a little of them.
    ///
    /// - Throws: `FileError`.
    static func measured(for runtime: HardwareProfiles.Runtime.Name) throws -> [DeviceProfile] {
        try profiles().filter { !$0.networks.isEmpty && ($0.runtime.name.isOfToday || !runtime.isOfToday) }
    }

    /// The hardware of all devices that come with the product, each once: several profiles may be of one device.
    ///
    /// - Throws: `FileError`.
    static func hardware() throws -> [Hardware] {
        var names: Set<String> = []
        return try profiles().map(\.hardware).filter { names.insert($0.name).inserted }
    }

    private static func profiles() throws -> [DeviceProfile] {
        try Catalogue.devices.names.map { try DeviceProfile(contentsOf: Catalogue.devices.path(of: $0)) }
    }

    /// The operators of a network that was measured: of one that is known by its operators, or of an architecture.
    ///
    /// - Throws: `FileError`.
    static func operators(named name: String) throws -> [Operator] {
        if Catalogue.networks.names.contains(name) {
            return try OperatorList(contentsOf: Catalogue.networks.path(of: name)).operators
        }
        return try PricedNetwork(named: name).network.layers.flatMap(\.operators)
    }

    /// A network that was measured, as an estimate prices it.
    ///
    /// - Throws: `FileError`.
    static func network(named name: String) throws -> Network {
        if Catalogue.networks.names.contains(name) {
            return try OperatorList(contentsOf: Catalogue.networks.path(of: name)).network
        }
        return try PricedNetwork(named: name).network
    }

    /// The model that all known devices teach of a runtime, besides some profiles, and others in their place.
    static func teaching(
        of runtime: HardwareProfiles.Runtime, without names: Set<String> = [], adding others: [DeviceProfile] = []
    ) throws -> TransferModel.Teaching {
        let devices = try measured(for: runtime.name).filter { device in
            !names.contains(device.name) && !others.contains { $0.path == device.path }
        } + others
        return try teaching(of: runtime.dataType, by: devices)
    }

    /// The model that some devices teach of a data type. Corrections refer to all networks that come with the product.
    static func teaching(
        of dataType: HardwareProfiles.Runtime.DataType, by devices: [DeviceProfile]
    ) throws -> TransferModel.Teaching {
        TransferModel.Teaching(try model(of: dataType, by: devices), known: Catalogue.networks.names)
    }

    /// What some devices say of a data type.
    static func model(
        of dataType: HardwareProfiles.Runtime.DataType, by devices: [DeviceProfile]
    ) throws -> TransferModel {
        try TransferModel(devices, for: dataType, known: Catalogue.networks.names, operators: operators(named:))
    }

    /// The numbers of threads that a profile answers for: one, all cores, and the powers of two between.
    static func threads(of device: DeviceProfile) -> [Int] {
        var counts = Set(device.networks.map(\.threads).filter { $0 <= device.bigCores } + [1, device.bigCores])
        var count = 2
        while count < device.bigCores {
            counts.insert(count)
            count *= 2
        }
        return counts.sorted()
    }
}
