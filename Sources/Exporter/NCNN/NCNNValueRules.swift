import Architectures

/// Layers that work value by value, and those that normalise or sum up.
extension NCNNLayer {
    func activation(_ activation: Activation) -> Rule {
        { read in NCNNWork(.activate(read[0].map, activation), read[0]) }
    }

    /// A slope for the negative values of each channel, or one for all, which is trained.
    func leak(_ read: [NCNNShape]) throws -> NCNNWork? {
        var step = Operator.activate(read[0].map, .relu)
        step.trainedCount = max(0, self[0, or: 0])
        return NCNNWork(step, read[0])
    }

    /// A trained offset for each channel.
    func offsets(_ read: [NCNNShape]) throws -> NCNNWork? {
        let planes = read[0].planes
        var step = Operator.elementwise(planes, otherCount: planes.channels)
        step.trainedCount = planes.channels
        return NCNNWork(step, read[0])
    }

    func scale(_ read: [NCNNShape]) throws -> NCNNWork? {
        // The factors are another blob.
        if self[0, or: 0] == -233 { return try elementwise(read) }
        return NCNNWork(.normalize(read[0].planes), read[0])
    }

    /// Blobs of one shape, or of shapes that fit.
    func elementwise(_ read: [NCNNShape]) throws -> NCNNWork? {
        var output = read[0]
        for other in read.dropFirst() { output = try broadcast(output, other) }
        let others = read.map(\.count).sorted().dropLast().reduce(0, +)
        return NCNNWork(.elementwise(output.map, otherCount: max(1, others)), output)
    }

    func binary(_ read: [NCNNShape]) throws -> NCNNWork? {
        // With one number the layer reads the first blob alone.
        try elementwise(self[1, or: 0] == 1 ? Array(read.prefix(1)) : read)
    }

    /// The shape of values of two blobs, combined place by place.
    ///
    /// Of blobs of different dimensions, the sides of the smaller one are the outermost ones, as in channels and
    /// factors for them; if they do not fit there, the innermost ones.
    private func broadcast(_ first: NCNNShape, _ second: NCNNShape) throws -> NCNNShape {
        let large = first.sides.count < second.sides.count ? second.sides : first.sides
        let small = first.sides.count < second.sides.count ? first.sides : second.sides
        let ones = [Int](repeating: 1, count: large.count - small.count)
        for sides in [small + ones, ones + small]
        where zip(large, sides).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) {
            return try shape(zip(large, sides).map { max($0, $1) })
        }
        throw problem("combines blobs of \(first) and \(second); expected sides that are alike, or 1")
    }

    /// Halves of a blob, the first times the sigmoid of the second.
    func gate(_ read: [NCNNShape]) throws -> NCNNWork? {
        let axis = try place(of: self[0, or: 0], in: read[0])
        var sides = read[0].sides
        guard sides[axis] % 2 == 0 else { throw problem("halves a side of \(sides[axis]); expected an even one") }
        sides[axis] /= 2
        let output = try shape(sides)
        return NCNNWork(.elementwise(output.map, otherCount: output.count), output)
    }

    /// - Throws: `FileError` where the axes may count the batch, as those of files of before 2020 do, which ncnn refuses.
    private func check(axes: [Int], key: Int) throws {
        guard self[key, or: 0] != 0 || axes.isEmpty else {
            throw problem("has axes that may count the batch, as in files of before 2020, which ncnn refuses; expected \(key)=1")
        }
    }

    func softmax(_ read: [NCNNShape]) throws -> NCNNWork? {
        try check(axes: self[0, or: 0] == 0 ? [] : [self[0, or: 0]], key: 1)
        let axis = try place(of: self[0, or: 0], in: read[0])
        return NCNNWork(.softmax(read[0].rows(of: read[0].sides[axis])), read[0])
    }

    /// Normalisation of the innermost values: of a row, or of a whole channel.
    func rowNormalization(_ read: [NCNNShape]) throws -> NCNNWork? {
        let size = self[0, or: 0] == 0 ? read[0].width : self[0, or: 0]
        guard size > 0, read[0].count % size == 0 else {
            throw problem("normalises \(size) values at a time of a blob of \(read[0]); expected a divisor of its values")
        }
        let isTrained = self[2, or: 1] == 1, hasOffsets = type == "LayerNorm"
        let step = Operator.layerNormalization(
            read[0].rows(of: size),
            epilogue: .init(hasNormalization: isTrained && hasOffsets, hasBias: isTrained && !hasOffsets))
        return NCNNWork(step, read[0])
    }

    /// Normalisation of channels or of groups of them, with a factor for each channel where they are trained.
    func planeNormalization(_ read: [NCNNShape]) throws -> NCNNWork? {
        let epilogue: Operator.Epilogue =
            switch type {
            case "GroupNorm": .init(hasNormalization: self[3, or: 1] == 1)
            case "InstanceNorm": .init(hasNormalization: self[2, or: 1] == 1)
            case "Normalize": .init(hasBias: self[3, or: 0] > 1)
            default: .init()
            }
        return NCNNWork(.layerNormalization(read[0].planes, epilogue: epilogue), read[0])
    }

    func reduction(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0], sides = input.sides
        let isWhole = self[1, or: 1] == 1
        try check(axes: list(3) ?? [], key: 5)
        let axes = try isWhole ? Set(sides.indices) : Set((list(3) ?? []).map { try place(of: $0, in: input) })
        if axes.isEmpty { return NCNNWork(outputs: [input]) }
        let kept = sides.indices.filter { !axes.contains($0) }.map { sides[$0] }
        let all = sides.indices.map { axes.contains($0) ? 1 : sides[$0] }
        let output = try shape(self[4, or: 0] == 1 ? all : kept.isEmpty ? [1] : kept)
        let isPool = sides.count == 3 && axes == [1, 2] && [0, 3].contains(self[0, or: 0])
        return NCNNWork(isPool ? .globalAveragePool(input: input.map) : .reduce(input: input.map, output: output.map), output)
    }

    /// The mean of every channel, and its deviation where that is asked for.
    func statistics(_ read: [NCNNShape]) throws -> NCNNWork? {
        let output = try shape([read[0].channels * (self[0, or: 0] == 1 ? 2 : 1)])
        return NCNNWork(.reduce(input: read[0].map, output: output.map), output)
    }

    /// The boxes of a detector at every place of a map, of which its values do not matter (Liu et al., 2016,
    /// arXiv:1512.02325).
    func priorBoxes(_ read: [NCNNShape]) throws -> NCNNWork? {
        let smallest = list(0)?.count ?? 0, largest = list(1)?.count ?? 0, ratios = list(2)?.count ?? 0
        // With one input and no larger boxes, the ratios hold for the first size alone, and there are no variances.
        let isPlain = read.count == 1 && self[9, or: 0] == -233 && self[10, or: 0] == -233 && largest == 0
        let turned = self[7, or: 1] == 0 ? ratios : 2 * ratios
        let boxes = isPlain ? smallest + ratios - 1 : smallest * (1 + turned) + largest
        guard boxes <= 65_536 else { throw problem("makes \(boxes) boxes at every place; expected 65536 at most") }
        let values = 4 * read[0].width * read[0].height * boxes
        let output = try shape(isPlain ? [values] : [2, values])
        return NCNNWork(.memoryMove(input: output.map, output: output.map), output)
    }

    /// A row of a table for each value.
    func embedding(_ read: [NCNNShape]) throws -> NCNNWork? {
        let output = try shape([read[0].width, self[0, or: 0]])
        var step = Operator.memoryMove(input: output.map, output: output.map)
        let weights = self[3, or: 0]
        guard (0...1_073_741_824).contains(weights) else { throw problem("has \(weights) weights; expected 3=weights") }
        // The whole table is stored.
        step.trainedCount = weights + (self[2, or: 0] == 1 ? output.width : 0)
        if self[18, or: 0] != 0 { step.weightBits = 8 }
        return NCNNWork(step, output)
    }
}
