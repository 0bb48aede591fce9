import Architectures
import Exporter
import Files
import HardwareProfiles

/// A TensorFlow Lite model that runs on a device as it is.
struct MeasuredFile {
    let network: Network
    private let bytes: [UInt8]

    /// - Throws: `FileError`, as `ImportedNetwork`.
    init(_ path: String) throws {
        network = try ImportedNetwork(tflite: path).network
        bytes = try BinaryFile.read(path, what: "model")
    }

    /// int8 where any operator is.
    var dataType: HardwareProfiles.Runtime.DataType {
        network.layers.contains { $0.operators.contains { $0.valueType == .int8 } } ? .int8 : .float32
    }

    /// - Throws: `FileError`.
    func copy(to path: String) throws { try AtomicFile.write([bytes], to: path) }
}
