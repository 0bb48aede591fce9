import Architectures
import HardwareProfiles
import JSONDocuments
import TestSupport

extension DeviceProfile {
    /// The profile of the Pixel 1.
    static func pixel1() throws -> DeviceProfile { try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")) }

    /// The profile of the Pixel 1 with the value at `keys` (names, or places in arrays) changed by `change`.
    static func pixel1(changing keys: [String], _ change: (JSON) -> JSON) throws -> DeviceProfile {
        let document = try JSON(contentsOf: ShippedFiles.device("pixel1"), what: "device profile")
        return try DeviceProfile(json: JSONNode(document.changing(keys[...], change), path: "copy.json"))
    }
}

extension SearchSpace {
    /// A search space that the project ships.
    static func shipped(_ name: String) throws -> SearchSpace {
        try SearchSpace(contentsOf: ShippedFiles.space(name))
    }
}

extension Architecture {
    /// The network that was published with the Pixel 1's figures.
    static func singlePathNAS() throws -> Architecture {
        try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
    }
}

extension JSON {
    /// This document with the value at `keys` changed.
    func changing(_ keys: ArraySlice<String>, _ change: (JSON) -> JSON) -> JSON {
        guard let key = keys.first else { return change(self) }
        switch self {
        case .object(var members):
            for index in members.indices where members[index].key == key {
                members[index].value = members[index].value.changing(keys.dropFirst(), change)
            }
            return .object(members)
        case .array(var elements):
            if let index = Int(key) { elements[index] = elements[index].changing(keys.dropFirst(), change) }
            return .array(elements)
        default:
            return self
        }
    }

    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
}
