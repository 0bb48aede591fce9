import Files

extension Provenance {
    /// The device profile among the inputs, from wherever the program is run; nil where it, or what it refers to, is not
    /// what it was any more.
    ///
    /// - Parameters:
    ///   - name: that it has; nil for any.
    ///   - path: where it may be too, if the inputs have no folders.
    public func deviceProfile(named name: String?, at path: String? = nil) -> DeviceProfile? {
        for path in inputs.map(\.path) + [path].compactMap(\.self) where path.hasSuffix(".json") {
            guard let device = try? DeviceProfile(contentsOf: path), name == nil || device.name == name,
                device.inputs.allSatisfy(isInput)
            else { continue }
            return device
        }
        return nil
    }
}
