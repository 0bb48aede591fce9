/// A TensorFlow Lite model: tensors, and the operators between them in the order of execution.
///
///     var model = TFLiteModel(name: "sum")
///     let left = model.add(TFLiteTensor("left", type: .float32, shape: [1, 4]))
///     let right = model.add(TFLiteTensor("right", floats: [1, 2, 3, 4], shape: [1, 4]))
///     let sum = model.add(TFLiteTensor("sum", type: .float32, shape: [1, 4]))
///     model.add(.arithmetic(.add, .none), inputs: [left, right], outputs: [sum])
///     model.inputs = [left]
///     model.outputs = [sum]
///     try model.write(to: "sum.tflite")
public struct TFLiteModel: Hashable, Sendable {
    public var name: String
    /// For people.
    public var description: String
    public private(set) var tensors: [TFLiteTensor] = []
    public private(set) var operators: [TFLiteOperator] = []
    /// Indices of tensors.
    public var inputs: [Int] = []
    public var outputs: [Int] = []
    /// Blobs by their names, such as `TFLiteDescription.metadataName`.
    public var metadata: [TFLiteMetadata] = []
    /// Files that go along, such as the names of the classes: an archive behind the model.
    public var files: [ArchivedFile] = []
    /// The further graphs of the file, without further ones of their own: operators call them, or programs by a signature.
    /// They are read, and not written.
    public internal(set) var graphs: [TFLiteModel] = []
    /// The signatures by which programs call further graphs.
    public internal(set) var furtherSignatures: [String] = []

    public init(name: String, description: String = "") {
        self.name = name
        self.description = description
    }

    /// Adds a tensor and returns its index.
    public mutating func add(_ tensor: TFLiteTensor) -> Int {
        tensors.append(tensor)
        return tensors.count - 1
    }

    /// Adds an operator, after those that write what it reads.
    public mutating func add(_ operation: TFLiteOperation, inputs: [Int?], outputs: [Int]) {
        let indices = inputs.compactMap(\.self) + outputs
        precondition(indices.allSatisfy(tensors.indices.contains), "\(operation.name): a tensor that is not in the model")
        operators.append(TFLiteOperator(operation, inputs: inputs, outputs: outputs))
    }

    /// Adds an operator whose tensors are in the model.
    mutating func add(_ step: TFLiteOperator) { operators.append(step) }

    /// The graph that operators call by its place in the file; nil where there is none, and for the graph that runs.
    func graph(_ place: Int) -> TFLiteModel? { graphs.indices.contains(place - 1) ? graphs[place - 1] : nil }

    /// Replaces an operator by another one that writes the same tensors.
    mutating func replace(operator index: Int, by operation: TFLiteOperation, inputs: [Int?]) {
        operators[index].operation = operation
        operators[index].inputs = inputs
    }

    /// Replaces a tensor, such as one that is quantised.
    public mutating func replace(_ index: Int, by tensor: TFLiteTensor) { tensors[index] = tensor }
}

/// A blob in a model, by its name.
public struct TFLiteMetadata: Hashable, Sendable {
    public var name: String
    public var bytes: ArraySlice<UInt8>

    public init(name: String, bytes: ArraySlice<UInt8>) {
        self.name = name
        self.bytes = bytes
    }
}
