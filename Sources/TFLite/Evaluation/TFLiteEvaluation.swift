import Files

/// Runs a classification model on images, one at a time, in float32.
///
/// Tensors of integers are simulated: their values are float32 numbers, rounded to what the integers can hold. Weights of
/// half precision or of integers are made float32 first. It answers what LiteRT answers for float32 models, up to the order
/// of sums; for models of integers up to one step of a scale in places.
///
///     let evaluation = try TFLiteEvaluation(TFLiteModel(contentsOf: path), path: path)
///     let logits = evaluation.answer(image)
public struct TFLiteEvaluation: Sendable {
    /// The height, width and channels of an image.
    public let height: Int
    public let width: Int
    public let channels: Int
    /// How many classes the model tells apart.
    public let classes: Int
    /// Whether the model takes bytes of 0 to 255, which `answer` is given divided by 255.
    public let takesBytes: Bool
    /// Where the model answers probabilities instead of logits: those below are not told apart from 0, because integers round
    /// them so. nil for logits.
    public let leastProbability: Float?

    let model: TFLiteModel
    private let image: Int
    private let output: Int
    /// The values of constants, by tensor.
    private let constants: [Int: [Float]]
    /// The tensors that nothing reads after an operator.
    private let released: [[Int]]

    /// - Parameter path: of the file, for messages.
    /// - Throws: `FileError.invalid` for a model that does not map one image to a value for every class, and for one with
    ///   an operator that is not run here, by its name.
    public init(_ model: TFLiteModel, path: String) throws(FileError) {
        func problem(_ place: String, _ text: String) -> FileError { .invalid(path: path, place: place, problem: text) }
        guard model.inputs.count == 1, model.outputs.count == 1 else {
            throw problem(
                "graph",
                "expected one image in and the values of classes out, found \(model.inputs.count.counted("input")) and "
                    + model.outputs.count.counted("output"))
        }
        image = model.inputs[0]
        output = model.outputs[0]
        let input = model.tensors[image], shape = input.shape
        guard shape.count == 4, shape[0] == 1, shape.allSatisfy({ $0 > 0 }), input.count <= 1 << 26 else {
            throw problem("input", "expected one image [1, height, width, channels], found \(shape)")
        }
        guard shape[3] <= 4 || ![1, 3].contains(shape[1]) else {
            throw problem("input", "expected one image [1, height, width, channels], found \(shape), with the channels first")
        }
        if let free = input.freeShape, input.isUnsettled {
            throw problem("input", "expected an image of fixed sides, found \(free), whose sides the caller chooses")
        }
        guard [.float32, .uint8, .int8].contains(input.type), input.type == .float32 || input.quantization != nil else {
            throw problem("input", "expected float32, or integers with a scale, found \(input.type)")
        }
        (height, width, channels) = (shape[1], shape[2], shape[3])
        takesBytes = input.type == .uint8
        classes = model.tensors[output].count
        guard (2...1_000_000).contains(classes) else {
            throw problem("output", "expected a value for each of at least 2 classes, found \(model.tensors[output].shape)")
        }
        self.model = model

        var constants: [Int: [Float]] = [:], known = Set([image]), last: [Int: Int] = [:]
        for (index, step) in model.operators.enumerated() {
            let place = "operator \(index) \(step.operation.name.shortened)"
            for input in step.inputs.compactMap(\.self) where !known.contains(input) {
                guard model.tensors[input].isConstant else {
                    throw problem(place, "reads tensor \(input), which nothing before it writes")
                }
                if constants[input] == nil {
                    guard let values = model.tensors[input].values else {
                        throw problem(place, "expected the values of constant \(input) in the file, found none or others")
                    }
                    constants[input] = values
                }
            }
            if let text = TFLiteKernel.problem(of: step, in: model) { throw problem(place, text) }
            for tensor in step.inputs.compactMap(\.self) + step.outputs { last[tensor] = index }
            known.formUnion(step.outputs)
        }
        guard known.contains(output), output != image else { throw problem("graph", "nothing writes its output") }
        self.constants = constants
        let answer = output
        released = model.operators.indices.map { index in
            last.filter { $0.value == index && $0.key != answer && constants[$0.key] == nil }.map(\.key)
        }
        leastProbability = Self.leastProbability(of: answer, in: model)
    }

    /// Half a step of the coarsest integers between a softmax and the answer, or next to nothing; nil where the answer is
    /// not of a softmax. Behind it converters write operators that change the type and the sides.
    private static func leastProbability(of answer: Int, in model: TFLiteModel) -> Float? {
        var tensor = answer, least: Float = 1e-12
        // Each operator is passed once, the last one first.
        for step in model.operators.reversed() where step.outputs.contains(tensor) {
            let values = model.tensors[tensor]
            if values.type != .float32, let scale = values.quantization?.scales.first { least = max(least, scale / 2) }
            switch step.operation {
            case .softmax: return least
            case .plain(.quantize), .plain(.dequantize), .plain(.cast), .plain(.squeeze), .plain(.expandSides), .reshape:
                guard let input = step.inputs.first ?? nil else { return nil }
                tensor = input
            default: return nil
            }
        }
        return nil
    }

    /// The values of the classes.
    ///
    /// - Parameter values: of an image, [height, width, channels], normalised as the model wants, or bytes divided by 255.
    public func answer(_ values: UnsafeBufferPointer<Float>) -> [Float] {
        precondition(values.count == height * width * channels, "as many values as an image of the model has")
        var tensors = constants
        if takesBytes, let quantization = model.tensors[image].quantization {
            let scale = quantization.scales[0], zero = Float(quantization.zeroPoints[0])
            tensors[image] = values.map { scale * (($0 * 255).rounded() - zero) }
        } else {
            tensors[image] = model.tensors[image].rounded(Array(values))
        }
        for (index, step) in model.operators.enumerated() {
            let kernel = TFLiteKernel(step, in: model)
            let result = kernel.run(step.inputs.map { $0.flatMap { tensors[$0] } ?? [] })
            tensors[step.outputs[0]] = model.tensors[step.outputs[0]].rounded(result)
            for tensor in released[index] { tensors[tensor] = nil }
        }
        return tensors[output] ?? []
    }
}

extension TFLiteTensor {
    /// The values of a constant as float32: what integers with a scale stand for, and integers without one as they are.
    fileprivate var values: [Float]? {
        if let floats { return floats }
        guard let integers else { return nil }
        guard let quantization, !integers.isEmpty else { return integers.map(Float.init) }
        guard quantization.isByChannel else {
            let scale = quantization.scales[0], zero = quantization.zeroPoints[0]
            return integers.map { scale * Float($0 - Int(zero)) }
        }
        let inner = shape[(quantization.dimension + 1)...].reduce(1, *), sides = shape[quantization.dimension]
        return integers.enumerated().map { index, value in
            let channel = index / inner % sides
            return quantization.scales[channel] * Float(value - Int(quantization.zeroPoints[channel]))
        }
    }

    /// Values rounded to what the integers of the tensor can hold.
    fileprivate func rounded(_ values: [Float]) -> [Float] {
        guard let quantization, type == .int8 || type == .uint8, let scale = quantization.scales.first, scale > 0 else {
            return values
        }
        let zero = Float(quantization.zeroPoints[0]), least: Float = type == .int8 ? -128 : 0
        return values.map { scale * (min(max(($0 / scale).rounded() + zero, least), least + 255) - zero) }
    }
}
