import Glibc

/// One operator on float32 values.
struct TFLiteKernel {
    private let step: TFLiteOperator
    private let model: TFLiteModel

    init(_ step: TFLiteOperator, in model: TFLiteModel) {
        self.step = step
        self.model = model
    }

    func shape(_ place: Int) -> [Int] { step.inputs[place].map { model.tensors[$0].shape } ?? [] }
    var outputShape: [Int] { model.tensors[step.outputs[0]].shape }

    /// What the operator makes of its inputs; `problem` must have found none.
    func run(_ inputs: [[Float]]) -> [Float] {
        switch step.operation {
        case .convolution(let window, let activation): activation.applied(convolution(inputs, window))
        case .depthwiseConvolution(let window, let activation): activation.applied(depthwise(inputs, window))
        case .fullyConnected(let activation, _): activation.applied(product(inputs))
        case .arithmetic(let function, let activation):
            switch function {
            case .add: activation.applied(broadcast(inputs, +))
            case .subtract: activation.applied(broadcast(inputs, -))
            case .multiply: activation.applied(broadcast(inputs, *))
            case .divide: activation.applied(broadcast(inputs, /))
            }
        case .averagePool(let height, let width, let window, let activation):
            activation.applied(pool(inputs[0], height, width, window, isMean: true))
        case .maxPool(let height, let width, let window, let activation):
            activation.applied(pool(inputs[0], height, width, window, isMean: false))
        case .reduction(let code, _): reduction(inputs[0], code)
        case .softmax(let beta): softmax(inputs[0], beta: beta, isLogarithm: false)
        case .concatenation(let axis, let activation): activation.applied(concatenation(inputs, axis: axis))
        case .reshape: inputs[0]
        case .leakyRelu(let slope): inputs[0].map { $0 < 0 ? slope * $0 : $0 }
        case .plain(let code): plain(code, inputs)
        case .transposedConvolution, .batchedProduct, .branch, .composite, .custom:
            preconditionFailure("TFLiteKernel: \(step.operation.name) is not run")
        }
    }

    private func plain(_ code: TFLiteCode, _ inputs: [[Float]]) -> [Float] {
        switch code {
        case .logistic: inputs[0].map { 1 / (1 + exp(-$0)) }
        case .hardSwish: inputs[0].map { $0 * min(max($0 + 3, 0), 6) / 6 }
        case .relu: TFLiteActivation.relu.applied(inputs[0])
        case .relu6: TFLiteActivation.relu6.applied(inputs[0])
        case .reluN1To1: TFLiteActivation.reluN1To1.applied(inputs[0])
        case .tanh: TFLiteActivation.tanh.applied(inputs[0])
        case .elu: inputs[0].map { $0 < 0 ? expm1($0) : $0 }
        case .exponential: inputs[0].map { exp($0) }
        case .squareRoot: inputs[0].map { $0.squareRoot() }
        case .reciprocalSquareRoot: inputs[0].map { 1 / $0.squareRoot() }
        case .negate: inputs[0].map { -$0 }
        case .absolute: inputs[0].map { abs($0) }
        case .square: inputs[0].map { $0 * $0 }
        case .maximum: broadcast(inputs, max)
        case .minimum: broadcast(inputs, min)
        case .squaredDifference: broadcast(inputs) { ($0 - $1) * ($0 - $1) }
        case .logSoftmax: softmax(inputs[0], beta: 1, isLogarithm: true)
        case .pad, .padValue: pad(inputs)
        case .transpose: transposition(inputs)
        case .squeeze, .expandSides, .quantize, .dequantize, .cast: inputs[0]
        default: preconditionFailure("TFLiteKernel: \(code) is not run")
        }
    }

    /// Why an operator cannot be run, as the rest of a sentence; nil where it can.
    static func problem(of step: TFLiteOperator, in model: TFLiteModel) -> String? {
        guard step.outputs.count == 1 else { return "expected one output, found \(step.outputs.count)" }
        let kernel = TFLiteKernel(step, in: model), inputs = step.inputs
        guard let first = inputs.first, first != nil else { return "expected an input, found none" }
        let shapes = inputs.indices.map(kernel.shape), output = kernel.outputShape
        let sizes = shapes + [output]
        // Where no side is 0, no product of some of them is larger than that of all.
        guard sizes.allSatisfy({ $0.count <= 8 && !$0.contains(0) && $0.reduce(1, *) <= 1 << 28 }) else {
            return "expected at most 8 sides of at least 1 and 2²⁸ values, found others"
        }
        /// Whether an output has the sides that the window leaves of the input.
        func fits(_ height: Int, _ width: Int, _ window: TFLiteWindow) -> Bool {
            output.count == 4 && shapes[0].count == 4 && output[0] == shapes[0][0] && output.allSatisfy { $0 > 0 }
                && output[1] == window.side(shapes[0][1], height, window.verticalStride, window.verticalDilation)
                && output[2] == window.side(shapes[0][2], width, window.horizontalStride, window.horizontalDilation)
        }
        let unfit = "its shapes do not fit each other: \(shapes) to \(output)"
        switch step.operation {
        case .convolution(let window, _):
            guard shapes.count >= 2, shapes[0].count == 4, shapes[1].count == 4, shapes[1].allSatisfy({ $0 > 0 }),
                shapes[0][3] > 0, shapes[0][3] % shapes[1][3] == 0, shapes[1][0] % (shapes[0][3] / shapes[1][3]) == 0,
                fits(shapes[1][1], shapes[1][2], window), output[3] == shapes[1][0], hasBias(output[3])
            else { return unfit }
        case .depthwiseConvolution(let window, _):
            guard shapes.count >= 2, shapes[0].count == 4, shapes[1].count == 4, shapes[1][0] == 1, shapes[0][3] > 0,
                shapes[1].allSatisfy({ $0 > 0 }), shapes[1][3] % shapes[0][3] == 0,
                fits(shapes[1][1], shapes[1][2], window), output[3] == shapes[1][3], hasBias(output[3])
            else { return unfit }
        case .fullyConnected:
            guard shapes.count >= 2, shapes[1].count == 2, shapes[1][1] > 0, count(shapes[0]) % shapes[1][1] == 0,
                count(output) == count(shapes[0]) / shapes[1][1] * shapes[1][0], hasBias(shapes[1][0])
            else { return unfit }
        case .arithmetic, .plain(.maximum), .plain(.minimum), .plain(.squaredDifference):
            guard shapes.count == 2, !inputs.contains(nil), shapes.allSatisfy({ isBroadcast($0, to: output) }) else { return unfit }
        case .averagePool(let height, let width, let window, _), .maxPool(let height, let width, let window, _):
            guard fits(height, width, window), output[3] == shapes[0][3], max(height, width) <= 1 << 14 else { return unfit }
        case .reduction:
            guard let axes = kernel.axes, axes.allSatisfy(shapes[0].indices.contains),
                count(output) == shapes[0].indices.filter({ !axes.contains($0) }).map({ shapes[0][$0] }).reduce(1, *)
            else { return unfit }
        case .softmax, .plain(.logSoftmax):
            guard shapes[0] == output, output.last ?? 0 > 0 else { return unfit }
        case .concatenation(let axis, _):
            let place = axis < 0 ? axis + output.count : axis
            guard output.indices.contains(place), !inputs.contains(nil),
                shapes.allSatisfy({ shape in
                    shape.count == output.count && shape.indices.allSatisfy { $0 == place || shape[$0] == output[$0] }
                }), shapes.map({ $0[place] }).reduce(0, +) == output[place]
            else { return unfit }
        case .plain(.pad), .plain(.padValue):
            guard let widths = kernel.widths, widths.count == output.count, shapes[0].count == output.count,
                output.indices.allSatisfy({
                    min(widths[$0].0, widths[$0].1) >= 0 && max(widths[$0].0, widths[$0].1) <= output[$0]
                        && output[$0] == widths[$0].0 + shapes[0][$0] + widths[$0].1
                }), shapes.count == 2 || inputs[2] != nil && count(shapes[2]) == 1
            else { return unfit }
        case .plain(.transpose):
            guard let order = kernel.order, order.sorted() == Array(output.indices), shapes[0].count == output.count,
                output.indices.allSatisfy({ output[$0] == shapes[0][order[$0]] })
            else { return unfit }
        case .reshape, .leakyRelu,
            .plain(.logistic), .plain(.hardSwish), .plain(.relu), .plain(.relu6), .plain(.reluN1To1), .plain(.tanh),
            .plain(.elu), .plain(.exponential), .plain(.squareRoot), .plain(.reciprocalSquareRoot), .plain(.negate),
            .plain(.absolute), .plain(.square), .plain(.squeeze), .plain(.expandSides), .plain(.quantize),
            .plain(.dequantize), .plain(.cast):
            guard count(shapes[0]) == count(output) else { return unfit }
        case .transposedConvolution, .batchedProduct, .branch, .composite, .plain, .custom:
            return "this operator is not run here: the model's costs can be estimated (onepath estimate --tflite), and "
                + "LiteRT runs it"
        }
        func hasBias(_ channels: Int) -> Bool {
            inputs.count < 3 || inputs[2] == nil || count(shapes[2]) == channels
        }
        func count(_ shape: [Int]) -> Int { shape.reduce(1, *) }
        func isBroadcast(_ shape: [Int], to output: [Int]) -> Bool {
            shape.count <= output.count
                && zip(shape.reversed(), output.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
        }
        return nil
    }

    // MARK: - Constants that say how

    private func integers(_ place: Int) -> [Int]? {
        guard place < step.inputs.count, let input = step.inputs[place] else { return nil }
        return model.tensors[input].integers
    }

    /// The axes of a reduction.
    var axes: Set<Int>? {
        integers(1).map { axes in Set(axes.map { $0 < 0 ? $0 + shape(0).count : $0 }) }
    }

    /// The zeros before and after each side.
    var widths: [(Int, Int)]? {
        integers(1).map { widths in stride(from: 0, to: widths.count - 1, by: 2).map { (widths[$0], widths[$0 + 1]) } }
    }

    /// The input's sides in the order of the output's.
    var order: [Int]? { integers(1) }
}

extension TFLiteActivation {
    func applied(_ values: [Float]) -> [Float] {
        switch self {
        case .none: values
        case .relu: values.map { max($0, 0) }
        case .reluN1To1: values.map { min(max($0, -1), 1) }
        case .relu6: values.map { min(max($0, 0), 6) }
        case .tanh: values.map { Glibc.tanh($0) }
        case .signBit: values.map { $0.sign == .minus ? 1 : 0 }
        }
    }
}

extension TFLiteWindow {
    /// The side of an output; 0 where the window does not fit.
    func side(_ side: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
        let reach = (kernel - 1) * dilation + 1
        return padding == .same ? (side + stride - 1) / stride : max(0, side - reach + stride) / stride
    }

    /// The zeros before a side.
    func before(_ side: Int, _ outputs: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
        padding == .valid ? 0 : max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - side) / 2
    }
}
