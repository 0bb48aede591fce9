import Files

/// An inverted bottleneck (MBConv; Sandler et al., 2018, arXiv:1801.04381): expand 1x1, depthwise kxk, optional
/// squeeze-excite, project 1x1, optional residual.
///
/// With no expansion and an activation after the projection, it is the depthwise-separable convolution of MobileNetV1
/// (Howard et al., 2017, arXiv:1704.04861).
public struct Block: Hashable, Sendable {
    /// The kernel, the stride and the widths.
    public var shape: Shape {
        didSet { check() }
    }
    /// nil where the block has none.
    public var squeezeExcite: SqueezeExcite?
    /// Whether the input is added to the output, which needs stride 1 and equal widths.
    public var residual: Bool {
        didSet { check() }
    }
    /// Whether a 1x1 convolution expands the input.
    ///
    /// False only for a fixed block of expansion 1, such as MobileNet's first; a searched layer keeps it even at
    /// expansion 1, because its weights were trained with it.
    public var expandConvolution: Bool {
        didSet { check() }
    }
    /// The activation after the expansion and after the depthwise convolution.
    public var activation: Activation
    /// The activation after the projection, before the residual.
    public var projectionActivation: Activation

    public init(
        shape: Shape, squeezeExcite: SqueezeExcite? = nil, residual: Bool, expandConvolution: Bool = true,
        activation: Activation = .relu, projectionActivation: Activation = .none
    ) {
        self.shape = shape
        self.squeezeExcite = squeezeExcite
        self.residual = residual
        self.expandConvolution = expandConvolution
        self.activation = activation
        self.projectionActivation = projectionActivation
        check()
    }

    private func check() {
        precondition(!residual || shape.allowsResidual, "a residual needs stride 1 and equal widths")
        precondition(
            expandConvolution || shape.expansion == 1, "only a block of expansion 1 can do without its expansion")
    }

    /// The channels between the two products of the squeeze-excite; 0 where there is none.
    public var squeezedChannels: Int { squeezeExcite?.squeezedChannels(inputChannels: shape.inputChannels) ?? 0 }

    /// What a runtime launches for the block on a map of shape `input`, in order.
    public func operators(input: FeatureShape) -> [Operator] {
        precondition(
            input.channels == shape.inputChannels,
            "a block for \(shape.inputChannels) channels was given a map of \(input)")
        let hiddenChannels = shape.hiddenChannels
        var operators: [Operator] = []
        if expandConvolution {
            operators.append(
                .convolution(
                    kernel: 1, stride: 1, input: input, outputChannels: hiddenChannels, activation: activation))
        }
        let expanded = input.strided(by: 1, channels: hiddenChannels)
        let depthwise = Operator.depthwiseConvolution(
            kernel: shape.kernel, stride: shape.stride, input: expanded, activation: activation)
        operators.append(depthwise)
        let hidden = depthwise.output
        if let squeezeExcite {
            operators += [
                .globalAveragePool(input: hidden),
                .fullyConnected(
                    inputChannels: hiddenChannels, outputChannels: squeezedChannels,
                    activation: squeezeExcite.activation),
                .fullyConnected(
                    inputChannels: squeezedChannels, outputChannels: hiddenChannels, activation: squeezeExcite.gate),
                .multiply(hidden),
            ]
        }
        operators.append(
            .convolution(
                kernel: 1, stride: 1, input: hidden, outputChannels: shape.outputChannels,
                activation: projectionActivation))
        if residual { operators.append(.add(input)) }
        return operators
    }

    /// The output shape for a map of shape `input`.
    public func output(for input: FeatureShape) -> FeatureShape {
        input.strided(by: shape.stride, channels: shape.outputChannels)
    }

    /// The key of the block's cost; blocks of one key cost the same: "block k3 s1 e6 56x56x24->56x56x24 residual".
    ///
    /// It contains the activations that are not the default: "activation=hard_swish".
    public func key(input: FeatureShape) -> String {
        "block k\(shape.kernel) s\(shape.stride) e\(shape.expansionText) \(input)->\(output(for: input))"
            + (expandConvolution ? "" : " unexpanded") + (squeezeExcite.map { " se\($0.ratio)" } ?? "")
            + (residual ? " residual" : "")
            + unusualActivations.filter { $0.activation.costName != $0.usual.costName }
                .map { " \($0.key)=\($0.activation.costName)" }.joined()
    }

    /// The choice made in the block, for people: "3x3 e6".
    public var summary: String {
        "\(shape.kernel)x\(shape.kernel) e\(shape.expansionText)" + (squeezeExcite.map { " se\($0.ratio)" } ?? "")
    }

    /// The activations that are not the default, by the names of their fields.
    private var unusualActivations: [(key: String, activation: Activation, usual: Activation)] {
        let all: [(key: String, activation: Activation, usual: Activation)] = [
            ("activation", activation, .relu), ("squeeze_activation", squeezeExcite?.activation ?? .relu, .relu),
            ("se_activation", squeezeExcite?.gate ?? .sigmoid, .sigmoid),
            ("projection_activation", projectionActivation, .none),
        ]
        return all.filter { $0.activation != $0.usual }
    }
}

extension Block {
    /// Reads the fields of a block (see `json`).
    ///
    /// - Throws: `FileError.invalid`, also for a residual at stride 2 or between different widths, for a missing
    ///   expansion convolution at an expansion other than 1, and for an activation of a squeeze-excite where there is
    ///   none.
    public init(json fields: inout JSONFields) throws {
        shape = Shape(
            kernel: try fields.node("kernel").kernel(), stride: try fields.integer("stride", in: Limits.stride),
            expansion: try fields.node("expansion").expansion(),
            inputChannels: try fields.integer("input_channels", in: Limits.channels),
            outputChannels: try fields.integer("output_channels", in: Limits.channels))
        let ratio = try fields.number("se_ratio", in: Limits.seRatio)
        let residual = try fields.node("residual")
        self.residual = try residual.bool()
        let expandConvolution = try fields.node("expand_convolution")
        self.expandConvolution = try expandConvolution.bool()
        activation = try fields.activation("activation", among: Activation.forMaps, default: .relu)
        if ratio > 0 {
            squeezeExcite = SqueezeExcite(
                ratio: ratio,
                activation: try fields.activation("squeeze_activation", among: Activation.forMaps, default: .relu),
                gate: try fields.activation("se_activation", among: Activation.forGates, default: .sigmoid))
        }
        projectionActivation = try fields.activation(
            "projection_activation", among: Activation.forMaps, default: .none)
        if self.residual, !shape.allowsResidual {
            try residual.refuse(
                expected: "false, for a block of stride \(shape.stride) from \(shape.inputChannels) to "
                    + "\(shape.outputChannels) channels",
                isDerived: true)
        }
        if !self.expandConvolution, shape.expansion != 1 {
            try expandConvolution.refuse(
                expected: "true, for a block of expansion \(shape.expansionText)", isDerived: true)
        }
    }

    /// The fields of the block, as an object.
    public var json: JSON { .object(members) }

    var members: [JSON.Member] {
        [
            .init(key: "kernel", value: .integer(shape.kernel)),
            .init(key: "stride", value: .integer(shape.stride)),
            .init(key: "expansion", value: Int(exactly: shape.expansion).map(JSON.integer) ?? .number(shape.expansion)),
            .init(key: "input_channels", value: .integer(shape.inputChannels)),
            .init(key: "output_channels", value: .integer(shape.outputChannels)),
            .init(key: "se_ratio", value: .number(squeezeExcite?.ratio ?? 0)),
            .init(key: "residual", value: .bool(residual)),
            .init(key: "expand_convolution", value: .bool(expandConvolution)),
        ] + unusualActivations.map { .init(key: $0.key, value: .string($0.activation.rawValue)) }
    }
}
