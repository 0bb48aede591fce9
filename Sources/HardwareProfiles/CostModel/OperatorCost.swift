import Architectures

/// The time of one operator on a core, by a mechanistic model, and where the time goes.
///
/// The model computes two times. One is the arithmetic of the micro-kernel, with the waste of partial tiles. The other
/// is data movement: all data through the second level, and to and from memory what the caches do not keep. Where one
/// kernel does both, they overlap (the root of the sum of their squares, between their maximum and their sum). Where
/// data is packed in a separate pass, they add up. A launch comes on top. No part falls when a layer grows.
struct OperatorCost: Hashable, Sendable {
    /// Milliseconds of the arithmetic, of the data movement, and of the launch.
    private(set) var computeMs = 0.0, memoryMs = 0.0, launchMs = 0.0
    /// The part of `computeMs` that is arithmetic on the padding of tiles.
    private(set) var paddingMs = 0.0
    /// Milliseconds in total, with overlap.
    private(set) var latencyMs = 0.0
    /// Bytes that move between registers and the first level, between the first and the second, between the second and
    /// a third, and from or to memory.
    private(set) var l1Bytes = 0.0, l2Bytes = 0.0, l3Bytes = 0.0, memoryBytes = 0.0
    /// Vector instructions.
    private(set) var instructions = 0.0

    static let none = OperatorCost()
    private init() {}

    static func + (left: OperatorCost, right: OperatorCost) -> OperatorCost {
        var sum = left
        sum.computeMs += right.computeMs
        sum.memoryMs += right.memoryMs
        sum.launchMs += right.launchMs
        sum.paddingMs += right.paddingMs
        sum.latencyMs += right.latencyMs
        sum.l1Bytes += right.l1Bytes
        sum.l2Bytes += right.l2Bytes
        sum.l3Bytes += right.l3Bytes
        sum.memoryBytes += right.memoryBytes
        sum.instructions += right.instructions
        return sum
    }

    init(_ step: Operator, on device: Machine, parameters: CostParameters) {
        if step.timeSteps > 1 {
            self = Self.recurrence(step, on: device, parameters: parameters)
            return
        }
        let machine = device.moving(step.valueType)
        switch step.kind {
        case .convolution, .groupedConvolution, .fullyConnected: addProduct(step, machine, parameters)
        case .depthwiseConvolution: addDepthwise(step, machine, parameters)
        case .transposedConvolution: addTransposed(step, machine, parameters)
        case .batchedProduct: addBatchedProduct(step, machine, parameters)
        case .softmax, .layerNormalization, .reduce, .resize, .function, .convert:
            addPasses(step, machine, parameters)
        case .globalAveragePool, .add, .multiply, .maxPool, .averagePool, .concatenate, .normalize, .activate,
            .elementwise, .memoryMove:
            addMaps(step, machine, parameters)
        }
        launchMs += parameters[.launch] / 1000
        latencyMs += launchMs
        if step.activation.isOperator, step.kind != .activate { addActivation(step, machine, parameters) }
    }

    /// The same with all times but the launch multiplied by a factor above 0.
    func scaled(by factor: Double) -> OperatorCost {
        var scaled = self
        scaled.computeMs *= factor
        scaled.memoryMs *= factor
        scaled.paddingMs *= factor
        scaled.latencyMs = launchMs + (latencyMs - launchMs) * factor
        return scaled
    }

    /// The product of a recurrent layer, time step after time step, in one launch. Weights come from memory in the first;
    /// later ones read them from the caches that hold them.
    private static func recurrence(_ step: Operator, on device: Machine, parameters: CostParameters) -> OperatorCost {
        let one = step.oneTimeStep
        var later = OperatorCost()
        later.addProduct(one, device.moving(step.valueType), parameters, isRepeated: true)
        return OperatorCost(one, on: device, parameters: parameters) + later.times(Double(step.timeSteps - 1))
    }

    /// The cost of so many of it.
    private func times(_ count: Double) -> OperatorCost {
        var product = self
        for part in [\OperatorCost.computeMs, \.memoryMs, \.launchMs, \.paddingMs, \.latencyMs, \.l1Bytes, \.l2Bytes, \.l3Bytes,
            \.memoryBytes, \.instructions]
        { product[keyPath: part] *= count }
        return product
    }

    // MARK: Kinds of operators

    /// The arithmetic of `count` products of [rows, depth] by [depth, columns], in tiles.
    private mutating func addTiles(
        _ product: (rows: Int, depth: Int, columns: Int), count: Int = 1, _ machine: Machine, _ parameters: CostParameters
    ) {
        let kernels = machine.kernels
        let tile = Double(kernels.productPixels * kernels.productChannels)
        let outputs = Double(
            kernels.paddedPixels(product.rows) * product.columns.roundedUp(to: kernels.productChannels)) * Double(count)
        let loads = Double(kernels.productPixels + kernels.productChannels) / tile
        let steps = outputs * (Double(product.depth) + parameters[.tileOverhead])
        let useful = Double(product.rows * product.columns) * Double(product.depth) * Double(count)
        addArithmetic(
            multiplyAdds: steps, loadedValues: steps * loads, useful: useful,
            efficiency: parameters[.productEfficiency], machine)
    }

    /// A matrix product: pixels × (window · input channels) by output channels.
    ///
    /// - Parameter isRepeated: whether the weights were read just before, so that caches keep them as they keep maps.
    private mutating func addProduct(
        _ step: Operator, _ machine: Machine, _ parameters: CostParameters, isRepeated: Bool = false
    ) {
        let kernels = machine.kernels
        let pixels = step.output.height * step.output.width, channels = step.output.channels
        let depth = step.window.count * (step.input.channels / step.groups)
        addTiles((pixels, depth, channels), machine, parameters)

        // Where a runtime packs inputs, a window of several pixels is first copied (im2col); else it is read via
        // pointers.
        let inputValues = kernels.repacksProducts ? pixels * depth : step.input.count
        let kept = isRepeated ? [depth * channels] : []
        let weights = Double(depth * channels) * machine.valueBytes, streamed = isRepeated ? 0 : weights
        if kernels.repacksProducts, pixels == 1 {
            addVectorProduct(step, weights: streamed, kept: kept, machine, parameters)
            return
        }
        let blocks = kernels.productDepthBlock.map { (depth + $0 - 1) / $0 } ?? 1
        addMovement(
            inner: (Double(inputValues) * machine.valueBytes + weights) / parameters[.packingRate]
                + Double(step.output.count * blocks) * machine.valueBytes / parameters[.tileWritingRate],
            maps: [step.input.count, step.output.count] + kept, weights: streamed, machine, parameters)
        latencyMs += kernels.repacksProducts ? computeMs + memoryMs : overlapped
    }

    /// The movement of a product with a single row: nothing is packed, because every weight is used once. They come from
    /// memory as a stream, like a map that no cache keeps.
    ///
    /// - Parameter kept: numbers of weights that were read just before.
    private mutating func addVectorProduct(
        _ step: Operator, weights: Double, kept: [Int], _ machine: Machine, _ parameters: CostParameters
    ) {
        var streaming = parameters
        streaming[.weightMemoryRate] = max(parameters[.mapMemoryRate], parameters[.weightMemoryRate])
        addMovement(
            inner: Double(kept.reduce(step.input.count + step.output.count, +)) * machine.valueBytes / parameters[.packingRate],
            maps: [step.input.count, step.output.count] + kept, weights: weights, machine, streaming)
        latencyMs += overlapped
    }

    private mutating func addDepthwise(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        let kernels = machine.kernels
        let pixels = step.output.height * step.output.width, channels = step.output.channels
        let taps = kernels.clipsWindows
            ? step.window.rowsOnMap(step.input.height) * step.window.columnsOnMap(step.input.width)
            : pixels * step.window.count
        let padded = Double(channels.roundedUp(to: kernels.depthwiseChannels))
        let steps = (Double(taps) + parameters[.windowOverhead] * Double(pixels)) * padded
        let weights = Double(step.window.count * channels) * machine.valueBytes
        let spill = 1 + parameters[.depthwiseSpill] * Machine.missed(weights, cache: machine.l1Bytes)
        let efficiency = parameters[step.stride == 1 ? .depthwiseEfficiency : .stridedDepthwiseEfficiency]
        addArithmetic(
            multiplyAdds: steps, loadedValues: steps * kernels.depthwiseVectorsPerTap,
            useful: Double(taps * channels), efficiency: efficiency / spill, machine)
        addMovement(
            inner: Double(step.input.count + step.output.count) * machine.valueBytes / parameters[.depthwiseMapRate],
            maps: [step.input.count, step.output.count], weights: weights, machine, parameters)
        latencyMs += overlapped
    }

    /// Products of two maps. The right matrices are packed into tiles before each product, because they are no weights
    /// that could have been packed once.
    private mutating func addBatchedProduct(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        let kernels = machine.kernels
        let rows = step.output.height, depth = step.input.channels
        addTiles((rows, depth, step.output.channels), count: step.input.width, machine, parameters)
        let computed = computeMs
        let blocks = kernels.productDepthBlock.map { (depth + $0 - 1) / $0 } ?? 1
        addMovement(
            inner: Double(step.input.count + 2 * step.otherCount) * machine.valueBytes / parameters[.packingRate]
                + Double(step.output.count) * Double(blocks) * machine.valueBytes / parameters[.tileWritingRate],
            maps: [step.input.count, step.otherCount, step.output.count], weights: 0, machine, parameters)
        latencyMs += kernels.repacksProducts ? computed + memoryMs : overlapped
    }

    /// A product of every pixel with the whole window of each output channel, whose sums are then added where windows
    /// overlap.
    private mutating func addTransposed(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        let pixels = step.input.height * step.input.width, depth = step.input.channels / step.groups
        let columns = step.window.count * step.output.channels
        addTiles((pixels, depth, columns), machine, parameters)
        let weights = Double(depth) * Double(columns) * machine.valueBytes
        addMovement(
            inner: (Double(step.input.count) * machine.valueBytes + weights) / parameters[.packingRate]
                + (Double(pixels) * Double(columns) + Double(step.output.count)) * machine.valueBytes
                / parameters[.tileWritingRate],
            maps: [step.input.count, step.output.count], weights: weights, machine, parameters)
        latencyMs += machine.kernels.repacksProducts ? computeMs + memoryMs : overlapped
    }

    /// Operators that pass over a map several times or evaluate a function at each of its values: see `RuntimeKernels.Passes`.
    private mutating func addPasses(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        let passes = RuntimeKernels.passes(of: step.kind)
        let large = Double(max(step.input.count, step.output.count))
        if passes.steps > 0 {
            addArithmetic(
                multiplyAdds: large * passes.steps, loadedValues: 0, useful: large * passes.steps,
                efficiency: parameters[.productEfficiency], machine)
        }
        let read = Double(step.kind == .resize ? step.output.count : step.input.count) * passes.reads
        let written = Double(step.output.count) * passes.writes
        addMovement(
            inner: (read + written) * machine.valueBytes / parameters[.elementwiseRate],
            maps: [step.input.count, step.output.count],
            weights: step.kind == .layerNormalization ? Double(step.weightBytes / 4) * machine.valueBytes : 0, machine,
            parameters)
        latencyMs += overlapped
    }

    /// Operators that read and write maps and hardly compute.
    private mutating func addMaps(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        // An addition reads two maps, a multiplication one map and its factors.
        let read =
            switch step.kind {
            case .add: 2 * step.input.count
            case .elementwise: step.inputBytes / 4
            default: step.input.count
            }
        addMovement(
            inner: Double(read + step.output.count) * machine.valueBytes / parameters[.elementwiseRate],
            maps: [read, step.output.count], weights: 0, machine, parameters)
        latencyMs += memoryMs
    }

    /// An activation that no kernel can fuse: a launch and a separate pass over the output.
    private mutating func addActivation(_ step: Operator, _ machine: Machine, _ parameters: CostParameters) {
        let before = memoryMs
        addMovement(
            inner: Double(2 * step.output.count) * machine.valueBytes / parameters[.elementwiseRate],
            maps: [step.output.count, step.output.count], weights: 0, machine, parameters)
        latencyMs += memoryMs - before + parameters[.launch] / 1000
        launchMs += parameters[.launch] / 1000
    }

    // MARK: Parts

    private var overlapped: Double { (computeMs * computeMs + memoryMs * memoryMs).squareRoot() }

    private mutating func addArithmetic(
        multiplyAdds: Double, loadedValues: Double, useful: Double, efficiency: Double, _ machine: Machine
    ) {
        let loadedBytes = loadedValues * machine.valueBytes
        let arithmetic = multiplyAdds / machine.multiplyAddsPerCycle, loading = loadedBytes / machine.l1BytesPerCycle
        let cycles = (machine.inOrder ? arithmetic + loading : max(arithmetic, loading)) / efficiency
        computeMs += cycles / machine.cyclesPerMs
        paddingMs += computeMs * max(0, 1 - useful / multiplyAdds)
        l1Bytes += loadedBytes
        instructions += (multiplyAdds * machine.valueBytes + loadedBytes) / machine.vectorBytes
    }

    /// - Parameters:
    ///   - inner: bytes at the second level, each divided by the share of the bandwidth that it reaches.
    ///   - maps: numbers of values of the maps that are read or written as a stream.
    ///   - weights: bytes that were last read one image ago, and therefore come from memory.
    private mutating func addMovement(
        inner: Double, maps: [Int], weights: Double, _ machine: Machine, _ parameters: CostParameters
    ) {
        let share = parameters[.cacheShare]
        var third = 0.0, memory = 0.0, moved = weights
        for map in maps {
            let bytes = Double(map) * machine.valueBytes
            moved += bytes
            third += bytes * Machine.missed(bytes, cache: machine.l2Bytes * share)
            memory += bytes * Machine.missed(bytes, cache: machine.lastLevelBytes * share)
        }
        memoryMs += inner / (machine.l2BytesPerCycle * machine.cyclesPerMs)
        if let rate = machine.l3BytesPerMs { memoryMs += third / (rate * parameters[.mapMemoryRate]) }
        memoryMs += (memory / parameters[.mapMemoryRate] + weights / parameters[.weightMemoryRate])
            / machine.memoryBytesPerMs
        l2Bytes += moved
        if machine.l3BytesPerMs != nil { l3Bytes += third + weights }
        memoryBytes += memory + weights
        instructions += 2 * moved / machine.vectorBytes
    }
}

extension Window {
    /// How many rows of a window, padded by half its height, lie inside a map of that height, summed over all
    /// positions.
    fileprivate func rowsOnMap(_ side: Int) -> Int { Self.placesOnMap(side, extent: height, stride: verticalStride) }

    /// Likewise for columns.
    fileprivate func columnsOnMap(_ side: Int) -> Int { Self.placesOnMap(side, extent: width, stride: horizontalStride) }

    private static func placesOnMap(_ side: Int, extent: Int, stride: Int) -> Int {
        // Windows are centred at 0, stride, 2 · stride, …: the sums of their ends, min(side, centre + after), and of
        // their starts, max(0, centre − before), are sums of arithmetic series, whatever the side.
        let before = extent / 2, after = extent - before
        let count = (side + stride - 1) / stride
        let whole = after > side ? 0 : min(count, (side - after) / stride + 1)
        let ends = stride * (whole * (whole - 1) / 2) + whole * after + (count - whole) * side
        let clipped = min(count, before / stride + 1)
        let starts = stride * ((count - clipped) * (count + clipped - 1) / 2) - (count - clipped) * before
        return ends - starts
    }
}

extension Activation {
    /// Whether a runtime runs the function as a separate operator; the others are a clamp that kernels fuse.
    var isOperator: Bool {
        switch self {
        case .none, .relu, .relu6: false
        case .swish, .hardSwish, .sigmoid, .hardSigmoid: true
        }
    }
}
