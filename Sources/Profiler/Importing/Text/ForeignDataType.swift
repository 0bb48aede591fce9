import HardwareProfiles

extension Runtime.DataType {
    /// The type that other programs call so, in letters of any case: "fp32", "torch.float32", "w8a8"; nil for one that no
    /// profile has.
    init?(foreign name: String) {
        let last = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        switch last {
        case "float32", "fp32", "f32", "float": self = .float32
        case "int8", "w8a8", "qint8": self = .int8
        default: return nil
        }
    }
}
