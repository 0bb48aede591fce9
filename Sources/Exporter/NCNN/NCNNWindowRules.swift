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

/// The spans of a window along the sides of a map or of a volume.
private struct NCNNSpans {
    let width, height, depth: NCNNSpan

    /// The planes of a volume lie below each other.
    var window: Window {
        Window(
            height: depth.size * height.size, width: width.size, verticalStride: depth.stride * height.stride,
            horizontalStride: width.stride)
    }
}

/// Layers that move a window over a map: convolutions and pools.
///
/// The layers whose names end in "1D" read a matrix of channels and places, as a map that is one row high; those in "3D" read
/// a volume.
extension NCNNLayer {
    private var isFlat: Bool { type.hasSuffix("1D") }
    private var isVolume: Bool { type.hasSuffix("3D") }

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

    /// A window that covers one value, along a side that a blob does not have.
    private var single: NCNNSpan { NCNNSpan(size: 1, stride: 1, dilation: 1, before: 0, after: 0) }

    /// The window of a convolution.
    ///
    /// - Parameter weights: a blob with the weights, where they are not in the file of weights.
    private func convolutionSpans(_ weights: NCNNShape? = nil) throws -> NCNNSpans {
        let left = self[4, or: 0], size = weights?.width ?? self[1, or: 0]
        let width = try checked(
            NCNNSpan(
                size: size, stride: self[3, or: 1], dilation: self[2, or: 1], before: left, after: self[15, or: left]))
        if isFlat { return NCNNSpans(width: width, height: single, depth: single) }
        let top = self[14, or: left]
        let height = try checked(
            NCNNSpan(
                size: weights?.height ?? self[11, or: size], stride: self[13, or: width.stride],
                dilation: self[12, or: width.dilation], before: top, after: self[16, or: top]))
        if !isVolume { return NCNNSpans(width: width, height: height, depth: single) }
        let front = self[24, or: left]
        let depth = try checked(
            NCNNSpan(
                size: self[21, or: size], stride: self[23, or: width.stride], dilation: self[22, or: width.dilation],
                before: front, after: self[17, or: front]))
        return NCNNSpans(width: width, height: height, depth: depth)
    }

    private func poolingSpans() throws -> NCNNSpans {
        let left = self[3, or: 0]
        let width = try checked(
            NCNNSpan(size: self[1, or: 0], stride: self[2, or: 1], dilation: 1, before: left, after: self[14, or: left]))
        if isFlat { return NCNNSpans(width: width, height: single, depth: single) }
        let top = self[13, or: left]
        let height = try checked(
            NCNNSpan(
                size: self[11, or: width.size], stride: self[12, or: width.stride], dilation: 1, before: top,
                after: self[15, or: top]))
        if !isVolume { return NCNNSpans(width: width, height: height, depth: single) }
        let front = self[23, or: left]
        let depth = try checked(
            NCNNSpan(
                size: self[21, or: width.size], stride: self[22, or: width.stride], dilation: 1, before: front,
                after: self[16, or: front]))
        return NCNNSpans(width: width, height: height, depth: depth)
    }

    /// What a blob is to a window.
    private func planes(of shape: NCNNShape) throws -> FeatureShape {
        let most = isFlat ? 2 : isVolume ? 4 : 3
        guard shape.sides.count <= most else {
            throw problem("reads a blob of \(shape), which has \(shape.sides.count) dimensions; expected \(most) at most")
        }
        return isFlat
            ? FeatureShape(height: 1, width: shape.width, channels: shape.height)
            : FeatureShape(height: shape.depth * shape.height, width: shape.width, channels: shape.channels)
    }

    /// The blob that a window makes of another one.
    ///
    /// - Parameter side: from a side, the span along it and its place, 0 for the width, 1 for the height and 2 for the depth, to
    ///   a side of the result.
    private func blob(
        of channels: Int, _ input: NCNNShape, under spans: NCNNSpans, _ side: (Int, NCNNSpan, _ place: Int) throws -> Int
    ) throws -> NCNNShape {
        var sides = [try side(input.width, spans.width, 0)]
        if !isFlat { sides.insert(try side(input.height, spans.height, 1), at: 0) }
        if isVolume { sides.insert(try side(input.depth, spans.depth, 2), at: 0) }
        return try shape([channels] + sides)
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
            let channels = Double(given) / (Double(window.count) * Double(outputs))
            throw problem(
                "has \(given) weights; expected \(window.count)x\(inputs)x\(outputs), for the channels that it reads"
                    + (channels >= 1 && channels == channels.rounded() ? "; the weights are those of \(Int(channels))" : ""))
        }
    }

    /// Whether the weights of a convolution are the second blob that it reads.
    var readsWeights: Bool { type.contains("Convolution") && self[19, or: 0] == 1 }

    func convolution(_ read: [NCNNShape]) throws -> NCNNWork? {
        let isDynamic = readsWeights
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
        let output = try blob(of: outputs, read[0], under: spans) { side, span, _ in try self.side(side, under: span) }
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
        // What is added at the ends, and the sides of the result where padding follows from them: width, height and depth.
        let wantedKey = isVolume ? 25 : 20
        let more = self[18, or: 0], wanted = self[wantedKey, or: 0]
        let output = try blob(of: outputs, read[0], under: spans) { side, span, place in
            let given = self[wantedKey + place, or: wanted]
            if span.isSame, given > 0 { return given }
            let whole = (side - 1) * span.stride + span.extent + self[18 + place, or: more] - span.padding
            guard whole > 0 else { throw problem("pads away its map of \(side); expected a smaller padding") }
            return whole
        }
        let step = Operator.transposedConvolution(
            window: window, groups: groups, input: input, output: try planes(of: output),
            epilogue: .init(hasBias: self[5, or: 0] == 1, activation: fusedActivation))
        return NCNNWork(step, output)
    }

    func pooling(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = try planes(of: read[0])
        if self[4, or: 0] == 1 { return NCNNWork(mean(of: input), try shape([input.channels])) }
        if self[7, or: 0] == 1 { return try adaptivePooling(read[0]) }
        let spans = try poolingSpans(), mode = self[5, or: 0]
        let output = try blob(of: input.channels, read[0], under: spans) { side, span, _ in
            if mode >= 2 { return (side + span.stride - 1) / span.stride }
            let places = side + span.padding - span.size
            guard places >= 0 else { throw problem("has a window of \(span.size), larger than its map of \(side)") }
            // Mode 0 counts a last window that is not whole.
            return (mode == 0 ? places + span.stride - 1 : places) / span.stride + 1
        }
        return try pool(input, spans.window, output)
    }

    /// One value for each channel.
    private func mean(of input: FeatureShape) -> Operator {
        isVolume ? .reduce(input: input, output: input.pooled) : .globalAveragePool(input: input)
    }

    private func pool(_ input: FeatureShape, _ window: Window, _ output: NCNNShape) throws -> NCNNWork {
        let map = try planes(of: output)
        return NCNNWork(
            self[0, or: 0] == 0
                ? .maxPool(window: window, input: input, output: map)
                : .averagePool(window: window, input: input, output: map), output)
    }

    /// Pooling to given sides; each window reaches over what its value stands for.
    private func adaptivePooling(_ read: NCNNShape) throws -> NCNNWork {
        let input = try planes(of: read), width = self[8, or: 0]
        let spans = NCNNSpans(width: single, height: single, depth: single)
        let output = try blob(of: input.channels, read, under: spans) { side, _, place in
            let wanted = self[8 + 10 * place, or: width]
            guard wanted > 0 || wanted == -233 else { throw problem("has an output side of \(wanted); expected 1 or more") }
            return wanted == -233 ? side : wanted
        }
        let map = try planes(of: output)
        if map.height == 1, map.width == 1 { return NCNNWork(mean(of: input), output) }
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

    /// The inverse of `unfold`: columns that are added up to a map of given sides.
    func fold(_ read: [NCNNShape]) throws -> NCNNWork? {
        let columns = read[0], count = try convolutionSpans().window.count, width = self[20, or: 0]
        guard columns.sides.count == 2, columns.height % count == 0 else {
            throw problem("reads a blob of \(columns); expected a column for each place of a window of \(count) values")
        }
        let output = try shape([columns.height / count, self[21, or: width], width])
        return NCNNWork(.memoryMove(input: columns.map, output: output.map), output)
    }

    /// A convolution whose windows are bent: the values under them are interpolated first (Dai et al., 2017,
    /// arXiv:1703.06211).
    func deformableConvolution(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = try planes(of: read[0]), outputs = self[0, or: 0]
        let spans = try convolutionSpans(), window = spans.window
        try check(groups: 1, inputs: input.channels, outputs: outputs)
        try check(weights: self[6, or: 0], window: window, inputs: input.channels, outputs: outputs)
        let output = try blob(of: outputs, read[0], under: spans) { side, span, _ in try self.side(side, under: span) }
        let map = try planes(of: output)
        let sampled = FeatureShape(height: map.height, width: map.width, channels: input.channels * window.count)
        let product = Operator.convolution(
            window: Window(side: 1), groups: 1, input: sampled, output: map,
            epilogue: .init(hasBias: self[5, or: 0] == 1, activation: fusedActivation))
        return NCNNWork(steps: [.resize(input: input, output: sampled), product], outputs: [output])
    }

    /// A part of a map, its window of given sides; of how many parts, a run says.
    func region(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = try planes(of: read[0]), usual = type == "PSROIPooling" ? 7 : 0
        let channels = type == "PSROIPooling" ? self[3, or: 0] : input.channels
        let output = try shape([channels, self[1, or: usual], self[0, or: usual]])
        return NCNNWork(.resize(input: output.map, output: output.map), output)
    }
}
