import Files
import TFLite

extension ImportedNetwork {
    /// Reads the TensorFlow Lite model at `path`: the shapes of its constants, not their values.
    ///
    /// - Throws: `FileError`: for a file that is no model, a graph without an input, and shapes that contradict each other.
    public init(tflite path: String) throws(FileError) {
        let model = try TFLiteModel(contentsOf: path)
        let reader = try TFLiteGraphReader(model, path: path)
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let isNamed = !["", "main"].contains(model.name)
        let choices = reader.choices.map {
            Self.choice(of: $0.place, taking: "graph \($0.graph)", difference: $0.difference)
        }
        try self.init(
            reader.graph, name: isNamed ? model.name : file,
            assumptions: reader.assumptions + Self.assumptions(ofSparse: reader.sparseCount), choices: choices, path: path)
    }
}
