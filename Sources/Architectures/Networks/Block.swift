import Files

/// An inverted bottleneck (MBConv; Sandler et al., 2018, arXiv:1801.04381): expand 1x1, depthwise kxk, optional
/// squeeze-excite, project 1x1, optional residual.
///
/// With no expansion and an activation after the projection, it is the depthwise-separable convolution of MobileNetV1
/// (Howard et al., 2017, arXiv:1704.04861).
public struct Block: Hashable, Sendable {
    /// The side of the depthwise kernel, odd.
    public var kernel: Int
    public var stride: Int
    /// The width of the depthwise convolution divided by the input channels, above 0; in networks given by hand it may
    /// be a fraction, such as MobileNetV3's 4.5.
    public var expansion: Double
    public var inputChannels: Int
    public var outputChannels: Int
    /// The width of the squeeze divided by the input (not the hidden) channels; 0 where there is no squeeze-excite.
    public var seRatio: Double
    /// Whether the input is added to the output, which needs stride 1 and equal widths.
    public var residual: Bool
    /// Whether a 1x1 convolution expands the input.
    ///
    /// False only for a fixed block of expansion 1, such as MobileNet's first; a searched layer keeps it even at
    /// expansion 1, because its weights were trained with it.
    public var expandConvolution: Bool
    /// The activation after the expansion and after the depthwise convolution.
    public var activation: Activation
    /// The activation after the first product of the squeeze-excite.
    public var squeezeActivation: Activation
    /// The activation after the second product of the squeeze-excite: the gate.
    public var seActivation: Activation
    /// The activation after the projection, before the residual.
    public var projectionActivation: Activation

    public init(
        kernel: Int, stride: Int, expansion: Double, inputChannels: Int, outputChannels: Int, seRatio: Double = 0,
        residual: Bool, expandConvolution: Bool = true, activation: Activation = .relu,
        squeezeActivation: Activation = .relu, seActivation: Activation = .sigmoid,
        projectionActivation: Activation = .none
    ) {
        precondition(expansion > 0, "an expansion must be above 0, got \(expansion)")
        precondition(
            !residual
                || Self.allowsResidual(stride: stride, inputChannels: inputChannels, outputChannels: outputChannels),
            "a residual needs stride 1 and equal widths")
        precondition(expandConvolution || expansion == 1, "only a block of expansion 1 can do without its expansion")
        precondition(
            seRatio > 0 || (squeezeActivation == .relu && seActivation == .sigmoid),
            "only a squeeze-excite has activations of its own")
        self.kernel = kernel
        self.stride = stride
        self.expansion = expansion
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.seRatio = seRatio
        self.residual = residual
        self.expandConvolution = expandConvolution
        self.activation = activation
        self.squeezeActivation = squeezeActivation
        self.seActivation = seActivation
        self.projectionActivation = projectionActivation
    }

    /// Whether a block of this shape can add its input to its output, and can therefore be skipped.
    static func allowsResidual(stride: Int, inputChannels: Int, outputChannels: Int) -> Bool {
        stride == 1 && inputChannels == outputChannels
    }

    /// The channels between expansion and projection.
    public var hiddenChannels: Int { max(1, Int((expansion * Double(inputChannels)).rounded())) }

    /// The channels between the two products of the squeeze-excite; 0 where there is none.
    public var squeezedChannels: Int {
        seRatio > 0 ? max(1, Int((seRatio * Double(inputChannels)).rounded())) : 0
    }

    /// What a runtime launches for the block on a map of shape `input`, in order.
    public func operators(input: FeatureShape) -> [Operator] {
        precondition(
            input.channels == inputChannels, "a block for \(inputChannels) channels was given a map of \(input)")
        var operators: [Operator] = []
        if expandConvolution {
            operators.append(
                .convolution(
                    kernel: 1, stride: 1, input: input, outputChannels: hiddenChannels, activation: activation))
        }
        let expanded = input.strided(by: 1, channels: hiddenChannels)
        let depthwise = Operator.depthwiseConvolution(
            kernel: kernel, stride: stride, input: expanded, activation: activation)
        operators.append(depthwise)
        let hidden = depthwise.output
        if squeezedChannels > 0 {
            operators += [
                .globalAveragePool(input: hidden),
                .fullyConnected(
                    inputChannels: hiddenChannels, outputChannels: squeezedChannels, activation: squeezeActivation),
                .fullyConnected(
                    inputChannels: squeezedChannels, outputChannels: hiddenChannels, activation: seActivation),
                .multiply(hidden),
            ]
        }
        operators.append(
            .convolution(
                kernel: 1, stride: 1, input: hidden, outputChannels: outputChannels, activation: projectionActivation))
        if residual { operators.append(.add(input)) }
        return operators
    }

    /// The output shape for a map of shape `input`.
    public func output(for input: FeatureShape) -> FeatureShape {
        input.strided(by: stride, channels: outputChannels)
    }

    /// The key of the block's cost; blocks of one key cost the same: "block k3 s1 e6 56x56x24->56x56x24 residual".
    ///
    /// It contains the activations that are not the default: "activation=hard_swish".
    public func key(input: FeatureShape) -> String {
        "block k\(kernel) s\(stride) e\(expansionText) \(input)->\(output(for: input))"
            + (expandConvolution ? "" : " unexpanded") + (seRatio > 0 ? " se\(seRatio)" : "")
            + (residual ? " residual" : "") + unusualActivations.map { " \($0.key)=\($0.activation.rawValue)" }.joined()
    }

    /// The choice made in the block, for people: "3x3 e6".
    public var summary: String {
        "\(kernel)x\(kernel) e\(expansionText)" + (seRatio > 0 ? " se\(seRatio)" : "")
    }

    /// "6", "4.5".
    private var expansionText: String { Int(exactly: expansion).map(String.init) ?? "\(expansion)" }

    /// The activations that are not the default, by the names of their fields.
    private var unusualActivations: [(key: String, activation: Activation)] {
        let all: [(key: String, activation: Activation, usual: Activation)] = [
            ("activation", activation, .relu), ("squeeze_activation", squeezeActivation, .relu),
            ("se_activation", seActivation, .sigmoid), ("projection_activation", projectionActivation, .none),
        ]
        return all.filter { $0.activation != $0.usual }.map { ($0.key, $0.activation) }
    }
}

extension Block {
    /// Reads the fields of a block (see `json`).
    ///
    /// - Throws: `FileError.invalid`, also for a residual at stride 2 or between different widths, for a missing
    ///   expansion convolution at an expansion other than 1, and for an activation of a squeeze-excite where there is
    ///   none.
    public init(json fields: inout JSONFields) throws {
        kernel = try fields.node("kernel").kernel()
        stride = try fields.integer("stride", in: Limits.stride)
        expansion = try fields.node("expansion").expansion()
        inputChannels = try fields.integer("input_channels", in: Limits.channels)
        outputChannels = try fields.integer("output_channels", in: Limits.channels)
        seRatio = try fields.number("se_ratio", in: Limits.seRatio)
        let residual = try fields.node("residual")
        self.residual = try residual.bool()
        let expandConvolution = try fields.node("expand_convolution")
        self.expandConvolution = try expandConvolution.bool()
        activation = try fields.activation("activation", among: Activation.forMaps, default: .relu)
        squeezeActivation = .relu
        seActivation = .sigmoid
        if seRatio > 0 {
            squeezeActivation = try fields.activation("squeeze_activation", among: Activation.forMaps, default: .relu)
            seActivation = try fields.activation("se_activation", among: Activation.forGates, default: .sigmoid)
        }
        projectionActivation = try fields.activation(
            "projection_activation", among: Activation.forMaps, default: .none)
        if self.residual,
            !Self.allowsResidual(stride: stride, inputChannels: inputChannels, outputChannels: outputChannels)
        {
            try residual.refuse(
                expected: "false, for a block of stride \(stride) from \(inputChannels) to \(outputChannels) channels",
                isDerived: true)
        }
        if !self.expandConvolution, expansion != 1 {
            try expandConvolution.refuse(
                expected: "true, for a block of expansion \(expansionText)", isDerived: true)
        }
    }

    /// The fields of the block, as an object.
    public var json: JSON { .object(members) }

    var members: [JSON.Member] {
        [
            .init(key: "kernel", value: .integer(kernel)),
            .init(key: "stride", value: .integer(stride)),
            .init(key: "expansion", value: Int(exactly: expansion).map(JSON.integer) ?? .number(expansion)),
            .init(key: "input_channels", value: .integer(inputChannels)),
            .init(key: "output_channels", value: .integer(outputChannels)),
            .init(key: "se_ratio", value: .number(seRatio)),
            .init(key: "residual", value: .bool(residual)),
            .init(key: "expand_convolution", value: .bool(expandConvolution)),
        ] + unusualActivations.map { .init(key: $0.key, value: .string($0.activation.rawValue)) }
    }
}
