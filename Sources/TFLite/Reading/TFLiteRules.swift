import Architectures
import Files
import Graphs

/// What each operator of TensorFlow Lite is in the neutral graph.
extension TFLiteGraphReader {
    mutating func readRule(_ node: TFLiteNode) throws(FileError) {
        switch node.step.operation {
        case .convolution(let window, let activation):
            let map = try node.shape(0, sides: 4), weights = try node.shape(1, sides: 4)
            guard map[3] % weights[3] == 0, weights[0] % (map[3] / weights[3]) == 0 else {
                throw node.problem("weights \(weights) do not fit a map \(map)")
            }
            try convolve(
                node, window, sides: (weights[1], weights[2]), groups: map[3] / weights[3], channels: weights[0], activation)
        case .depthwiseConvolution(let window, let activation):
            let map = try node.shape(0, sides: 4), weights = try node.shape(1, sides: 4)
            guard weights[0] == 1, weights[3] % map[3] == 0 else { throw node.problem("weights \(weights) do not fit a map \(map)") }
            try convolve(node, window, sides: (weights[1], weights[2]), groups: map[3], channels: weights[3], activation)
        case .transposedConvolution(let window, let activation):
            let weights = try node.shape(1, sides: 4)
            let map = try node.shape(2, sides: 4)
            guard let output = node.step.outputs.first.map({ model.tensors[$0].shape }), output.count == 4,
                weights[3] == map[3], output[3] == weights[0], output[0] == map[0]
            else { throw node.problem("weights \(weights) do not fit a map \(map) and its output") }
            let inputs = [try node.input(2), try node.input(1)] + node.step.inputs.dropFirst(3).compactMap(\.self)
            try emit(
                node, .transposedConvolution(try window.window(height: weights[1], width: weights[2], node), groups: 1),
                inputs: inputs, activation: activation)
        case .fullyConnected(let activation, _):
            let weights = try node.shape(1, sides: 2), count = model.tensors[try node.input(0)].count
            guard count > 0, count % weights[1] == 0 else {
                throw node.problem("weights \(weights) do not fit \(count) values")
            }
            try check(node, makes: [count / weights[1], weights[0]])
            let product = GraphProduct(batches: 1, rows: count / weights[1], depth: weights[1], columns: weights[0])
            try emit(node, .product(product), inputs: node.inputs, activation: activation)
        case .batchedProduct(let left, let right): try multiply(node, transposesLeft: left, transposesRight: right)
        case .arithmetic(let function, let activation):
            _ = try node.input(1)
            try emit(node, .binary(function.binary), inputs: node.inputs, activation: activation)
        case .averagePool(let height, let width, let window, let activation):
            let map = try node.shape(0, sides: 4)
            let isGlobal = height >= map[1] && width >= map[2] && window.padding == .valid
            try emit(
                node, isGlobal ? .globalAveragePool : .averagePool(try window.window(height: height, width: width, node)),
                inputs: [try node.input(0)], activation: activation)
        case .maxPool(let height, let width, let window, let activation):
            _ = try node.shape(0, sides: 4)
            try emit(
                node, .maxPool(try window.window(height: height, width: width, node)), inputs: [try node.input(0)],
                activation: activation)
        case .reduction(let code, _): try reduce(node, isMean: code == .mean)
        case .softmax: try softmax(node)
        case .concatenation(_, let activation):
            try emit(node, .concatenation, inputs: node.inputs, activation: activation)
        case .reshape: try view(node)
        case .leakyRelu: try emit(node, .function(.other), inputs: [try node.input(0)])
        case .branch, .composite: try emitEach(node, .unknown(node.step.operation.name))
        case .plain(let code): try readPlain(node, code)
        case .custom(let name): try emitEach(node, .unknown(name))
        }
    }

    private mutating func readPlain(_ node: TFLiteNode, _ code: TFLiteCode) throws(FileError) {
        func unary(_ operation: GraphOperation) throws(FileError) {
            try emit(node, operation, inputs: [try node.input(0)])
        }
        switch code {
        case .relu: try unary(.activation(.relu))
        case .relu6, .reluN1To1, .relu0To1: try unary(.activation(.relu6))
        case .logistic: try unary(.activation(.sigmoid))
        case .hardSwish: try unary(.activation(.hardSwish))
        case .gelu: try unary(.function(.gelu))
        case .squareRoot: try unary(.function(.squareRoot))
        case .tanh, .elu, .exponential, .negate, .absolute, .square, .reciprocalSquareRoot, .logarithm, .sine, .cosine, .floor,
            .ceiling, .round, .sign, .not, .fakeQuantize, .realPart, .imaginaryPart, .complexAbsolute:
            try unary(.function(.other))
        case .normalizationOfLength, .localNormalization:
            try unary(.normalization(size: max(1, model.tensors[try node.input(0)].shape.last ?? 1)))
        case .logSoftmax: try softmax(node)
        case .squeeze, .expandSides: try view(node)
        case .pad where isPartOfNext(node): try alias(node, try node.input(0))
        case .embeddingLookup: try emit(node, .lookup, inputs: [try node.input(0), try node.input(1)])
        case .gather where isTable(node), .gatherPlaces where isTable(node):
            try emit(node, .lookup, inputs: [try node.input(1), try node.input(0)])
        case .pad, .padValue, .mirrorPad, .transpose, .slice, .stridedSlice, .gather, .gatherPlaces, .tile, .broadcastTo,
            .spaceToDepth, .depthToSpace, .spaceToBatch, .batchToSpace, .reverse, .reverseSequence, .matrixOfDiagonal,
            .cumulativeSum, .dilate, .zeros, .oneHot, .updateSlice:
            try move(node, place: 0)
        case .fill, .scatter: try move(node, place: 1)
        case .shape, .rank: settle(node)
        case .readVariable: try emitState(node)
        case .assignVariable: try keep(node)
        case .randomNormal, .randomUniform, .randomChoice: try emit(node, .function(.other), inputs: [])
        case .placeOfMaximum, .placeOfMinimum: try unary(.reduction(.other))
        case .greatest:
            try unary(.reduction(.other))
            // The same pass finds the places.
            for output in node.step.outputs.dropFirst() {
                try emit(node.writing(output), .view, inputs: node.step.outputs.prefix(1).map(\.self))
            }
        case .anyOfSides, .allOfSides: try reduce(node, isMean: false)
        case .longShortTermMemory, .recurrence, .filteredMemory, .sequenceOfRecurrence, .sequenceOfLongShortTermMemory,
            .sequencesOfRecurrence, .sequencesOfLongShortTermMemory:
            try recur(node, code)
        case .volumeConvolution, .transposedVolumeConvolution: try convolveVolume(node, code)
        case .pack: try emit(node, .concatenation, inputs: node.inputs)
        case .unpack, .split, .splitBySizes: try emitEach(node, .move)
        case .resizeBilinear, .resizeNearest: try unary(.resize)
        case .quantize: try unary(.quantization(isDynamic: false))
        case .dequantize: try unary(.dequantization)
        case .cast, .bitCast: try unary(.cast)
        case .maximum, .minimum, .power, .squaredDifference, .prelu, .sumOfAll, .select, .selectOfBroadcast, .equal, .notEqual,
            .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .exclusiveOr, .shiftRight, .flooredQuotient, .remainder,
            .angle, .replaceDiagonal:
            _ = try node.input(1)
            let function: GraphOperation.Binary =
                switch code {
                case .maximum: .maximum
                case .minimum: .minimum
                case .power: .power
                case .prelu: .slope
                case .sumOfAll: .add
                default: .other
                }
            try emit(node, .binary(function), inputs: node.inputs)
        default: try emitEach(node, .unknown(code.description))
        }
    }

    private mutating func convolve(
        _ node: TFLiteNode, _ window: TFLiteWindow, sides: (height: Int, width: Int), groups: Int, channels: Int,
        _ activation: TFLiteActivation
    ) throws(FileError) {
        guard let output = node.step.outputs.first, model.tensors[output].shape.last == channels else {
            let weights = model.tensors[try node.input(1)].shape
            throw node.problem("its output does not have as many channels as its weights \(weights)")
        }
        let operation = GraphOperation.convolution(
            try window.window(height: sides.height, width: sides.width, node), groups: groups)
        let map = try node.shape(0, sides: 4)
        let rows = window.places(
            along: map[1], window: sides.height, stride: window.verticalStride, dilation: window.verticalDilation)
        let columns = window.places(
            along: map[2], window: sides.width, stride: window.horizontalStride, dilation: window.horizontalDilation)
        try check(node, makes: [map[0], rows, columns, channels])
        try emit(node, operation, inputs: node.inputs, activation: activation)
    }

    /// Copies an input. What else is computed, such as places and sides, is read too.
    private mutating func move(_ node: TFLiteNode, place: Int) throws(FileError) {
        let moved = try node.input(place)
        try emit(node, .move, inputs: [moved] + node.inputs.filter { $0 != moved && !isConstant($0) })
    }

    /// Whether the first input is a table of constants, of which the image chooses rows.
    private func isTable(_ node: TFLiteNode) -> Bool { node.inputs.first.map { isConstant($0) } == true }

    /// A recurrent layer: values [..., inputs] of one image and, among its further inputs, constant matrices [outputs, inputs],
    /// each of which is multiplied by one row of values after another, and the vectors beside them. Filters over what was kept
    /// of earlier values are matrices too.
    private mutating func recur(_ node: TFLiteNode, _ code: TFLiteCode) throws(FileError) {
        let input = try node.input(0), values = model.tensors[input]
        let stored = node.inputs.dropFirst().filter { isConstant($0) && model.tensors[$0].count > 0 }
        let matrices = stored.filter { model.tensors[$0].shape.count == 2 }
        guard let depth = values.shape.last, depth > 0, !matrices.isEmpty else {
            return try emitEach(node, .unknown(code.description))
        }
        let rows = values.count / depth, most = Self.countLimit / max(1, rows)
        // The others compute one step of each image of a batch.
        let isSequence = [.sequenceOfRecurrence, .sequenceOfLongShortTermMemory, .sequencesOfRecurrence,
            .sequencesOfLongShortTermMemory].contains(code)
        let timeSteps = isSequence ? max(1, rows) : 1
        if timeSteps > 1 { assume(Graph.recurrenceAssumption) }
        var parts: [Int] = []
        for matrix in matrices {
            let sides = model.tensors[matrix].shape
            guard sides.allSatisfy({ $0 <= most }) else { throw node.problem("weights \(sides) do not fit \(values.shape)") }
            let product = GraphProduct(batches: 1, rows: rows, depth: sides[1], columns: sides[0], timeSteps: timeSteps)
            parts.append(try emitPart(node, .product(product), inputs: [input, matrix], shape: [rows, sides[0]]))
        }
        let vectors = stored.filter { model.tensors[$0].shape.count == 1 }
        try emit(node, .function(.other), after: parts, inputs: vectors)
        for output in node.step.outputs.dropFirst() {
            try emit(node.writing(output), .move, after: [parts[parts.count - 1]], inputs: [])
        }
    }

    /// A convolution over volumes [batch, depth, height, width, channels], priced as the product of patches and weights. Weights
    /// are [depth, height, width, input channels, output channels], or the channels the other way round where it is transposed.
    private mutating func convolveVolume(_ node: TFLiteNode, _ code: TFLiteCode) throws(FileError) {
        let weights = try node.shape(1, sides: 5), isTransposed = code == .transposedVolumeConvolution
        let input = try node.input(isTransposed ? 2 : 0), map = model.tensors[input].shape
        guard let output = node.step.outputs.first, map.count == 5, map[4] > 0 else {
            throw node.problem("expected a volume [batch, depth, height, width, channels], found \(map)")
        }
        guard map[4] == weights[isTransposed ? 4 : 3], model.tensors[output].shape.last == weights[isTransposed ? 3 : 4] else {
            throw node.problem("weights \(weights) do not fit \(map) and \(model.tensors[output].shape)")
        }
        let taps = weights[..<3].reduce(1, *)
        let product =
            isTransposed
            ? GraphProduct(batches: 1, rows: model.tensors[input].count / map[4], depth: map[4], columns: taps * weights[3])
            : GraphProduct(
                batches: 1, rows: model.tensors[output].count / weights[4], depth: taps * map[4], columns: weights[4])
        guard product.rows <= (1 << 40) / max(product.depth, product.columns) else {
            throw node.problem("expected patches of at most 2⁴⁰ values, found more")
        }
        let biases = node.step.inputs.dropFirst(isTransposed ? 3 : 2).compactMap(\.self)
        try emit(node, .product(product), inputs: [input, try node.input(1)] + biases)
    }

    /// The same values under another shape.
    private mutating func view(_ node: TFLiteNode) throws(FileError) {
        let input = try node.input(0)
        try check(node, makes: model.tensors[input].shape)
        try emit(node, .view, inputs: [input])
    }

    private mutating func multiply(_ node: TFLiteNode, transposesLeft: Bool, transposesRight: Bool) throws(FileError) {
        let left = model.tensors[try node.input(0)].shape, right = model.tensors[try node.input(1)].shape
        guard left.count >= 2, right.count >= 2, (left + right).allSatisfy({ $0 > 0 }) else {
            throw node.problem("expected two lists of matrices, found \(left) and \(right)")
        }
        let (rows, depth) = transposesLeft ? (left[left.count - 1], left[left.count - 2]) : (left[left.count - 2], left[left.count - 1])
        let (inner, columns) =
            transposesRight ? (right[right.count - 1], right[right.count - 2]) : (right[right.count - 2], right[right.count - 1])
        guard inner == depth else { throw node.problem("\(left) and \(right) do not fit each other") }
        // Sides of 1 are repeated.
        let rank = max(left.count, right.count) - 2
        func sides(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: rank + 2 - shape.count) + shape.dropLast(2) }
        let pairs = Array(zip(sides(left), sides(right)))
        guard pairs.allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
            throw node.problem("\(left) and \(right) do not fit each other")
        }
        let batches = pairs.map { max($0, $1) }
        try check(node, makes: batches + [rows, columns])
        try emit(
            node, .product(GraphProduct(batches: batches.reduce(1, *), rows: rows, depth: depth, columns: columns)),
            inputs: [try node.input(0), try node.input(1)])
    }

    private mutating func reduce(_ node: TFLiteNode, isMean: Bool) throws(FileError) {
        let input = try node.input(0), shape = model.tensors[input].shape
        let given = try node.input(1)
        guard isConstant(given) else {
            throw node.problem("expected axes that do not depend on the image, found others")
        }
        // Axes that follow from constants are not computed here.
        let axes = Set((model.tensors[given].integers ?? []).map { $0 < 0 ? $0 + shape.count : $0 })
        let operation: GraphOperation =
            isMean && shape.count == 4 && axes == [1, 2]
            ? .globalAveragePool : .reduction(isMean && axes == [shape.count - 1] ? .meanOfRows : .other)
        try emit(node, operation, inputs: [input])
    }

    private mutating func softmax(_ node: TFLiteNode) throws(FileError) {
        let input = try node.input(0)
        try emit(node, .softmax(size: max(1, model.tensors[input].shape.last ?? 1)), inputs: [input])
    }
}

extension TFLiteArithmetic {
    fileprivate var binary: GraphOperation.Binary {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        }
    }
}

extension TFLiteWindow {
    /// The window of the neutral graph. A dilated window reads as many values as one that is not.
    fileprivate func window(height: Int, width: Int, _ node: TFLiteNode) throws(FileError) -> Window {
        let limit = 1 << 20
        let steps = [verticalStride, horizontalStride, verticalDilation, horizontalDilation]
        guard (1...limit).contains(height), (1...limit).contains(width), steps.allSatisfy((1...limit).contains) else {
            throw node.problem("expected a window, strides and dilations from 1 to \(limit), found \(height)x\(width) and \(steps)")
        }
        return Window(height: height, width: width, verticalStride: verticalStride, horizontalStride: horizontalStride)
    }

    /// How many places it has along a side of a map; 0 where it does not fit.
    fileprivate func places(along side: Int, window: Int, stride: Int, dilation: Int) -> Int {
        guard padding == .valid else { return (side + stride - 1) / stride }
        let extent = (window - 1) * dilation + 1
        return side < extent ? 0 : (side - extent) / stride + 1
    }
}
