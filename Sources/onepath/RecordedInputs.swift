import Exporter
import Files
import HardwareProfiles

extension Provenance {
    /// Of the architecture among the inputs, if that is still what it was; nil where none of them is one, or nobody told how
    /// it came about.
    ///
    /// - Parameter path: where it may be too, if the inputs have no folders.
    func architectureProvenance(at path: String) -> Provenance? {
        for path in inputs.map(\.path) + [path] where path.hasSuffix(".json") {
            guard isInput(path), let document = try? ArchitectureDocument(contentsOf: path) else { continue }
            return document.provenance
        }
        return nil
    }

    /// The device profile among the inputs, from wherever the program is run; nil where it, or what it refers to, is not
    /// what it was any more.
    ///
    /// - Parameters:
    ///   - name: that it has; nil for any.
    ///   - source: the name or path that it was given by, where that is known.
    func deviceProfile(named name: String?, source: String?) -> DeviceProfile? {
        let catalogued = source.flatMap { try? Catalogue.devices.path(of: $0) }
        let paths = inputs.map(\.path).filter { $0.hasSuffix(".json") } + [catalogued].compactMap(\.self)
        for path in paths {
            guard let device = try? DeviceProfile(contentsOf: path), name == nil || device.name == name,
                device.inputs.allSatisfy(isInput)
            else { continue }
            return device
        }
        return nil
    }
}
