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

    /// The device profile among the inputs, or the one that comes with the product, if it is still what it was.
    ///
    /// - Parameter source: the name or path that it was given by.
    func deviceProfile(named name: String, source: String) -> DeviceProfile? {
        deviceProfile(named: name, at: try? Catalogue.devices.path(of: source))
    }
}
