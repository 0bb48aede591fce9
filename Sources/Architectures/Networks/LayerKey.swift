extension Network.Layer {
    /// The layer that has this key, with the key as its name; nil where no layer of a search space, of an architecture
    /// or of an imported network can have it, so that the key is a typing error.
    ///
    ///     Network.Layer(key: "block k3 s1 e6 56x56x24->56x56x24 residual")    // a block
    ///     Network.Layer(key: "block k4 s1 e6 56x56x24->56x56x24 residual")    // nil: kernels are odd
    public init?(key: String) {
        let content: Content
        let input: FeatureShape
        if key.hasPrefix("skip "), let shape = FeatureShape(text: key.dropFirst(5)) {
            (content, input) = (.skip, shape)
        } else if let (block, shape) = Block.withInput(key: key) {
            (content, input) = (.block(block), shape)
        } else {
            let steps = key.split(separator: ", ", omittingEmptySubsequences: false).map(Operator.init(key:))
            let operators = steps.compactMap { $0 }
            guard operators.count == steps.count, let first = operators.first,
                zip(operators, operators.dropFirst()).allSatisfy({ $0.output == $1.input })
            else { return nil }
            (content, input) = (.operators(operators), first.input)
        }
        self.init(name: key, input: input, content: content, isSearchable: false)
        guard self.key == key, operators.oversized == nil else { return nil }
    }
}

extension FeatureShape {
    /// Reads "56x56x24".
    fileprivate init?(text: Substring) {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sides.count == 3 else { return nil }
        self.init(withinLimits: sides[0], sides[1], channels: sides[2])
    }

    /// nil where a side or the number of channels is out of range.
    package init?(withinLimits height: Int, _ width: Int, channels: Int) {
        // A block's hidden width is a multiple of its input's.
        let hidden = 1...Limits.channels.upperBound * Limits.expansion.upperBound
        guard Limits.imageSide.contains(height), Limits.imageSide.contains(width), hidden.contains(channels) else {
            return nil
        }
        self.init(height: height, width: width, channels: channels)
    }

    /// Reads "56x56x24->28x28x40".
    fileprivate static func pair(_ text: Substring) -> (input: FeatureShape, output: FeatureShape)? {
        let maps = text.split(separator: "->", omittingEmptySubsequences: false)
        guard maps.count == 2, let input = FeatureShape(text: maps[0]), let output = FeatureShape(text: maps[1]) else {
            return nil
        }
        return (input, output)
    }
}

extension Block {
    /// The block that has this key, and its input shape.
    fileprivate static func withInput(key: String) -> (Block, FeatureShape)? {
        let words = key.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 5, words[0] == "block", let kernel = words[1].number(after: "k"),
            let stride = words[2].number(after: "s"), words[3].first == "e",
            let expansion = Double(words[3].dropFirst()), let (input, output) = FeatureShape.pair(words[4]),
            Limits.kernel.contains(kernel), kernel % 2 == 1, Limits.stride.contains(stride),
            Limits.blockExpansion.contains(expansion), Limits.channels.contains(input.channels),
            Limits.channels.contains(output.channels)
        else { return nil }
        var block = Block(
            shape: Shape(
                kernel: kernel, stride: stride, expansion: expansion, inputChannels: input.channels,
                outputChannels: output.channels),
            residual: false)
        for word in words[5...] {
            if word == "unexpanded", expansion == 1 {
                block.expandConvolution = false
            } else if word == "residual", block.shape.allowsResidual {
                block.residual = true
            } else if word.hasPrefix("se"), let ratio = Double(word.dropFirst(2)), ratio > 0,
                Limits.seRatio.contains(ratio)
            {
                block.squeezeExcite = SqueezeExcite(ratio: ratio)
            } else if let activation = activation(word, "activation", among: Activation.forMaps) {
                block.activation = activation
            } else if block.squeezeExcite != nil,
                let activation = activation(word, "squeeze_activation", among: Activation.forMaps)
            {
                block.squeezeExcite?.activation = activation
            } else if block.squeezeExcite != nil,
                let gate = activation(word, "se_activation", among: Activation.forGates)
            {
                block.squeezeExcite?.gate = gate
            } else if let activation = activation(word, "projection_activation", among: Activation.forMaps) {
                block.projectionActivation = activation
            } else {
                return nil
            }
        }
        return (block, input)
    }

    /// Reads "activation=hard_swish".
    private static func activation(_ word: Substring, _ name: String, among allowed: [Activation]) -> Activation? {
        allowed.first { word == "\(name)=\($0.rawValue)" }
    }
}

extension Operator {
    /// Reads "convolution k3 s2 224x224x3->112x112x32 relu".
    fileprivate init?(key: Substring) {
        let words = key.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 4, let kind = Kind(rawValue: String(words[0])), let sides = words[1].sides(after: "k"),
            let strides = words[2].sides(after: "s"), let (input, output) = FeatureShape.pair(words[3])
        else { return nil }
        let window = Window(
            height: sides.0, width: sides.1, verticalStride: strides.0, horizontalStride: strides.1)
        var groups = 1, others = 0
        var activation = Activation.none
        var type: ValueType?
        for word in words[4...] {
            if let count = word.number(after: "groups"), count > 0 {
                groups = count
            } else if let count = word.number(after: "with"), count > 0 {
                others = count
            } else if let function = Activation(rawValue: String(word)) {
                activation = function
            } else if let found = ValueType(rawValue: String(word)) {
                type = found
            } else {
                return nil
            }
        }
        switch kind {
        case .depthwiseConvolution where output == input.strided(by: window.verticalStride, channels: input.channels)
            && window.height % 2 == 1:
            self = .depthwiseConvolution(
                kernel: window.height, stride: window.verticalStride, input: input, activation: activation)
        case .convolution, .groupedConvolution, .depthwiseConvolution:
            if kind == .depthwiseConvolution { groups = input.channels }
            guard input.channels % groups == 0, output.channels % groups == 0 else { return nil }
            self = .convolution(
                window: window, groups: groups, input: input, output: output,
                epilogue: Epilogue(hasNormalization: true, activation: activation))
        case .globalAveragePool: self = .globalAveragePool(input: input)
        case .fullyConnected:
            self = .fullyConnected(
                inputChannels: input.channels, outputChannels: output.channels, activation: activation)
        case .add: self = .add(input, activation: activation)
        case .multiply: self = .multiply(input, activation: activation)
        case .maxPool: self = .maxPool(window: window, input: input, output: output)
        case .averagePool: self = .averagePool(window: window, input: input, output: output)
        case .concatenate: self = .concatenate(output: output)
        case .normalize: self = .normalize(input, activation: activation)
        case .activate: self = .activate(input, activation)
        case .elementwise: self = .elementwise(input, otherCount: others, activation: activation)
        case .memoryMove: self = .memoryMove(input: input, output: output)
        case .transposedConvolution:
            guard input.channels % groups == 0, output.channels % groups == 0 else { return nil }
            self = .transposedConvolution(
                window: window, groups: groups, input: input, output: output,
                epilogue: Epilogue(hasNormalization: true, activation: activation))
        case .batchedProduct:
            self = .batchedProduct(
                batches: input.width, rows: input.height, depth: input.channels, columns: output.channels,
                otherCount: others)
        case .softmax: self = .softmax(input)
        case .layerNormalization: self = .layerNormalization(input, epilogue: Epilogue(hasNormalization: true))
        case .reduce: self = .reduce(input: input, output: output)
        case .resize: self = .resize(input: input, output: output)
        case .function: self = .function(input)
        case .convert: self = .convert(input)
        }
        valueType = type
        guard self.key == key else { return nil }
    }
}

extension Substring {
    /// Reads 3 from "k3", but not from "k03" or "k+3".
    fileprivate func number(after prefix: String) -> Int? {
        guard hasPrefix(prefix), let value = Int(dropFirst(prefix.count)), value <= Limits.featureMap else { return nil }
        return value
    }

    /// Reads "k3" as (3, 3) and "k1x7" as (1, 7).
    fileprivate func sides(after prefix: String) -> (Int, Int)? {
        guard hasPrefix(prefix) else { return nil }
        let sides = dropFirst(prefix.count).split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard (1...2).contains(sides.count), sides.allSatisfy(Limits.imageSide.contains) else { return nil }
        return (sides[0], sides[sides.count - 1])
    }
}
