import Architectures
import Files
import HardwareProfiles
import TestSupport

extension DeviceProfile {
    /// A profile that the project ships.
    static func shipped(_ name: String) throws -> DeviceProfile {
        try DeviceProfile(contentsOf: ShippedFiles.device(name))
    }

    /// All profiles that the project ships.
    static func allShipped() throws -> [DeviceProfile] {
        try ShippedFiles.devices().map(DeviceProfile.init(contentsOf:))
    }

    /// Those whose parameters were fitted here, or stand in; not those that were learned from other devices.
    static func fittedShipped() throws -> [DeviceProfile] { try allShipped().filter { $0.transferred == nil } }

    /// Beside the shipped profiles, so that what a copy refers to is found.
    static let copyPath = ShippedFiles.device("copy")

    /// A shipped profile as one document: its hardware stands in it rather than beside it.
    static func document(_ name: String) throws -> JSON {
        let profile = try JSON(contentsOf: ShippedFiles.device(name), what: "device profile")
        guard case .string(let file) = profile["hardware"] else { return profile }
        let hardware = try JSON(contentsOf: "\(ShippedFiles.root)/devices/\(file)", what: "hardware description")
        guard case .object(let members) = hardware else { return profile }
        return profile.changing(["hardware"]) { _ in
            JSON.object(members.filter { $0.key != "schema" }).changing(["energy"]) { $0 == .null ? $0 : "hardware/energy.json" }
        }
    }

    init(copy document: JSON) throws {
        try self.init(json: JSONNode(document, path: Self.copyPath))
    }

    /// A shipped profile with the value at `keys` (names, or places in arrays) changed by `change`.
    static func copy(
        of name: String = "pixel1", changing keys: [String], _ change: (JSON) -> JSON
    ) throws -> DeviceProfile {
        try DeviceProfile(copy: document(name).changing(keys[...], change))
    }

    /// The place and the sentence, without the path, of the refusal of such a copy; nil where it is accepted.
    static func refusal(
        of name: String = "pixel1", changing keys: [String], _ change: (JSON) -> JSON
    ) -> String? {
        refusal { try copy(of: name, changing: keys, change) }
    }

    /// The place and the sentence, without the path, of the refusal of a copy by `body`; nil where it is accepted.
    static func refusal<T>(_ body: () throws -> T) -> String? {
        guard let sentence = invalidPlace(body)?.sentence, sentence.hasPrefix("\(copyPath): ") else { return nil }
        return String(sentence.dropFirst(copyPath.count + 2))
    }
}

extension CostModel {
    /// What operators, in no block that a table could hold, cost by the model.
    func modelled(_ operators: [Operator]) -> LayerCost {
        cost(
            of: Network.Layer(
                name: "x", input: operators[0].input, content: .operators(operators), isSearchable: false),
            space: nil)
    }

    /// What a block costs by the model, measured or not.
    func modelled(_ block: Block, height: Int, width: Int) -> LayerCost {
        modelled(
            block.operators(input: FeatureShape(height: height, width: width, channels: block.shape.inputChannels)))
    }
}

extension SearchSpace {
    /// A search space that the project ships.
    static func shipped(_ name: String) throws -> SearchSpace {
        try SearchSpace(contentsOf: ShippedFiles.space(name))
    }
}

extension Architecture {
    /// A network that the project ships.
    static func reference(_ name: String) throws -> Architecture {
        try Architecture(contentsOf: ShippedFiles.reference(name))
    }

    /// The operators of a reference architecture.
    static func operatorsOfReference(_ name: String) throws -> [Operator] {
        try reference(name).network.layers.flatMap(\.operators)
    }
}

extension JSON {
    /// This document with the value at `keys`, where there is one, changed.
    func changing(_ keys: ArraySlice<String>, _ change: (JSON) -> JSON) -> JSON {
        guard let key = keys.first else { return change(self) }
        switch self {
        case .object(var members):
            for index in members.indices where members[index].key == key {
                members[index].value = members[index].value.changing(keys.dropFirst(), change)
            }
            return .object(members)
        case .array(var elements):
            if let index = Int(key), index < elements.count {
                elements[index] = elements[index].changing(keys.dropFirst(), change)
            }
            return .array(elements)
        default:
            return self
        }
    }

    /// This object without the member `key`.
    func removing(_ key: String) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key })
    }

    /// This profile with a runtime and parameters of int8, and nothing measured.
    func inInt8() -> JSON {
        func int8(_ parameters: JSON) -> JSON {
            guard case .object(let members) = parameters else { return parameters }
            return .object(members + [.init(key: "data_type", value: "int8")])
        }
        return changing(["runtime", "data_type"]) { _ in "int8" }.changing(["parameters"]) { parameters in
            guard case .string(let file) = parameters else { return int8(parameters) }
            let other = try? JSON(contentsOf: "\(ShippedFiles.root)/devices/\(file)", what: "device profile")
            return int8(other?["parameters"] ?? .null)
        }.changing(["networks"]) { _ in [] }.changing(["tables"]) { _ in [] }
    }

    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// The number in a figure's "value", times `factor`.
    func scaled(_ factor: Double) -> JSON {
        changing(["value"]) { value in
            switch value {
            case .number(let number): .number(number * factor)
            case .integer(let number): .number(Double(number) * factor)
            default: value
            }
        }
    }
}
