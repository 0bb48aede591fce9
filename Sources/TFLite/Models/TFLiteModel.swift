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
