import Architectures
import Engine
import Files
import Foundation
import SupernetSearch
import TestSupport

/// One file of `Vectors/`: what PyTorch computed, and the sizes of what it computed it for.
struct TestVectors {
    let configuration: JSON
    private let tensors: [String: [Double]]

    init(_ name: String) throws {
        let path = "\(ShippedFiles.root)/Tests/SupernetSearchTests/Vectors/\(name).json"
        let document = try JSONNode(contentsOf: path, what: "test vectors")
        (configuration, tensors) = try document.object { fields in
            try fields.schema("onepath.test_vectors/1")
            let configuration = try fields.node("configuration").value
            let tensors = try fields.node("tensors")
            guard case .object(let members) = tensors.value else { throw tensors.problem("expected an object") }
            return (
                configuration,
                try members.reduce(into: [:]) { values, member in
                    values[member.key] = try JSONNode(member.value, path: path, pointer: "/tensors/\(member.key)").object {
                        let shape = try $0.array("shape") { try $0.integer(in: 0...100_000) }
                        let list = try $0.array("values") { try $0.number(in: -1e30...1e30) }
                        precondition(list.count == shape.reduce(1, *))
                        return list
                    }
                }
            )
        }
    }

    /// A tensor's values; a missing one is the script's mistake.
    subscript(name: String) -> [Double] {
        guard let values = tensors[name] else { fatalError("no tensor \(name)") }
        return values
    }

    func floats(_ name: String) -> [Float] { self[name].map { Float($0) } }

    /// How far values are from a tensor's, relative to its norm, unless both vanish.
    func distance(_ values: [Double], from name: String) -> Double {
        let expected = self[name]
        guard values.count == expected.count else { return .infinity }
        let apart = norm(zip(values, expected).map { $0 - $1 })
        // Gradients that cancel to nothing keep the rounding of what they were summed from.
        return apart <= 3e-6 ? 0 : apart / norm(expected)
    }

    /// The indicators of a layer; the prefix is that of its tensors.
    func indicators(_ prefix: String, of layer: SearchSpace.Layer) -> LayerIndicators {
        LayerIndicators(
            kernel: self[prefix + "indicators.kernel"], expansion: self[prefix + "indicators.expansion"], in: layer)
    }

    /// How far derivatives by the parts of a layer are from the gradients of its products. Those that say nothing, because an
    /// earlier part is off or the layer is skipped, are not compared.
    func derivativeDistance(
        _ derivatives: LayerIndicators, from prefix: String, under indicators: LayerIndicators, of layer: SearchSpace.Layer
    ) -> Double {
        let isSkipped = layer.maySkip && self[prefix + "indicators.expansion"][0] == 0
        let expected = LayerIndicators(
            kernel: self["gradient." + prefix + "products.kernel"], expansion: self["gradient." + prefix + "products.expansion"],
            in: layer)
        let distances = layer.axisParts.filter { !isSkipped || $0.switchesLayer }.flatMap { axis in
            axis.range.prefix(indicators.values[axis.range].prefix { $0 == 1 }.count + 1).map { part in
                let apart = abs(derivatives.values[part] - expected.values[part])
                return apart <= 3e-6 ? 0 : apart / abs(expected.values[part])
            }
        }
        return distances.isEmpty ? .infinity : largest(of: distances)
    }

    func integer(_ key: String) -> Int {
        guard case .integer(let value) = configuration[key] else { fatalError("no size \(key)") }
        return value
    }

    func number(_ key: String) -> Double {
        switch configuration[key] {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: fatalError("no number \(key)")
        }
    }
}
