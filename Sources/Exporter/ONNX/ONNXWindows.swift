import Architectures
import Files
import Graphs

/// Operators that move a window over a map, and those that change its sides.
extension ONNXGraphReader {
    /// No side of a window, no stride and no padding is larger.
    static let windowLimit = 1 << 16

    /// An attribute that is a list of so many integers, each at least its usual value and at most `windowLimit`.
    func list(_ node: ONNXNode, _ name: String, count: Int, default value: Int) throws(FileError) -> [Int] {
        let list = node.proto.ints(name) ?? [Int](repeating: value, count: count)
        guard list.count == count, list.allSatisfy((value...Self.windowLimit).contains) else {
            throw node.problem("expected \(count) \(name) from \(value) to \(Self.windowLimit), found \(list.listed)")
        }
        return list
    }

    /// The window of a node, and the sides of its output.
    func slide(
        _ node: ONNXNode, kernel: [Int], over sides: [Int]
    ) throws(FileError) -> (window: Window, sides: [Int]) {
        let limit = Self.windowLimit
        guard kernel.count == sides.count, kernel.allSatisfy({ (1...limit).contains($0) }) else {
            throw node.problem("a window of \(kernel.listed)")
        }
        let strides = try list(node, "strides", count: sides.count, default: 1)
        let dilations = try list(node, "dilations", count: sides.count, default: 1)
        let pads = try list(node, "pads", count: 2 * sides.count, default: 0)
        let padding = node.proto.text("auto_pad")
        let roundsUp = node.proto.int("ceil_mode", default: 0) != 0
        var output: [Int] = []
        for index in sides.indices {
            let extent = dilations[index] * (kernel[index] - 1) + 1
            switch padding {
            case "SAME_UPPER", "SAME_LOWER":
                output.append((sides[index] + strides[index] - 1) / strides[index])
            case "", "NOTSET", "VALID":
                let (before, after) = padding == "VALID" ? (0, 0) : (pads[index], pads[index + sides.count])
                let room = sides[index] + before + after - extent
                guard room >= 0 else {
                    throw node.problem("a window of \(extent) on \(sides[index]) values padded to \(room + extent)")
                }
                var places = (room + (roundsUp ? strides[index] - 1 : 0)) / strides[index] + 1
                // A window that would start on the padding after the map does not count.
                if roundsUp, (places - 1) * strides[index] >= sides[index] + before { places -= 1 }
                output.append(places)
            default: throw node.problem("expected an auto_pad that ONNX has, found \(padding.named)")
            }
        }
        return (Self.window(kernel, strides), output)
    }

    /// A window of one side or of several. The places of a volume lie below each other, as the rows of an image.
    static func window(_ kernel: [Int], _ strides: [Int]) -> Window {
        let rows = kernel.count >= 2 ? kernel.count - 1 : 1
        return Window(
            height: kernel[..<rows].reduce(1, *), width: kernel[rows...].first ?? 1,
            verticalStride: strides[..<rows].reduce(1, *), horizontalStride: strides[rows...].first ?? 1)
    }

    /// The map that a node reads, of four dimensions or of three.
    ///
    /// - Parameter isVolume: whether it may have five.
    private func map(_ node: ONNXNode, isVolume: Bool = false) throws(FileError) -> ONNXValue {
        let input = try value(node, 0)
        guard (3...(isVolume ? 5 : 4)).contains(input.shape.count) else {
            throw node.problem("expected a map of three to \(isVolume ? "five" : "four") dimensions, found \(input.shape)")
        }
        return input
    }

    mutating func readPool(_ node: ONNXNode, type: ElementType? = nil) throws(FileError) {
        let input = try map(node, isVolume: true)
        let sides = Array(input.shape[2...])
        guard let kernel = node.proto.ints("kernel_shape"), kernel.count == sides.count else {
            throw node.problem("expected a kernel_shape of \(sides.count) sides")
        }
        let (window, output) = try slide(node, kernel: kernel, over: sides)
        let shape = Array(input.shape[..<2]) + output
        if input.isConstant {
            return try define(node, constant: shape, type: input.type, numbers: nil, from: [input])
        }
        let operation: GraphOperation =
            if node.proto.opType == "MaxPool" {
                .maxPool(window)
            } else if kernel == sides, sides.count < 3, output.allSatisfy({ $0 == 1 }) {
                .globalAveragePool
            } else {
                .averagePool(window)
            }
        try emit(node, operation, inputs: [0], shape: shape, type: type)
        if node.proto.output.count > 1, !node.proto.output[1].isEmpty {
            // The places of the largest values are written in the same pass.
            let index = try emit(node, .view, reading: [graph.nodes[graph.nodes.count - 1].output], shape: shape, type: .int64)
            try define(node, written: index, output: 1)
        }
    }

    /// The inverse of a pool, at the places that it wrote.
    mutating func readUnpool(_ node: ONNXNode) throws(FileError) {
        let input = try map(node)
        let rank = input.shape.count - 2
        guard let kernel = node.proto.ints("kernel_shape"), kernel.count == rank,
            kernel.allSatisfy((1...Self.windowLimit).contains)
        else { throw node.problem("expected a kernel_shape of \(rank) sides from 1 to \(Self.windowLimit)") }
        let strides = try list(node, "strides", count: rank, default: 1)
        let pads = try list(node, "pads", count: 2 * rank, default: 0)
        var shape = input.shape
        if let given = try optionalValue(node, 2) {
            guard let sides = given.integers, sides.count == shape.count else {
                throw node.problem("expected \(shape.count) sides that do not depend on the image\(blamed(given))")
            }
            shape = sides
        } else {
            for index in 0..<rank {
                let whole = (min(input.shape[index + 2], Self.windowLimit) - 1) * strides[index] + kernel[index]
                shape[index + 2] = whole - pads[index] - pads[index + rank]
            }
        }
        try emit(node, .move, inputs: [0, 1], shape: shape)
    }

    mutating func readGlobalPool(_ node: ONNXNode, type: ElementType? = nil) throws(FileError) {
        let input = try map(node, isVolume: true)
        if node.proto.int("channels_last", default: 0) != 0 {
            let shape = [input.shape[0]] + input.shape.dropFirst().dropLast().map { _ in 1 } + input.shape.suffix(1)
            return try emit(node, .reduction(.other), inputs: [0], shape: shape, type: type)
        }
        let sides = input.shape[2...], limit = 1 << 16
        let shape = input.shape[..<2] + sides.map { _ in 1 }
        if input.isConstant {
            return try define(node, constant: Array(shape), type: input.type, numbers: nil, from: [input])
        }
        let isMaximum = node.proto.opType == "GlobalMaxPool"
        guard !isMaximum || sides.allSatisfy((1...limit).contains) else { throw node.problem("a window of \(sides.listed)") }
        // The planes of a volume lie below each other.
        let isRow = sides.count == 1
        let window = Window(height: sides.dropLast(isRow ? 0 : 1).reduce(1, *), width: isRow ? 1 : sides[sides.endIndex - 1])
        let mean = sides.count == 3 ? GraphOperation.reduction(.other) : .globalAveragePool
        try emit(node, isMaximum ? .maxPool(window) : mean, inputs: [0], shape: Array(shape), type: type)
    }

    /// Interpolation: the sides are given, or factors of them, which an output is rounded down to.
    mutating func readResize(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let isOld = node.kind == "Upsample" || opset < 11
        let scalesPlace = isOld ? 1 : 2
        var axes = Array(input.shape.indices)
        if let given = node.proto.ints("axes") { axes = try normalized(given, rank: input.shape.count, node) }
        var shape = input.shape
        if !isOld, let sizes = try optionalValue(node, 3), sizes.count > 0 {
            guard var sizes = sizes.integers else {
                throw node.problem("expected sizes that do not depend on the image\(blamed(sizes))")
            }
            guard sizes.count == axes.count else { throw node.problem("expected \(axes.count) sizes, found \(sizes.count)") }
            let policy = node.proto.text("keep_aspect_ratio_policy")
            if policy == "not_larger" || policy == "not_smaller" {
                let ratios = zip(axes, sizes).map { Double($1) / Double(max(1, input.shape[$0])) }
                let ratio = policy == "not_larger" ? ratios.min() ?? 1 : ratios.max() ?? 1
                sizes = axes.map { Int(clamping: Double(input.shape[$0]) * ratio + 0.5) }
            }
            for (axis, size) in zip(axes, sizes) { shape[axis] = size }
        } else {
            let scales: [Double]
            if let attribute = node.proto.attribute("scales") {
                scales = attribute.floats.map(Double.init)
            } else if let value = try optionalValue(node, scalesPlace) {
                guard let numbers = value.numbers else {
                    throw node.problem("expected scales that do not depend on the image\(blamed(value))")
                }
                scales = numbers
            } else {
                throw node.problem("expected sizes or scales, found neither")
            }
            guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 65_536 }) else {
                throw node.problem("expected \(axes.count) scales above 0, found \(scales.listed)")
            }
            // A product of two float32 numbers, which may be rounded up to the next whole number.
            for (axis, scale) in zip(axes, scales) {
                shape[axis] = Int(clamping: Double((Float(input.shape[axis]) * Float(scale)).rounded(.down)))
            }
        }
        guard input.count == 0 || shape.allSatisfy({ $0 > 0 }) else {
            throw node.problem("expected sides of at least 1, found \(shape) of \(input.shape)")
        }
        if input.isConstant { return try define(node, constant: shape, type: input.type, numbers: nil, from: [input]) }
        if shape == input.shape { return try view(node, shape: shape) }
        try emit(node, .resize, inputs: [0], shape: shape)
    }

    /// Windows that are added up to the map that they were cut out of: [batch, channels · window, places].
    mutating func readWindowSum(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard let sides = try integers(node, "image_shape", orInput: 1), let window = try integers(node, "block_shape", orInput: 2)
        else { throw node.problem("expected the sides of an image and of a window") }
        guard input.shape.count == 3, window.count == sides.count, (sides + window).allSatisfy((1...Self.windowLimit).contains),
            (1...3).contains(sides.count), input.shape[1] % window.reduce(1, *) == 0
        else { throw node.problem("\(input.shape) is no list of windows \(window.listed) of an image \(sides.listed)") }
        try emit(node, .move, inputs: [0], shape: [input.shape[0], input.shape[1] / window.reduce(1, *)] + sides)
    }

    /// The places of an image that is turned or moved, from a matrix for each image and the sides of all.
    mutating func readAffineGrid(_ node: ONNXNode) throws(FileError) {
        let matrices = try value(node, 0)
        guard let sides = try integers(node, "sizes", orInput: 1), (4...5).contains(sides.count),
            matrices.shape == [sides[0], sides.count - 2, sides.count - 1]
        else { throw node.problem("expected the sides of images that \(matrices.shape) fits") }
        let shape = [sides[0]] + sides[2...] + [sides.count - 2]
        if matrices.isConstant {
            return try define(node, constant: shape, type: matrices.type, numbers: nil, from: [matrices])
        }
        try emit(node, .resize, inputs: [0], shape: shape)
    }

    mutating func readGridSample(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), grid = try value(node, 1), rank = input.shape.count
        guard (4...5).contains(rank), grid.shape.count == rank, grid.shape[rank - 1] == rank - 2 else {
            throw node.problem("expected a map of four dimensions or of five and a grid of places, found \(input.shape) and \(grid.shape)")
        }
        try emit(node, .resize, inputs: [0, 1], shape: Array(input.shape[..<2]) + Array(grid.shape[1..<rank - 1]))
    }

    /// Parts of maps, each interpolated to the same sides.
    mutating func readRegions(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), regions = try value(node, 1)
        let sides = node.proto.ints("pooled_shape")
            ?? [node.proto.int("output_height", default: 1), node.proto.int("output_width", default: 1)]
        guard input.shape.count == 4, regions.shape.count == 2, sides.count == 2, sides.allSatisfy((1...Self.windowLimit).contains)
        else {
            throw node.problem("expected a map and a list of regions, found \(input.shape), \(regions.shape) and sides \(sides)")
        }
        try emit(node, .resize, inputs: [0, 1, 2], shape: [regions.shape[0], input.shape[1]] + sides)
    }

    /// Pixels that become channels, or channels that become pixels.
    mutating func readDepthToSpace(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let side = node.proto.int("blocksize", default: 0)
        let s = input.shape
        guard s.count == 4, (1...4096).contains(side) else {
            throw node.problem("expected a map of four dimensions and a blocksize from 1, found \(s) and \(side)")
        }
        let shape: [Int]
        if node.kind == "DepthToSpace" {
            guard s[1] % (side * side) == 0 else { throw node.problem("\(s[1]) channels are no blocks of \(side)x\(side)") }
            shape = [s[0], s[1] / (side * side), s[2] * side, s[3] * side]
        } else {
            guard s[2] % side == 0, s[3] % side == 0 else { throw node.problem("\(s) has no whole blocks of \(side)x\(side)") }
            shape = [s[0], s[1] * side * side, s[2] / side, s[3] / side]
        }
        try emit(node, .move, inputs: [0], shape: shape)
    }

    // MARK: - Normalisation

    mutating func readBatchNormalization(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.shape.count >= 2 else { throw node.problem("expected a map, found \(input.shape)") }
        for part in 1...4 {
            let values = try value(node, part)
            if values.count != input.shape[1] {
                throw node.problem("expected \(input.shape[1]) values, one a channel, found \(values.count)")
            }
        }
        let all = try inputs(node)
        if all.allSatisfy(\.isConstant) {
            // The mean and the variance are no weights.
            try define(node, normalized: input, by: all[1...2])
        } else {
            try emit(node, .batchNormalization, inputs: [0, 1, 2, 3, 4], shape: input.shape)
        }
        // The statistics of a training, which nothing reads where a network runs.
        for output in 1..<max(1, node.proto.output.count) {
            try define(
                node, ONNXValue(constant: [input.shape[1]], type: input.type, numbers: nil, blame: node.place), output: output)
        }
    }

    /// Defines weights that are standardised. Factors and offsets that nodes hold are no weights.
    private mutating func define(
        _ node: ONNXNode, normalized weights: ONNXValue, by vectors: ArraySlice<ONNXValue>
    ) throws(FileError) {
        let trained = [weights] + vectors.filter { $0.weights != nil }
        try define(node, constant: weights.shape, type: weights.type, numbers: nil, from: trained)
    }

    mutating func readNormalization(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard rank > 0, input.count > 0 else { throw node.problem("expected a map, found \(input.shape)") }
        let size: Int
        switch node.kind {
        case "InstanceNormalization", "GroupNormalization":
            guard rank >= 3 else { throw node.problem("expected a map, found \(input.shape)") }
            let groups = node.kind == "GroupNormalization" ? node.proto.int("num_groups", default: 0) : input.shape[1]
            guard groups > 0, input.shape[1] % groups == 0 else {
                throw node.problem("\(input.shape[1]) channels in \(groups) groups")
            }
            size = input.count / input.shape[0] / groups
            // Until opset 20, a group had one factor and one offset.
            for place in 1...2 {
                let count = try value(node, place).count
                guard count == input.shape[1] || count == groups else {
                    throw node.problem("expected \(input.shape[1]) factors and offsets, one a channel, found \(count)")
                }
            }
        case "com.microsoft.GroupNorm", "com.microsoft.SkipGroupNorm":
            // Of maps whose channels stand last, or first where the node says so.
            let groups = node.proto.int("groups", default: 0)
            let channels = input.shape[node.proto.int("channels_last", default: 1) == 0 ? min(1, rank - 1) : rank - 1]
            guard rank >= 3, groups > 0, channels % groups == 0 else {
                throw node.problem("\(channels) channels in \(groups) groups")
            }
            size = input.count / input.shape[0] / groups
        case "LRN": size = input.shape[1 % rank]
        case "MeanVarianceNormalization": size = input.shape.dropFirst(2).reduce(1, *)
        case "LpNormalization":
            size = input.shape[try normalized([node.proto.int("axis", default: -1)], rank: rank, node)[0]]
        default:
            let axis = try normalized([node.proto.int("axis", default: -1)], rank: rank, node)[0]
            size = input.shape[axis...].reduce(1, *)
        }
        if let places = Self.sums[node.kind] { return try readNormalizedSum(node, places, size: size) }
        let all = try inputs(node)
        if node.proto.output.count == 1, all.allSatisfy(\.isConstant) {
            return try define(node, normalized: input, by: all.dropFirst())
        }
        try emit(node, .normalization(size: max(1, size)), inputs: [0, 1, 2], shape: input.shape)
        // The mean and the deviation of every row, which other nodes may read.
        guard ["LayerNormalization", "SimplifiedLayerNormalization", "com.microsoft.SimplifiedLayerNormalization"].contains(node.kind)
        else { return }
        let axis = try normalized([node.proto.int("axis", default: -1)], rank: rank, node)[0]
        let shape = input.shape.indices.map { $0 < axis ? input.shape[$0] : 1 }
        for output in node.proto.output.indices.dropFirst() where !node.proto.output[output].isEmpty {
            try emit(node, .reduction(.other), inputs: [0], shape: shape, output: output)
        }
    }

    /// Where ONNX Runtime's normalisations of a sum have what they read besides a map, and which output is the sum.
    private struct SumPlaces {
        let other: Int
        let bias: Int
        let vectors: [Int]
        let sum: Int
    }

    private static let sums = [
        "com.microsoft.SkipLayerNormalization": SumPlaces(other: 1, bias: 4, vectors: [2, 3], sum: 3),
        "com.microsoft.SkipSimplifiedLayerNormalization": SumPlaces(other: 1, bias: 3, vectors: [2], sum: 3),
        "com.microsoft.SkipGroupNorm": SumPlaces(other: 3, bias: 4, vectors: [1, 2], sum: 1),
    ]

    private mutating func readNormalizedSum(_ node: ONNXNode, _ places: SumPlaces, size: Int) throws(FileError) {
        let input = try value(node, 0)
        var sum = try index(node, 0)
        // The bias, which is that of the product before, and then the other map.
        for place in (node.proto.optionalInput(places.bias) == nil ? [] : [places.bias]) + [places.other] {
            sum = try emit(node, .binary(.add), reading: [sum, index(node, place)], shape: input.shape, type: input.type)
        }
        var read = [sum]
        for place in places.vectors { read += try optionalIndex(node, place) }
        let output = try emit(node, .normalization(size: size), reading: read, shape: input.shape, type: input.type)
        try define(node, written: output)
        if node.proto.output.count > places.sum { try define(node, written: sum, output: places.sum) }
    }

    mutating func readSoftmax(_ node: ONNXNode, type: ElementType? = nil) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard rank > 0 else { return try readUnary(node, .function(.other)) }
        let axis = try normalized([node.proto.int("axis", default: opset >= 13 ? -1 : 1)], rank: rank, node)[0]
        if input.isConstant { return try define(node, constant: input.shape, type: input.type, numbers: nil, from: [input]) }
        try emit(
            node, .softmax(size: opset >= 13 ? input.shape[axis] : input.shape[axis...].reduce(1, *)), inputs: [0],
            shape: input.shape, type: type)
    }

    /// Axes counted from the first.
    func normalized(_ axes: [Int], rank: Int, _ node: ONNXNode) throws(FileError) -> [Int] {
        var all: [Int] = []
        for axis in axes {
            guard (-rank..<rank).contains(axis) else { throw node.problem("axis \(axis) of \(rank) dimensions") }
            all.append(axis < 0 ? axis + rank : axis)
        }
        return all
    }
}

extension Int {
    /// The whole number next below, within the range of integers.
    init(clamping number: Double) {
        self = number.isNaN ? 0 : number >= 9e18 ? .max : number <= -9e18 ? .min : Int(number)
    }
}
