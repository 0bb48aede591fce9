import Files

extension Provenance {
    /// The search space of that name among the inputs, and its path; nil where no input is that space, or its file has
    /// changed since.
    ///
    /// - Parameter path: where it may be too, if the inputs have no folders.
    public func searchSpace(named name: String, at path: String? = nil) -> (path: String, space: SearchSpace)? {
        for path in inputs.map(\.path) + [path].compactMap(\.self) where path.hasSuffix(".json") {
            guard isInput(path), let space = try? SearchSpace(contentsOf: path), space.name == name else { continue }
            return (path, space)
        }
        return nil
    }
}
