import Architectures
import TestSupport
import Testing

@Suite("The tensors of an architecture's weights")
struct WeightTensorTests {
    /// The end of a tensor's name, and of its operator's, by what it is; files rest on both.
    @Test("have the roles and operators that their names say", arguments: ["efficientnet-b0", "mobilenet-v3-small", "single-path-nas"])
    func roles(name: String) throws {
        let tensors = try Architecture(contentsOf: ShippedFiles.reference(name)).weightTensors
        for tensor in tensors {
            let parts = tensor.name.split(separator: ".").map(String.init)
            let layer = parts.dropLast(2).joined(separator: "."), part = parts[parts.count - 2]
            let expected: (WeightTensor.Role, operatorName: String)
            switch parts.last {
            case "scale", "offset", "mean", "variance":
                let roles: [String: WeightTensor.Role] = [
                    "scale": .normalizationWeight, "offset": .normalizationBias, "mean": .runningMean, "variance": .runningVar,
                ]
                let convolution = part == "normalization" ? "convolution" : String(part.dropLast("_normalization".count))
                expected = (roles[parts.last!]!, "\(layer).\(convolution)")
            case "weights", "bias":
                expected = (parts.last == "bias" ? .bias : .weight, parts.dropLast().joined(separator: "."))
            default: expected = (.weight, tensor.name)
            }
            #expect(tensor.role == expected.0 && tensor.operatorName == expected.operatorName, "\(tensor)")
            #expect((tensor.layout == .vector) == (tensor.role != .weight))
        }
        // Every normalised convolution is there, with all four.
        for role in [WeightTensor.Role.normalizationWeight, .normalizationBias, .runningMean, .runningVar] {
            let normalized = tensors.filter { $0.role == role }.map(\.operatorName)
            #expect(normalized == tensors.filter { $0.role == .runningVar }.map(\.operatorName) && normalized.count > 20)
            #expect(Set(normalized).isSubset(of: tensors.filter { $0.role == .weight }.map(\.name)))
        }
    }
}
