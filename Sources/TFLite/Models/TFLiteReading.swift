import CTFLite
import Files

extension TFLiteModel {
    /// Reads the model at `path`: the first of its graphs, which is the one that runs, and beside it the others. Constants are
    /// not copied.
    ///
    /// - Throws: `FileError`, for a file that is no model, and for one whose parts contradict each other.
    public init(contentsOf path: String) throws(FileError) {
        let content = try FileContent(path: path, what: "TensorFlow Lite model")
        guard content.count < Int(Int32.max) else {
            throw .invalid(
                path: path, place: "",
                problem: "expected less than 2 GiB, the limit of TensorFlow Lite's format for one file, found \(content.count) bytes")
        }
        try self.init(content.bytes(0..<content.count), path: path)
    }

    /// - Parameter path: of the file that the bytes are from, for messages.
    package init(_ bytes: [UInt8], path: String) throws(FileError) {
        if let other = Self.otherKind(of: bytes) {
            throw .invalid(path: path, place: "", problem: "expected a TensorFlow Lite model, found \(other)")
        }
        var problem: UnsafePointer<CChar>?
        let read: Result<TFLiteModel, FileError> = bytes.withUnsafeBufferPointer { pointer in
            guard let file = ctfl_read(pointer.baseAddress, pointer.count, &problem) else {
                let reason = problem.map { String(cString: $0) } ?? "it cannot be read"
                return .failure(.invalid(path: path, place: "", problem: "not a TensorFlow Lite model: \(reason)"))
            }
            defer { ctfl_free(file) }
            guard let first = ctfl_model(file, 0)?.pointee, let start = pointer.baseAddress else {
                return .failure(.invalid(path: path, place: "", problem: "not a TensorFlow Lite model"))
            }
            do throws(FileError) {
                var model = try TFLiteModel(first, graph: 0, in: bytes[...], at: start, path: path)
                for place in 1..<max(1, first.graph_count) {
                    guard let further = ctfl_model(file, place)?.pointee else { continue }
                    model.graphs.append(try TFLiteModel(further, graph: place, in: bytes[...], at: start, path: path))
                }
                for signature in UnsafeBufferPointer(start: first.signatures, count: first.signature_count)
                where signature.graph > 0 {
                    model.furtherSignatures.append(String(cString: signature.name))
                }
                return .success(model)
            } catch {
                return .failure(error)
            }
        }
        self = try read.get()
        files = ArchivedFile.files(in: bytes[...])
    }

    /// What a file of another kind is, which often has the place of a model.
    private static func otherKind(of bytes: [UInt8]) -> String? {
        switch FileKind(start: bytes) {
        case .tfLite: return nil
        case .zip: return "\(FileKind.zip); give the .tflite file that is in it"
        case let kind?: return "\(kind)"
        case nil: return FileKind.looksLikeONNX(bytes) ? "what looks like an ONNX model" : nil
        }
    }

    /// - Parameter graph: the place of the graph in the file.
    private init(
        _ read: CTFLModel, graph: Int, in bytes: ArraySlice<UInt8>, at start: UnsafePointer<UInt8>, path: String
    ) throws(FileError) {
        self.init(name: String(cString: read.name), description: String(cString: read.description))
        let prefix = graph == 0 ? "" : "graph \(graph) "
        func problem(_ place: String, _ problem: String) -> FileError {
            .invalid(path: path, place: prefix + place, problem: problem)
        }
        /// The part of the file that a buffer is.
        func data(_ buffer: CTFLBuffer) -> ArraySlice<UInt8> {
            guard let pointer = buffer.bytes else { return [] }
            let place = bytes.startIndex + (pointer - start)
            return bytes[place..<place + buffer.count]
        }
        let buffers = UnsafeBufferPointer(start: read.buffers, count: read.buffer_count)
        var isWritten = Set<Int>()
        let operators = UnsafeBufferPointer(start: read.operators, count: read.operator_count)
        for step in operators { isWritten.formUnion(step.outputs.array) }
        let inputs = read.inputs.array

        for (index, tensor) in UnsafeBufferPointer(start: read.tensors, count: read.tensor_count).enumerated() {
            let name = String(cString: tensor.name), place = "tensor \(index) \"\(name.shortened)\""
            guard let type = TFLiteType(rawValue: Int(tensor.type)) else {
                throw problem(place, "expected a type from 0 to \(TFLiteType.allCases.count - 1), found \(tensor.type)")
            }
            let shape = tensor.shape.array
            var count = 1
            for side in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: side)
                guard side >= 0, !overflow, product <= 1 << 40 else {
                    throw problem(place, "expected sides of at least 0 and at most 2⁴⁰ values, found \(shape)")
                }
                count = product
            }
            guard Int(tensor.buffer) < max(1, buffers.count) else {
                throw problem(place, "expected a buffer below \(buffers.count), found \(tensor.buffer)")
            }
            var found = TFLiteTensor(name, type: type, shape: shape)
            let signature = tensor.signature.array
            if signature.count == shape.count { found.freeSides = Set(signature.indices.filter { signature[$0] < 0 }) }
            found.isVariable = tensor.is_variable != 0
            found.isSparse = tensor.is_sparse != 0
            if tensor.scale_count > 0 {
                let scales = Array(UnsafeBufferPointer(start: tensor.scales, count: tensor.scale_count))
                let zeros = Array(UnsafeBufferPointer(start: tensor.zero_points, count: tensor.zero_point_count))
                let dimension = Int(tensor.quantized_dimension)
                guard scales.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
                    throw problem(place, "expected scales that are finite and at least 0, found others")
                }
                guard zeros.allSatisfy({ Int32(exactly: $0) != nil }) else {
                    throw problem(place, "expected zero points of 32 bits, found others")
                }
                guard zeros.isEmpty || zeros.count == scales.count || zeros.count == 1,
                    scales.count == 1 || shape.indices.contains(dimension) && shape[dimension] == scales.count
                else {
                    throw problem(place, "expected one scale, or one for each index of a side, found \(scales.count)")
                }
                let points =
                    zeros.count == scales.count
                    ? zeros : Array(repeating: zeros.first ?? 0, count: scales.count)
                found.quantization = TFLiteQuantization(scales: scales, zeroPoints: points, dimension: dimension)
            }
            // What neither an operator nor the caller gives is a constant, even where the file does not hold its values.
            if buffers.indices.contains(Int(tensor.buffer)), buffers[Int(tensor.buffer)].count > 0 {
                found.data = data(buffers[Int(tensor.buffer)])
            } else if !isWritten.contains(index), !inputs.contains(index), !found.isVariable {
                found.data = []
            }
            _ = add(found)
        }
        func checked(_ index: Int, _ place: String) throws(FileError) -> Int {
            guard tensors.indices.contains(index) else {
                throw problem(place, "expected tensors below \(tensors.count), found \(index)")
            }
            return index
        }
        for (index, step) in operators.enumerated() {
            let place = "operator \(index)"
            let operation = try TFLiteOperation(step, place: prefix + place, path: path)
            var read: [Int?] = [], written: [Int] = []
            for input in step.inputs.array { read.append(input == -1 ? nil : try checked(input, place)) }
            for output in step.outputs.array { written.append(try checked(output, place)) }
            add(operation, inputs: read, outputs: written)
        }
        for input in inputs { self.inputs.append(try checked(input, "inputs")) }
        for output in read.outputs.array { outputs.append(try checked(output, "outputs")) }
        for entry in UnsafeBufferPointer(start: read.metadata, count: read.metadata_count) {
            guard buffers.indices.contains(Int(entry.buffer)) else { continue }
            metadata.append(TFLiteMetadata(name: String(cString: entry.name), bytes: data(buffers[Int(entry.buffer)])))
        }
    }
}

extension TFLiteOperation {
    fileprivate init(_ read: CTFLOperator, place: String, path: String) throws(FileError) {
        let code = TFLiteCode(rawValue: Int(read.code)), options = read.options
        func problem(_ problem: String) -> FileError {
            .invalid(path: path, place: "\(place) \(code)", problem: problem)
        }
        func activation() throws(FileError) -> TFLiteActivation {
            guard let found = TFLiteActivation(rawValue: Int(options.activation)) else {
                throw problem("expected an activation from 0 to 5, found \(options.activation)")
            }
            return found
        }
        func window() throws(FileError) -> TFLiteWindow {
            guard let padding = TFLiteWindow.Padding(rawValue: Int(options.padding)) else {
                throw problem("expected padding 0 or 1, found \(options.padding)")
            }
            guard min(options.stride_h, options.stride_w) >= 1 else {
                throw problem("expected strides of at least 1, found \(options.stride_h)x\(options.stride_w)")
            }
            return TFLiteWindow(
                padding: padding, verticalStride: Int(options.stride_h), horizontalStride: Int(options.stride_w),
                verticalDilation: max(1, Int(options.dilation_h)), horizontalDilation: max(1, Int(options.dilation_w)))
        }
        func checkOptions() throws(FileError) {
            guard read.has_options != 0 else { throw problem("expected the options of the operator, found none") }
        }
        switch code {
        case .custom: self = .custom(read.custom.map { String(cString: $0) } ?? "custom operator without a name")
        case .convolution:
            try checkOptions()
            self = .convolution(try window(), try activation())
        case .depthwiseConvolution:
            try checkOptions()
            self = .depthwiseConvolution(try window(), try activation())
        case .transposedConvolution:
            try checkOptions()
            self = .transposedConvolution(try window(), try activation())
        case .averagePool, .maxPool:
            try checkOptions()
            let height = Int(options.filter_h), width = Int(options.filter_w)
            guard min(height, width) >= 1 else { throw problem("expected a window of at least 1x1, found \(height)x\(width)") }
            self =
                code == .maxPool
                ? .maxPool(height: height, width: width, try window(), try activation())
                : .averagePool(height: height, width: width, try window(), try activation())
        case .fullyConnected: self = .fullyConnected(try activation(), keepsSides: options.keeps_sides != 0)
        case .batchedProduct:
            self = .batchedProduct(
                transposesLeft: options.transposes_left != 0, transposesRight: options.transposes_right != 0)
        case .add: self = .arithmetic(.add, try activation())
        case .subtract: self = .arithmetic(.subtract, try activation())
        case .multiply: self = .arithmetic(.multiply, try activation())
        case .divide: self = .arithmetic(.divide, try activation())
        case .mean, .sum, .productOfSides, .maximumOfSides, .minimumOfSides:
            self = .reduction(code, keepsSides: options.keeps_sides != 0)
        case .softmax: self = .softmax(beta: read.has_options != 0 ? options.beta : 1)
        case .concatenation:
            try checkOptions()
            self = .concatenation(axis: Int(options.axis), try activation())
        case .reshape: self = .reshape(read.shape.array)
        case .leakyRelu: self = .leakyRelu(slope: options.slope)
        case .branch: self = .branch(then: Int(read.first_graph), otherwise: Int(read.second_graph))
        case .composite:
            let name = read.composite.map { String(cString: $0) } ?? ""
            self = .composite(name.isEmpty ? code.description : name, graph: Int(read.first_graph))
        default: self = .plain(code)
        }
    }
}

extension CTFLNumbers {
    fileprivate var array: [Int] { UnsafeBufferPointer(start: values, count: count).map(Int.init) }
}

extension String {
    /// At most 60 letters of a name in a file, for messages.
    var shortened: String { count <= 60 ? self : prefix(57) + "…" }
}
