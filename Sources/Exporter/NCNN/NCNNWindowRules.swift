import Architectures

/// How a window moves along one side of a map.
private struct NCNNSpan {
    let size, stride, dilation: Int
    /// The padding on both ends; -233 and -234 stand for as much as keeps the side, divided by the stride.
    let before, after: Int

    /// From the first value under the window to the last.
    var extent: Int { (size - 1) * dilation + 1 }
    /// Whether the padding follows from the side.
    var isSame: Bool { before == -233 || before == -234 }
    var padding: Int { max(0, before) + max(0, after) }
}

/// The spans of a window along both sides.
private struct NCNNSpans {
    let width, height: NCNNSpan

    var window: Window {
        Window(
            height: height.size, width: width.size, verticalStride: height.stride, horizontalStride: width.stride)
    }
}

/// Layers that move a window over a map: convolutions and pools.
///
/// The layers whose names end in "1D" read a matrix of channels and places, as a map that is one row high.
extension NCNNLayer {
    private var isFlat: Bool { type.hasSuffix("1D") }

    /// The activation that the layer applies to its output.
    var fusedActivation: Activation {
        switch self[9, or: 0] {
        case 1, 2, 3: .relu
        case 6: .hardSwish
        // A gate's sigmoid is fused, and clamps and leaks cost as much as ReLU.
        default: .none
        }
    }

    private func checked(_ span: NCNNSpan) throws -> NCNNSpan {
        guard (1...32_768).contains(span.size), (1...32_768).contains(span.stride) else {
            throw problem("has a window of \(span.size) at stride \(span.stride); expected sides and strides from 1 to 32768")
        }
        guard (1...32_768).contains(span.dilation), max(span.before, span.after) <= 32_768 else {
            throw problem(
                "has a dilation of \(span.dilation) and a padding of \(max(span.before, span.after)); expected 32768 at most")
        }
        return span
    }

    /// A window that covers one value, along the side that a matrix does not have.
    private var single: NCNNSpan { NCNNSpan(size: 1, stride: 1, dilation: 1, before: 0, after: 0) }

    /// The window of a convolution.
    ///
    /// - Parameter weights: a blob with the weights, where they are not in the file of weights.
    private func convolutionSpans(_ weights: NCNNShape? = nil) throws -> NCNNSpans {
        let left = self[4, or: 0], size = weights?.width ?? self[1, or: 0]
        let width = try checked(
            NCNNSpan(
                size: size, stride: self[3, or: 1], dilation: self[2, or: 1], before: left, after: self[15, or: left]))
        if isFlat { return NCNNSpans(width: width, height: single) }
        let top = self[14, or: left]
        let height = try checked(
            NCNNSpan(
                size: weights?.height ?? self[11, or: size], stride: self[13, or: width.stride],
                dilation: self[12, or: width.dilation], before: top, after: self[16, or: top]))
        return NCNNSpans(width: width, height: height)
    }

    private func poolingSpans() throws -> NCNNSpans {
        let left = self[3, or: 0]
        let width = try checked(
            NCNNSpan(size: self[1, or: 0], stride: self[2, or: 1], dilation: 1, before: left, after: self[14, or: left]))
        if isFlat { return NCNNSpans(width: width, height: single) }
        let top = self[13, or: left]
        let height = try checked(
            NCNNSpan(
                size: self[11, or: width.size], stride: self[12, or: width.stride], dilation: 1, before: top,
                after: self[15, or: top]))
        return NCNNSpans(width: width, height: height)
    }

    /// What a blob is to a window.
    private func planes(of shape: NCNNShape) throws -> FeatureShape {
        let most = isFlat ? 2 : 3
        guard shape.sides.count <= most else {
            throw problem("reads a blob of \(shape), which has \(shape.sides.count) dimensions; expected \(most) at most")
        }
        return isFlat
            ? FeatureShape(height: 1, width: shape.width, channels: shape.height)
            : FeatureShape(height: shape.height, width: shape.width, channels: shape.channels)
    }

    /// The blob that a map is to the layers after it.
    private func blob(of channels: Int, _ height: Int, _ width: Int) throws -> NCNNShape {
        try shape(isFlat ? [channels, width] : [channels, height, width])
    }

    private func side(_ side: Int, under span: NCNNSpan) throws -> Int {
        if span.isSame { return (side + span.stride - 1) / span.stride }
        let places = side + span.padding - span.extent
        guard places >= 0 else {
            throw problem("has a window of \(span.extent), larger than its map of \(side) with its padding")
        }
        return places / span.stride + 1
    }

    /// - Throws: `FileError` where the groups do not divide the channels.
    private func check(groups: Int, inputs: Int, outputs: Int) throws {
        guard (1...1_048_576).contains(outputs), groups > 0, inputs % groups == 0, outputs % groups == 0 else {
            throw problem("makes \(outputs) channels of \(inputs) in \(groups) groups, which do not divide them")
        }
    }

    /// - Throws: `FileError` where the number of weights that the layer gives is another one.
    private func check(weights given: Int, window: Window, inputs: Int, outputs: Int) throws {
        let expected = Double(window.count) * Double(inputs) * Double(outputs)
        guard given == 0 || Double(given) == expected else {
            throw problem(
                "has \(given) weights; expected \(window.count)x\(inputs)x\(outputs), for the channels that it reads")
        }
    }

    func convolution(_ read: [NCNNShape]) throws -> NCNNWork? {
        let isDynamic = self[19, or: 0] == 1
        guard !isDynamic || read.count > 1 else { throw problem("reads no weights; expected them as the second input") }
        let weights = isDynamic ? read[1] : nil, input = try planes(of: read[0])
        let outputs = weights?.channels ?? self[0, or: 0], groups = type.contains("DepthWise") ? self[7, or: 1] : 1
        let spans = try convolutionSpans(weights), window = spans.window
        let epilogue = Operator.Epilogue(hasBias: self[5, or: 0] == 1, activation: fusedActivation)
        if !isFlat, !isDynamic, read[0].sides.count == 1, groups == 1, window.count == 1 {
            return try fullyConnected(read[0], epilogue)
        }
        try check(groups: groups, inputs: input.channels, outputs: outputs)
        let given = weights?.count ?? self[6, or: 0]
        try check(weights: given, window: window, inputs: input.channels / groups, outputs: outputs)
        let output = try blob(
            of: outputs, try side(input.height, under: spans.height), try side(input.width, under: spans.width))
        let step = Operator.convolution(
            window: window, groups: groups, input: input, output: try planes(of: output), epilogue: epilogue)
        return NCNNWork(step, output)
    }

    /// A convolution of one pixel over a vector, whose values are the channels.
    private func fullyConnected(_ input: NCNNShape, _ epilogue: Operator.Epilogue) throws -> NCNNWork {
        let outputs = self[0, or: 0]
        try check(groups: 1, inputs: input.count, outputs: outputs)
        try check(weights: self[6, or: 0], window: Window(side: 1), inputs: input.count, outputs: outputs)
        let step = Operator.fullyConnected(inputChannels: input.count, outputChannels: outputs, epilogue: epilogue)
        return NCNNWork(step, try shape([outputs]))
    }

    func transposedConvolution(_ read: [NCNNShape]) throws -> NCNNWork? {
        // The weights are another blob.
        if self[28, or: 0] == 1 { return nil }
        let input = try planes(of: read[0]), outputs = self[0, or: 0]
        let groups = type.contains("DepthWise") ? self[7, or: 1] : 1
        let spans = try convolutionSpans(), window = spans.window
        try check(groups: groups, inputs: input.channels, outputs: outputs)
        try check(weights: self[6, or: 0], window: window, inputs: input.channels / groups, outputs: outputs)
        func side(_ side: Int, _ span: NCNNSpan, more: Int, wanted: Int) throws -> Int {
            if span.isSame, wanted > 0 { return wanted }
            let whole = (side - 1) * span.stride + span.extent + more - span.padding
            guard whole > 0 else { throw problem("pads away its map of \(side); expected a smaller padding") }
            return whole
        }
        let right = self[18, or: 0], bottom = self[19, or: right]
        let wantedWidth = self[20, or: 0], wantedHeight = self[21, or: wantedWidth]
        let width = try side(input.width, spans.width, more: right, wanted: wantedWidth)
        let height = try isFlat ? 1 : side(input.height, spans.height, more: bottom, wanted: wantedHeight)
        let output = try blob(of: outputs, height, width)
        let step = Operator.transposedConvolution(
            window: window, groups: groups, input: input, output: try planes(of: output),
            epilogue: .init(hasBias: self[5, or: 0] == 1, activation: fusedActivation))
        return NCNNWork(step, output)
    }

    func pooling(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = try planes(of: read[0])
        if self[4, or: 0] == 1 {
            return NCNNWork(.globalAveragePool(input: input), try shape([input.channels]))
        }
        if self[7, or: 0] == 1 { return try adaptivePooling(input) }
        let spans = try poolingSpans(), mode = self[5, or: 0]
        func side(_ side: Int, _ span: NCNNSpan) throws -> Int {
            if mode >= 2 { return (side + span.stride - 1) / span.stride }
            let places = side + span.padding - span.size
            guard places >= 0 else { throw problem("has a window of \(span.size), larger than its map of \(side)") }
            // Mode 0 counts a last window that is not whole.
            return (mode == 0 ? places + span.stride - 1 : places) / span.stride + 1
        }
        let height = try side(input.height, spans.height)
        return try pool(input, spans.window, blob(of: input.channels, height, side(input.width, spans.width)))
    }

    private func pool(_ input: FeatureShape, _ window: Window, _ output: NCNNShape) throws -> NCNNWork {
        let map = try planes(of: output)
        return NCNNWork(
            self[0, or: 0] == 0
                ? .maxPool(window: window, input: input, output: map)
                : .averagePool(window: window, input: input, output: map), output)
    }

    /// Pooling to given sides; each window reaches over what its value stands for.
    private func adaptivePooling(_ input: FeatureShape) throws -> NCNNWork {
        let width = self[8, or: 0], height = isFlat ? 1 : self[18, or: width]
        func side(_ wanted: Int, of side: Int) throws -> Int {
            guard wanted > 0 || wanted == -233 else { throw problem("has an output side of \(wanted); expected 1 or more") }
            return wanted == -233 ? side : wanted
        }
        let output = try blob(of: input.channels, side(height, of: input.height), side(width, of: input.width))
        let map = try planes(of: output)
        if map.height == 1, map.width == 1 { return NCNNWork(.globalAveragePool(input: input), output) }
        let window = Window(
            height: (input.height + map.height - 1) / map.height, width: (input.width + map.width - 1) / map.width,
            verticalStride: max(1, input.height / map.height), horizontalStride: max(1, input.width / map.width))
        return try pool(input, window, output)
    }

    /// The values under every place of a window as a column of a matrix.
    func unfold(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = try planes(of: read[0]), spans = try convolutionSpans()
        let places = try side(input.height, under: spans.height) * side(input.width, under: spans.width)
        let output = try shape([spans.window.count * input.channels, places])
        return NCNNWork(.memoryMove(input: input, output: output.map), output)
    }
}
