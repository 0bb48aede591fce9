import Files

/// The digest that detects whether a model was changed after it was written.
extension ONNXModelProto {
    /// The name of the digest among the metadata.
    static let digestKey = metadataPrefix + "sha256"

    /// The SHA-256 digest of the model without the digest's own entry: of its graph, its other metadata, and the name,
    /// shape and bytes of every initializer.
    ///
    /// To save memory, the initializers, which are most of a model's bytes, are encoded one at a time, each as a model
    /// with nothing else. The encoding of the rest followed by these is unique, so different models have different
    /// bytes.
    func digest() throws -> String {
        var rest = self
        rest.graph.initializer = []
        rest.metadataProps.removeAll { $0.key == Self.digestKey }
        return try FileDigest.sha256 { add in
            try rest.fileBytes().withUnsafeBytes(add)
            for tensor in graph.initializer {
                let alone = Self.with { $0.graph.initializer = [tensor] }
                try alone.fileBytes().withUnsafeBytes(add)
            }
        }
    }

    /// Adds the digest to the metadata.
    mutating func addDigest() throws {
        let digest = try digest()
        metadataProps.append(
            .with {
                $0.key = Self.digestKey
                $0.value = digest
            })
    }
}
