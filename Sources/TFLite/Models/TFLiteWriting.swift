import CTFLite
import Files

extension TFLiteModel {
    /// Replaces the file at `path` atomically: the model, and behind it the archive of its files, where it has some.
    ///
    /// - Throws: `FileError.cannotWrite`, also for a model of 1.7 GB or more; what was at `path` is then untouched.
    public func write(to path: String) throws(FileError) {
        guard let bytes = bytes() else {
            throw .cannotWrite(path: path, reason: "TensorFlow Lite's format holds less than 2 GiB in one file")
        }
        try AtomicFile.write([bytes, ArchivedFile.archive(files, at: bytes.count)], to: path)
    }

    /// The model alone in the form of the file, with every constant at a multiple of 16 bytes; nil where it is too large.
    package func bytes() -> [UInt8]? {
        let memory = CTFLMemory()
        // Buffer 0 is that of tensors without data.
        var buffers = [CTFLBuffer()]
        func buffer(_ data: ArraySlice<UInt8>) -> UInt32 {
            buffers.append(CTFLBuffer(bytes: memory.copy(data), count: data.count))
            return UInt32(buffers.count - 1)
        }
        let tensors = tensors.map { tensor in
            var written = CTFLTensor()
            written.name = memory.text(tensor.name)
            written.shape = memory.numbers(tensor.shape)
            if !tensor.freeSides.isEmpty {
                written.signature = memory.numbers(
                    tensor.shape.indices.map { tensor.freeSides.contains($0) ? -1 : tensor.shape[$0] })
            }
            written.type = Int32(tensor.type.rawValue)
            written.buffer = tensor.data.map(buffer) ?? 0
            written.is_variable = tensor.isVariable ? 1 : 0
            if let quantization = tensor.quantization {
                written.scales = memory.copy(quantization.scales[...])
                written.scale_count = quantization.scales.count
                written.zero_points = memory.copy(quantization.zeroPoints[...])
                written.zero_point_count = quantization.zeroPoints.count
                written.quantized_dimension = Int32(quantization.dimension)
            }
            return written
        }
        let operators = operators.map { step in
            var written = CTFLOperator()
            written.code = Int32(step.operation.code.rawValue)
            if case .custom(let name) = step.operation { written.custom = memory.text(name) }
            written.version = Int32(version(of: step))
            written.inputs = memory.numbers(step.inputs.map { $0 ?? -1 })
            written.outputs = memory.numbers(step.outputs)
            written.options = options(of: step)
            if case .reshape(let shape) = step.operation { written.shape = memory.numbers(shape) }
            if case .branch(let first, let second) = step.operation {
                (written.first_graph, written.second_graph) = (Int32(first), Int32(second))
            }
            return written
        }
        let entries = metadata.map { CTFLMetadata(name: memory.text($0.name), buffer: buffer($0.bytes)) }
        var model = CTFLModel()
        model.name = memory.text(name)
        model.description = memory.text(description)
        model.tensors = memory.copy(tensors[...])
        model.tensor_count = tensors.count
        model.operators = memory.copy(operators[...])
        model.operator_count = operators.count
        model.buffers = memory.copy(buffers[...])
        model.buffer_count = buffers.count
        model.metadata = memory.copy(entries[...])
        model.metadata_count = entries.count
        model.inputs = memory.numbers(inputs)
        model.outputs = memory.numbers(outputs)
        var bytes: [UInt8] = []
        let isWritten = withUnsafeMutablePointer(to: &bytes) { ctfl_write(&model, takeBytes, $0) }
        return isWritten == 1 ? bytes : nil
    }

    private func options(of step: TFLiteOperator) -> CTFLOptions {
        var options = CTFLOptions()
        func set(_ window: TFLiteWindow) {
            options.padding = Int32(window.padding.rawValue)
            options.stride_h = Int32(window.verticalStride)
            options.stride_w = Int32(window.horizontalStride)
            options.dilation_h = Int32(window.verticalDilation)
            options.dilation_w = Int32(window.horizontalDilation)
        }
        func set(_ activation: TFLiteActivation) { options.activation = Int32(activation.rawValue) }
        switch step.operation {
        case .convolution(let window, let activation), .transposedConvolution(let window, let activation):
            set(window)
            set(activation)
        case .depthwiseConvolution(let window, let activation):
            set(window)
            set(activation)
            if let map = step.inputs.first ?? nil, let output = step.outputs.first {
                let inputs = max(1, tensors[map].shape.last ?? 1)
                options.multiplier = Int32((tensors[output].shape.last ?? inputs) / inputs)
            }
        case .averagePool(let height, let width, let window, let activation),
            .maxPool(let height, let width, let window, let activation):
            set(window)
            set(activation)
            options.filter_h = Int32(height)
            options.filter_w = Int32(width)
        case .fullyConnected(let activation, let keepsSides):
            set(activation)
            options.keeps_sides = keepsSides ? 1 : 0
        case .batchedProduct(let left, let right):
            options.transposes_left = left ? 1 : 0
            options.transposes_right = right ? 1 : 0
        case .arithmetic(_, let activation): set(activation)
        case .reduction(_, let keepsSides): options.keeps_sides = keepsSides ? 1 : 0
        case .softmax(let beta): options.beta = beta
        case .concatenation(let axis, let activation):
            options.axis = Int32(axis)
            set(activation)
        case .leakyRelu(let slope): options.slope = slope
        case .reshape, .branch, .composite, .plain, .custom: break
        }
        return options
    }
}

/// Appends what the C side has written to the array that `context` points to.
func takeBytes(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    context?.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
}

/// Copies of values for the C side, which live as long as it.
final class CTFLMemory {
    private var pointers: [UnsafeMutableRawPointer] = []

    deinit { for pointer in pointers { pointer.deallocate() } }

    func copy<Value: BitwiseCopyable>(_ values: ArraySlice<Value>) -> UnsafePointer<Value>? {
        guard !values.isEmpty else { return nil }
        let bytes = values.count * MemoryLayout<Value>.stride
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        pointers.append(pointer)
        values.withUnsafeBytes { pointer.copyMemory(from: $0.baseAddress!, byteCount: bytes) }
        return UnsafePointer(pointer.assumingMemoryBound(to: Value.self))
    }

    func numbers(_ values: [Int]) -> CTFLNumbers {
        CTFLNumbers(values: copy(values.map(Int32.init)[...]), count: values.count)
    }

    /// A text that ends with a zero.
    func text(_ text: String) -> UnsafePointer<CChar>? { copy((text.utf8.map { CChar(bitPattern: $0) } + [0])[...]) }
}
