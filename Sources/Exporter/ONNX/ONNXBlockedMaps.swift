import Files
import Graphs

/// ONNX Runtime's operators on maps whose channels lie in blocks of eight or sixteen, which a model has that was saved after
/// its layout was optimised for one kind of processor. The sides are still [batch, channels, height, width]. Zeros fill the
/// last block, and the runtime multiplies them too.
extension ONNXGraphReader {
    private static let narrowestBlock = 8, widestBlock = 16
    private static let blockAssumption =
        "the model was saved with its channels in blocks, for one kind of processor: zeros that fill a block count, as they are "
        + "multiplied there"

    /// Returns whether there is a rule.
    mutating func readBlocked(_ node: ONNXNode) throws(FileError) -> Bool {
        switch node.kind {
        case "com.microsoft.nchwc.Conv": try readBlockedConvolution(node)
        case "com.microsoft.nchwc.MaxPool", "com.microsoft.nchwc.AveragePool": try readPool(node)
        case "com.microsoft.nchwc.GlobalMaxPool", "com.microsoft.nchwc.GlobalAveragePool": try readGlobalPool(node)
        case "com.microsoft.nchwc.Upsample": try readBlockedUpsampling(node)
        case "com.microsoft.nchwc.ReorderInput": try readIntoBlocks(node)
        case "com.microsoft.nchwc.ReorderOutput": try readOutOfBlocks(node)
        default: return false
        }
        return true
    }

    private mutating func readBlockedConvolution(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), kernel = try value(node, 1)
        guard input.shape.count == 4, kernel.shape.count == 4 else {
            throw node.problem("expected images and weights of four dimensions, found \(input.shape) and \(kernel.shape)")
        }
        let groups = node.proto.int("group", default: 1), outputs = kernel.shape[0]
        // Only the weights say how many channels fill the blocks.
        let (channels, overflow) = kernel.shape[1].multipliedReportingOverflow(by: groups)
        guard groups > 0, !overflow, (0..<Self.widestBlock).contains(channels - input.shape[1]), outputs > 0, outputs % groups == 0
        else {
            throw node.problem("weights \(kernel.shape) in \(groups) groups do not fit a map of \(input.shape[1]) channels")
        }
        let (window, sides) = try slide(node, kernel: Array(kernel.shape[2...]), over: Array(input.shape[2...]))
        var map = try index(node, 0)
        if channels != input.shape[1] {
            let filled: [Int] = [input.shape[0], channels] + input.shape[2...]
            map = try emit(node, .view, reading: [map], shape: filled, type: input.type)
        }
        let sums = try emit(
            node, .convolution(window, groups: groups), reading: [map, index(node, 1)] + optionalIndex(node, 2),
            shape: [input.shape[0], outputs] + sides, type: input.type)
        try define(node, written: finish(node, sums, adding: 3))
        if !assumptions.contains(Self.blockAssumption) { assumptions.append(Self.blockAssumption) }
    }

    /// Each pixel becomes several.
    private mutating func readBlockedUpsampling(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard let scales = node.proto.ints("scales"), scales.count == input.shape.count,
            scales.allSatisfy((1...Self.windowLimit).contains)
        else { throw node.problem("expected \(input.shape.count) scales from 1 to \(Self.windowLimit)") }
        try emit(node, .resize, inputs: [0], shape: zip(input.shape, scales).map(*))
    }

    /// A map whose channels stand first or last becomes one of blocks.
    private mutating func readIntoBlocks(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), rank = input.shape.count
        guard rank >= 3 else { throw node.problem("expected a map, found \(input.shape)") }
        let isLast = node.proto.int("channels_last", default: 0) != 0
        let channels = input.shape[isLast ? rank - 1 : 1], sides = Array(isLast ? input.shape[1..<rank - 1] : input.shape[2...])
        let filled = (channels + Self.narrowestBlock - 1) / Self.narrowestBlock * Self.narrowestBlock
        try emit(node, .move, inputs: [0], shape: [input.shape[0], filled] + sides)
    }

    /// A map of blocks becomes one whose channels stand first or last, without those that only filled a block.
    private mutating func readOutOfBlocks(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), channels = node.proto.int("channels", default: 0)
        guard input.shape.count >= 3, channels > 0, (0..<Self.widestBlock).contains(input.shape[1] - channels) else {
            throw node.problem("\(channels) channels do not fit a map \(input.shape)")
        }
        let isLast = node.proto.int("channels_last", default: 0) != 0
        var shape = input.shape
        shape.remove(at: 1)
        shape.insert(channels, at: isLast ? shape.count : 1)
        try emit(node, .move, inputs: [0], shape: shape)
    }
}
