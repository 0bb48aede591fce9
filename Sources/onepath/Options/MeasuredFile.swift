import Architectures
import HardwareProfiles

/// A TensorFlow Lite model that runs on a device as it is.
struct MeasuredFile {
    let path: String
    let priced: PricedNetwork
    var network: Network { priced.network }

    /// - Throws: `FileError`, as `ImportedNetwork`.
    init(_ path: String) throws {
        self.path = path
        priced = try PricedNetwork(tflite: path)
    }

    /// int8 where any operator is.
    var dataType: HardwareProfiles.Runtime.DataType {
        network.layers.contains { $0.operators.contains { $0.valueType == .int8 } } ? .int8 : .float32
    }
}
