import Files
import Graphs

/// Fourier transforms and the windows that go with them.
///
/// A runtime computes a transform of n values in log₂ n passes over all of them (Cooley and Tukey, 1965), each of which is
/// a function of every value: there is no product of matrices, so no multiply-accumulate counts.
extension ONNXGraphReader {
    /// The transform of a map whose last side is 1 for numbers, or 2 for complex ones.
    mutating func readFourierTransform(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard rank >= 2, let parts = input.shape.last, (1...2).contains(parts) else {
            throw node.problem("expected values whose last side is 1 or 2, found \(input.shape)")
        }
        // Since opset 20, the axis is an input.
        let given = try opset >= 20 ? integers(node, "axis", orInput: 2)?.first ?? -2 : node.proto.int("axis", default: 1)
        let axis = try normalized([given], rank: rank, node)[0]
        guard axis < rank - 1 else { throw node.problem("axis \(given) is that of the parts of complex numbers") }
        let isHalf = node.proto.int("onesided", default: 0) != 0
        let isInverse = node.proto.int("inverse", default: 0) != 0
        let own = isHalf && isInverse ? 2 * (input.shape[axis] - 1) : input.shape[axis]
        let length = try integers(node, "dft_length", orInput: 1)?.first ?? own
        guard (1...Self.windowLimit).contains(length) else { throw node.problem("a transform of \(length) values") }
        var shape = input.shape
        shape[axis] = isHalf && !isInverse ? length / 2 + 1 : length
        shape[rank - 1] = isHalf && isInverse ? 1 : 2
        if input.isConstant { return try define(node, constant: shape, type: input.type, numbers: nil, from: [input]) }
        var whole = input.shape
        whole[axis] = length
        try transform(node, index(node, 0), sides: whole, length: length, to: shape)
    }

    /// The transforms of windows that move along a signal [batch, length], perhaps with a last side of 1 or 2.
    mutating func readShortTimeTransform(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard (2...3).contains(input.shape.count), let step = try integers(node, "frame_step", orInput: 1)?.first, step > 0 else {
            throw node.problem("expected a signal [batch, length] and a frame_step from 1, found \(input.shape)")
        }
        let window = try optionalValue(node, 2)
        guard let length = try integers(node, "frame_length", orInput: 3)?.first ?? window?.count,
            (1...min(Self.windowLimit, max(1, input.shape[1]))).contains(length), window == nil || window?.count == length
        else { throw node.problem("expected a frame_length or a window within the \(input.shape[1]) values of the signal") }
        let frames = (input.shape[1] - length) / step + 1
        let bins = node.proto.int("onesided", default: 1) != 0 ? length / 2 + 1 : length
        let shape = [input.shape[0], frames, bins, 2]
        if input.isConstant { return try define(node, constant: shape, type: input.type, numbers: nil, from: [input]) }
        let cut: [Int] = [input.shape[0], frames, length] + input.shape.dropFirst(2)
        var read = try emit(node, .move, reading: [index(node, 0)], shape: cut, type: input.type)
        if window != nil {
            read = try emit(node, .binary(.multiply), reading: [read, index(node, 2)], shape: cut, type: input.type)
        }
        try transform(node, read, sides: cut, length: length, to: shape)
    }

    /// Adds the passes of a transform, and defines the node's output.
    ///
    /// - Parameters:
    ///   - sides: of what is transformed.
    ///   - length: of each transform.
    private mutating func transform(
        _ node: ONNXNode, _ input: Int, sides: [Int], length: Int, to shape: [Int]
    ) throws(FileError) {
        let type = graph.values[input].type
        var last = input
        var reach = 2
        while reach < length {
            last = try emit(node, .function(.other), reading: [last], shape: sides, type: type)
            reach *= 2
        }
        try define(node, written: emit(node, .function(.other), reading: [last], shape: shape, type: type))
    }

    /// Windows and matrices of filters, which are constants.
    mutating func readWindow(_ node: ONNXNode) throws(FileError) {
        var sides: [Int] = []
        for place in 0..<(node.kind == "MelWeightMatrix" ? 2 : 1) {
            let given = try value(node, place)
            guard let number = given.integers?.first, given.count == 1, (1...Self.windowLimit).contains(number) else {
                throw node.problem("expected sizes from 1 to \(Self.windowLimit) that do not depend on the image\(blamed(given))")
            }
            sides.append(number)
        }
        // Rows for the frequencies of a transform, columns for the filters.
        let shape = sides.count == 2 ? [sides[1] / 2 + 1, sides[0]] : sides
        let code = node.proto.int("output_datatype", default: Int(ONNXDataType.float))
        try define(
            node, constant: shape, type: ONNXDataType.element(Int32(truncatingIfNeeded: code)), numbers: nil, from: [])
    }
}
