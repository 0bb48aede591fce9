import Architectures

/// Adds operators on float32 maps to a model, each with the activation behind it. What an operator writes has its name.
struct TFLiteGraphBuilder {
    var model: TFLiteModel

    init(name: String) { model = TFLiteModel(name: name) }

    /// The weights of a convolution in TensorFlow Lite's order, and how its window moves.
    struct Kernel {
        /// [output channels, k, k, input channels], of a depthwise convolution [1, k, k, channels].
        let weights: [Float]
        let shape: [Int]
        let bias: [Float]
        var isDepthwise = false
        var stride = 1
        let activation: Activation
    }

    /// Adds the input of a network, and returns the image less its mean where it comes as bytes, else the image.
    mutating func image(_ shape: FeatureShape, _ input: TFLiteNetwork.Input) -> Int {
        let sides = [1, shape.height, shape.width, shape.channels], name = TFLiteNetwork.inputName
        guard case .bytes(let mean, _) = input else {
            return self.input(TFLiteTensor(name, type: .float32, shape: sides))
        }
        let bytes = self.input(
            TFLiteTensor(name, type: .uint8, shape: sides, quantization: .init(scale: 1 / 255, zeroPoint: 0)))
        return arithmetic(
            .add, dequantize(bytes, "image.scaled"), constant("image.mean", mean.map { Float(-$0) }), "image.centred")
    }

    /// A convolution padded by half a kernel.
    mutating func convolution(_ input: Int, _ name: String, _ kernel: Kernel) -> Int {
        let weights = model.add(TFLiteTensor("\(name).weights", floats: kernel.weights, shape: kernel.shape))
        let bias = constant("\(name).bias", kernel.bias)
        let sides = shape(of: input), channels = kernel.bias.count
        let (padded, padding) = padded(input, name, side: kernel.shape[1], stride: kernel.stride)
        let output = [1] + sides[1...2].map { ($0 + kernel.stride - 1) / kernel.stride } + [channels]
        let window = TFLiteWindow(padding: padding, stride: kernel.stride)
        let fused = kernel.activation.fused ?? .none
        let value = computed(name, output)
        model.add(
            kernel.isDepthwise ? .depthwiseConvolution(window, fused) : .convolution(window, fused),
            inputs: [padded, weights, bias], outputs: [value])
        return activate(value, name, kernel.activation)
    }

    /// A matrix product with a bias on a map of one pixel; weights are [output channels, input channels].
    mutating func pixel(_ input: Int, _ name: String, weights: [Float], bias: [Float], _ activation: Activation) -> Int {
        convolution(
            input, name,
            Kernel(weights: weights, shape: [bias.count, 1, 1, weights.count / bias.count], bias: bias, activation: activation))
    }

    /// The same product as a fully connected operator, whose output is [1, output channels].
    mutating func fullyConnected(
        _ input: Int, _ name: String, weights: [Float], bias: [Float], _ activation: Activation = .none
    ) -> Int {
        let matrix = model.add(
            TFLiteTensor("\(name).weights", floats: weights, shape: [bias.count, weights.count / bias.count]))
        let value = computed(name, [1, bias.count])
        model.add(
            .fullyConnected(activation.fused ?? .none, keepsSides: false),
            inputs: [input, matrix, constant("\(name).bias", bias)], outputs: [value])
        return activate(value, name, activation)
    }

    /// The mean of every channel, as a map of one pixel.
    mutating func mean(_ input: Int, _ name: String) -> Int {
        let axes = model.add(TFLiteTensor("\(name).axes", int32s: [1, 2], shape: [2]))
        let output = computed(name, [1, 1, 1, shape(of: input)[3]])
        model.add(.reduction(.mean, keepsSides: true), inputs: [input, axes], outputs: [output])
        return output
    }

    /// A sum, or a product with factors of the channels.
    mutating func arithmetic(
        _ operation: TFLiteArithmetic, _ left: Int, _ right: Int, _ name: String, _ activation: Activation = .none
    ) -> Int {
        let value = computed(name, shape(of: left))
        model.add(.arithmetic(operation, activation.fused ?? .none), inputs: [left, right], outputs: [value])
        return activate(value, name, activation)
    }

    /// The operators of an activation that none fuses; the value itself where one did.
    mutating func activate(_ value: Int, _ name: String, _ activation: Activation) -> Int {
        if activation.fused != nil { return value }
        let sides = shape(of: value), result = "\(name)_\(activation.rawValue)"
        func plain(_ code: TFLiteCode, _ name: String) -> Int {
            let output = computed(name, sides)
            model.add(.plain(code), inputs: [value], outputs: [output])
            return output
        }
        switch activation {
        case .none, .relu, .relu6: return value
        case .hardSwish: return plain(.hardSwish, result)
        case .sigmoid: return plain(.logistic, result)
        case .swish:
            let gate = plain(.logistic, "\(name)_sigmoid"), output = computed(result, sides)
            model.add(.arithmetic(.multiply, .none), inputs: [value, gate], outputs: [output])
            return output
        case .hardSigmoid:
            let clamped = computed("\(name)_relu6", sides), output = computed(result, sides)
            model.add(.arithmetic(.add, .relu6), inputs: [value, constant("\(name)_three", [3])], outputs: [clamped])
            model.add(
                .arithmetic(.multiply, .none), inputs: [clamped, constant("\(name)_sixth", [1 / 6])], outputs: [output])
            return output
        }
    }

    mutating func softmax(_ input: Int, _ name: String) -> Int {
        let value = computed(name, shape(of: input))
        model.add(.softmax(beta: 1), inputs: [input], outputs: [value])
        return value
    }

    /// The values that integers stand for.
    mutating func dequantize(_ input: Int, _ name: String) -> Int {
        let value = computed(name, shape(of: input))
        model.add(.plain(.dequantize), inputs: [input], outputs: [value])
        return value
    }

    /// Adds an input of the graph.
    mutating func input(_ tensor: TFLiteTensor) -> Int {
        let value = model.add(tensor)
        model.inputs.append(value)
        return value
    }

    /// Makes a value an output of the graph, with a name of its own.
    mutating func output(_ value: Int, _ name: String) {
        var tensor = model.tensors[value]
        tensor.name = name
        model.replace(value, by: tensor)
        model.outputs.append(value)
    }

    /// Adds float32 values, one after the other.
    mutating func constant(_ name: String, _ values: [Float]) -> Int {
        model.add(TFLiteTensor(name, floats: values, shape: [values.count]))
    }

    func shape(of value: Int) -> [Int] { model.tensors[value].shape }

    private mutating func computed(_ name: String, _ shape: [Int]) -> Int {
        model.add(TFLiteTensor(name, type: .float32, shape: shape))
    }

    /// The map that a window of half a kernel's padding reads, and the padding that is left to the operator.
    mutating func padded(_ input: Int, _ name: String, side kernel: Int, stride: Int) -> (Int, TFLiteWindow.Padding) {
        let sides = shape(of: input), half = kernel / 2
        let isSame = sides[1...2].allSatisfy { side in
            let outputs = (side + stride - 1) / stride
            return max(0, (outputs - 1) * stride + kernel - side) / 2 == half
        }
        if isSame { return (input, .same) }
        let widths = [0, 0, half, half, half, half, 0, 0].map(Int32.init)
        let amounts = model.add(TFLiteTensor("\(name).padding_widths", int32s: widths, shape: [4, 2]))
        let map = model.tensors[input]
        // Integers are padded with the zero point of what is written.
        let padded = model.add(
            TFLiteTensor(
                "\(name).padding", type: map.type, shape: [1, sides[1] + 2 * half, sides[2] + 2 * half, sides[3]],
                quantization: map.quantization))
        model.add(.plain(.pad), inputs: [input, amounts], outputs: [padded])
        return (padded, .valid)
    }
}

extension Activation {
    /// The activation as a part of an operator; nil where it is an operator of its own.
    var fused: TFLiteActivation? {
        switch self {
        case .none: TFLiteActivation.none
        case .relu: .relu
        case .relu6: .relu6
        case .swish, .hardSwish, .sigmoid, .hardSigmoid: nil
        }
    }
}
