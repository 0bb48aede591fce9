import Files

extension Operator {
    /// Reads the fields of an operator (see `members`).
    ///
    /// - Throws: `FileError.invalid`, also for a kind whose fields contradict each other.
    public init(json fields: inout JSONFields) throws {
        let kindNode = try fields.node("operator")
        let kind = Kind.inTables.first { kindNode.value == .string($0.rawValue) }
        if kind == nil {
            try kindNode.refuse(expected: "one of \(Kind.inTables.map(\.rawValue).joined(separator: ", "))")
        }
        let kernelNode = try fields.node("kernel")
        let kernel = try kernelNode.kernel()
        let strideNode = try fields.node("stride")
        let stride = try strideNode.integer(in: Limits.stride)
        let input = FeatureShape(
            height: try fields.integer("input_height", in: Limits.imageSide),
            width: try fields.integer("input_width", in: Limits.imageSide),
            channels: try fields.integer("input_channels", in: Limits.channels))
        let outputsNode = try fields.node("output_channels")
        let outputs = try outputsNode.integer(in: Limits.channels)
        let activationNode = try fields.node("activation")
        let activation = Activation.allCases.first { activationNode.value == .string($0.rawValue) }
        if activation == nil {
            try activationNode.refuse(
                expected: "one of \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let kind, let activation,
            let step = Operator(
                kind, kernel: kernel, stride: stride, input: input, outputChannels: outputs, activation: activation)
        else { throw fields.problem("expected an operator of a search space") }
        self = step
        // Some fields have only one allowed value for a kind.
        guard self.kernel == kernel else { throw kernelNode.mismatch(expected: "\(self.kernel) for this operator") }
        guard self.stride == stride else { throw strideNode.mismatch(expected: "\(self.stride) for this operator") }
        guard self.input == input else {
            throw fields.problem("expected an input of \(self.input) for this operator, found \(input)")
        }
        guard output.channels == outputs else {
            throw outputsNode.mismatch(expected: "\(output.channels) for this operator")
        }
        guard self.activation == activation else {
            throw activationNode.mismatch(expected: "\"\(self.activation.rawValue)\" for this operator")
        }
        if [self].oversized != nil {
            throw fields.problem("makes a feature map of \(output), which is more than \(Limits.featureMap) values")
        }
    }

    /// An operator of a search space's networks, from the row of a table; fields with only one allowed value for the
    /// kind are ignored. nil for a kind that tables do not hold.
    public init?(
        _ kind: Kind, kernel: Int, stride: Int, input: FeatureShape, outputChannels: Int, activation: Activation
    ) {
        switch kind {
        case .convolution:
            self = .convolution(
                kernel: kernel, stride: stride, input: input, outputChannels: outputChannels, activation: activation)
        case .depthwiseConvolution:
            self = .depthwiseConvolution(kernel: kernel, stride: stride, input: input, activation: activation)
        case .fullyConnected:
            self = .fullyConnected(
                inputChannels: input.channels, outputChannels: outputChannels, activation: activation)
        case .globalAveragePool: self = .globalAveragePool(input: input)
        case .add: self = .add(input)
        case .multiply: self = .multiply(input)
        case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise, .memoryMove,
            .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize, .function, .convert:
            return nil
        }
    }

    /// The fields of the operator, for the row of a table.
    public var members: [JSON.Member] {
        [
            .init(key: "operator", value: .string(kind.rawValue)),
            .init(key: "kernel", value: .integer(kernel)),
            .init(key: "stride", value: .integer(stride)),
            .init(key: "input_height", value: .integer(input.height)),
            .init(key: "input_width", value: .integer(input.width)),
            .init(key: "input_channels", value: .integer(input.channels)),
            .init(key: "output_channels", value: .integer(output.channels)),
            .init(key: "activation", value: .string(activation.rawValue)),
        ]
    }
}

extension [Operator] {
    /// The first operator that writes more values than a feature map may have.
    package var oversized: Operator? { first { $0.output.count > Limits.featureMap } }
}

extension Operator.Kind {
    /// The kinds that search spaces use and tables hold.
    public static let inTables: [Operator.Kind] = [
        .convolution, .depthwiseConvolution, .globalAveragePool, .fullyConnected, .add, .multiply,
    ]
}
