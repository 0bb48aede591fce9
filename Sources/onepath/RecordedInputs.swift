import Exporter
import Files
import HardwareProfiles

extension Provenance {
    /// Of the architecture among the inputs, if that is still what it was; nil where none of them is one, or nobody told how
    /// it came about.
    var architectureProvenance: Provenance? {
        for input in inputs where input.path.hasSuffix(".json") {
            guard (try? Input(of: input.path)) == input, let document = try? ArchitectureDocument(contentsOf: input.path)
            else { continue }
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
        let digests = Set(inputs.map(\.sha256))
        let catalogued = source.flatMap { try? Catalogue.devices.path(of: $0) }
        let paths = inputs.map(\.path).filter { $0.hasSuffix(".json") } + [catalogued].compactMap(\.self)
        for path in paths {
            guard let device = try? DeviceProfile(contentsOf: path), name == nil || device.name == name,
                device.inputs.allSatisfy({ path in (try? Input(of: path)).map { digests.contains($0.sha256) } ?? false })
            else { continue }
            return device
        }
        return nil
    }
}
