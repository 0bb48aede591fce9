import Files

extension Provenance {
    /// The search space of that name among the inputs, and its path; nil where no input is that space, or its file has
    /// changed since.
    public func searchSpace(named name: String) -> (path: String, space: SearchSpace)? {
        for input in inputs where input.path.hasSuffix(".json") {
            guard let now = try? Input(of: input.path), now == input,
                let space = try? SearchSpace(contentsOf: input.path), space.name == name
            else { continue }
            return (input.path, space)
        }
        return nil
    }
}
