import Architectures

/// A graph as a runtime launches it: batch normalisation, biases and activations are fused into the operators before
/// them, nodes that only rename values and those that nothing reads are left out.
public struct GraphNetwork: Sendable {
    /// Every operator with the name of its node, in the order of execution.
    public private(set) var operators: [(name: String, step: Operator)] = []
    /// What is in memory while each of the operators runs.
    public private(set) var maps: [LivingMaps] = []
    /// The operators that the reader of the file does not know; they are priced as memory traffic.
    public private(set) var unknown: [UnknownOperators] = []
    /// The multiply-accumulates of operators that read constants alone, which a runtime may compute once.
    public private(set) var constantMACs = 0

    /// The unknown nodes of one kind.
    public struct UnknownOperators: Hashable, Sendable {
        /// The file's name of the operator.
        public let kind: String
        /// The names of the nodes.
        public internal(set) var nodes: [String]
    }

    private let graph: Graph
    /// The values that each node that runs reads; nil for a node that does not run.
    private let inputs: [[Int]?]
    /// The nodes that run and read each value; -1 for what the network answers.
    private let readers: [[Int]]
    private let quantization: GraphQuantization
    private var steps: [GraphStep] = []
    /// The steps by the values that they write; later nodes may be fused into them.
    private var producers: [Int: Int] = [:]
    /// Values that are the scale of a dynamic quantisation, or follow from some.
    private var scales: Set<Int> = []
    private var unknownPlaces: [String: Int] = [:]
    /// What normalisations without factors of their own write, or follows from it, until factors and offsets come.
    private var normalized: Set<Int> = []
    /// The stored weights that a step reads, by `identity`, and the vectors beside them.
    private var counted: Set<Int> = []
    /// The image, also scaled, turned or of other sides.
    private var images: Set<Int> = []
    /// What is computed from constants alone.
    private var constants: Set<Int> = []
    /// The steps that write such values.
    private var constantSteps: [Int] = []
    private var lifetimes = MapLifetimes()
    /// The map that holds each value; a fused operator and one that only renames values write none of their own.
    private var holders: [Int: Int] = [:]
    /// The node that each step was launched for.
    private var places: [Int] = []

    public init(_ graph: Graph) {
        self.graph = graph
        let patterns = GraphPatterns(graph, readers: graph.readers)
        var inputs: [[Int]?] = [], operations: [GraphOperation] = []
        for (index, node) in graph.nodes.enumerated() {
            switch patterns.roles[index] {
            case .part: inputs.append(nil); operations.append(node.operation)
            case .operation(let operation, let read): inputs.append(read); operations.append(operation)
            case nil: inputs.append(node.inputs); operations.append(node.operation)
            }
        }
        // What nothing reads does not run.
        if !graph.outputs.isEmpty {
            var isRead = [Bool](repeating: false, count: graph.values.count)
            for output in graph.outputs { isRead[output] = true }
            for (index, node) in graph.nodes.enumerated().reversed() {
                if isRead[node.output], let read = inputs[index] {
                    for value in read { isRead[value] = true }
                } else {
                    inputs[index] = nil
                }
            }
        }
        var readers = [[Int]](repeating: [], count: graph.values.count)
        for (index, read) in inputs.enumerated() {
            for value in Set(read ?? []) { readers[value].append(index) }
        }
        for output in graph.outputs { readers[output].append(-1) }
        self.inputs = inputs
        self.readers = readers
        quantization = GraphQuantization(graph, inputs: inputs, readers: readers)
        images = [graph.input]
        let written = Set(graph.nodes.map(\.output))
        for (index, operation) in operations.enumerated() {
            guard let read = inputs[index] else { continue }
            for value in read where holders[value] == nil && !written.contains(value) { hold(value, from: 0) }
            let count = steps.count
            launch(index, operation, read)
            for value in read { if let map = holders[value] { lifetimes.read(map, by: index) } }
            if steps.count == count + 1, steps[count].finished.runsInPlace, let map = read.first.flatMap({ holders[$0] }) {
                lifetimes.overwrite(map, by: index)
            }
        }
        for output in graph.outputs { if let map = holders[output] { lifetimes.read(map, by: graph.nodes.count) } }
        operators = steps.map { ($0.name, $0.finished) }
        let living = lifetimes.living(operators: graph.nodes.count)
        maps = places.map { living[$0] }
        // Counts that overflow are refused where the graph is priced.
        for step in constantSteps { constantMACs &+= operators[step].step.macs }
    }

    // MARK: - Steps

    private func map(_ value: Int) -> FeatureShape { graph.map(of: value) }

    /// The data type of a node; nil for float32.
    private func type(_ node: Int, _ read: [Int]) -> ValueType? {
        if quantization.integral.contains(node) { return .int8 }
        let map = read.first { !graph.values[$0].isConstant } ?? graph.nodes[node].output
        return graph.values[map].type == .float16 ? .float16 : nil
    }

    private mutating func append(
        _ node: Int, _ kind: GraphStep.Kind, input: FeatureShape, output: FeatureShape? = nil,
        _ change: (inout GraphStep) -> Void = { _ in }
    ) {
        let written = graph.nodes[node].output
        var step = GraphStep(graph.nodes[node].name, kind, input: input, output: output ?? map(written))
        step.type = type(node, inputs[node] ?? [])
        change(&step)
        if step.hasWeights { settleWeights(of: &step, inputs[node] ?? []) }
        if constants.contains(written) {
            constantSteps.append(steps.count)
        } else if holders[written] == nil {
            hold(written, from: node)
        }
        producers[written] = steps.count
        places.append(node)
        steps.append(step)
    }

    /// Notes that a value that is no constant is in memory from a node on.
    private mutating func hold(_ value: Int, from node: Int) {
        let found = graph.values[value]
        guard !found.isConstant else { return }
        holders[value] = lifetimes.add(values: found.count, type: found.type.ofMaps, writtenBy: node)
    }

    /// Says which of the weights and biases that an operator reads count, and how many bits the weights have.
    private mutating func settleWeights(of step: inout GraphStep, _ read: [Int]) {
        let matrices = read.prefix(2).filter { graph.values[$0].isConstant }
        if let weights = matrices.last {
            // Weights that are computed from others count as these do.
            let count = newCount(ofMatrix: weights), own = graph.values[weights].count
            step.weightSource = count < own || step.distinctWeights != nil ? .shared : .own
            step.trainedCount = step.weightSource == .own ? count - own : count
            // Of two weights that are multiplied, both are trained.
            if matrices.count == 2, isTable(matrices[0]) { step.trainedCount += newCount(ofTable: matrices[0]) }
            let stored = graph.values[weights].type.bitsOfWeights
            if stored != step.type.map({ 8 * $0.bytes }) { step.weightBits = stored }
        } else {
            step.weightSource = .computed
        }
        // Beside weights that do not count, a bias may; so does one that is shorter than the output.
        let biases = newCount(read.dropFirst(2))
        if step.weightSource != .own || !step.epilogue.hasBias { step.trainedCount += biases }
    }

    /// Whether the node alone reads a value.
    private func isOnlyReader(_ node: Int, of value: Int) -> Bool { readers[value] == [node] }

    /// Fuses the node into the step that writes a value, if that step takes it and nothing else reads the value.
    private mutating func fuse(
        _ node: Int, into value: Int, if takes: (GraphStep) -> Bool, _ change: (inout GraphStep) -> Void
    ) -> Bool {
        guard let producer = producers[value], isOnlyReader(node, of: value), takes(steps[producer]) else { return false }
        change(&steps[producer])
        producers[graph.nodes[node].output] = producer
        holders[graph.nodes[node].output] = holders[value]
        return true
    }

    private mutating func launch(_ node: Int, _ operation: GraphOperation, _ read: [Int]) {
        let written = graph.nodes[node].output
        // What reads nothing writes at least.
        let first = read.first ?? written
        noteOrigin(operation, read, written: written)
        switch operation {
        case .convolution(let window, let groups):
            let input = graph.spatialMap(of: first), output = graph.spatialMap(of: written)
            let hasBias = hasBias(read, channels: output.channels), isUnscaled = graph.values[written].type == .int32
            let isOnePixel = groups == 1 && window.count == 1 && input.height * input.width * output.height * output.width == 1
            append(
                node, isOnePixel ? .fullyConnected : .convolution(window, groups: groups), input: input, output: output
            ) {
                $0.epilogue.hasBias = hasBias
                $0.isUnscaled = isUnscaled
            }
        case .transposedConvolution(let window, let groups):
            let output = graph.spatialMap(of: written)
            let hasBias = hasBias(read, channels: output.channels)
            append(
                node, .transposedConvolution(window, groups: groups), input: graph.spatialMap(of: first), output: output
            ) {
                $0.epilogue.hasBias = hasBias
            }
        case .product(let product): launch(node, product, read)
        case .batchNormalization:
            if fuse(node, into: first, if: { $0.hasFoldableWeights }, { $0.epilogue.hasNormalization = true }) {
                return count(read.dropFirst().prefix(2), fusedInto: written)
            }
            let shape = graph.values[first].shape
            let input = shape.count == 2 ? graph.rows(of: first, size: shape[1]) : graph.spatialMap(of: first)
            append(node, .normalize, input: input, output: input)
        case .normalization(let size):
            let rows = graph.rows(of: written, size: size)
            let constants = read.dropFirst().filter { graph.values[$0].isConstant }
            // Of groups, there are as many factors as channels, or as groups.
            let isOfRows = constants.allSatisfy { graph.values[$0].count == size }
            let others = isOfRows ? 0 : newCount(read.dropFirst())
            if !isOfRows || constants.isEmpty { normalized.insert(written) }
            append(node, .layerNormalization, input: rows, output: rows) {
                $0.trainedCount = others
                guard isOfRows else { return }
                if constants.count >= 2 {
                    $0.epilogue.hasNormalization = true
                } else if constants.count == 1 {
                    $0.epilogue.hasBias = true
                }
            }
        case .softmax(let size):
            let rows = graph.rows(of: written, size: size)
            append(node, .softmax, input: rows, output: rows)
        case .activation(let activation):
            if fuse(node, into: first, if: { $0.canActivate }, { $0.epilogue.activation = activation }) { return }
            append(node, .activate, input: map(first)) { $0.epilogue.activation = activation }
        case .function:
            // The weights of a recurrent layer's gates that look at its state.
            let trained = newCount(read.dropFirst())
            append(node, .function, input: map(first)) { $0.trainedCount = trained }
        case .binary(let function): launch(node, function, read)
        case .maxPool(let window):
            append(node, .maxPool(window), input: graph.spatialMap(of: first), output: graph.spatialMap(of: written))
        case .averagePool(let window):
            append(node, .averagePool(window), input: graph.spatialMap(of: first), output: graph.spatialMap(of: written))
        case .globalAveragePool: append(node, .globalAveragePool, input: map(first), output: map(first).pooled)
        case .reduction: append(node, .reduce, input: map(first))
        case .concatenation:
            // Class tokens, which are joined with those of the image.
            let trained = newCount(read.filter { isTable($0) }[...])
            append(node, .concatenate, input: map(written)) { $0.trainedCount = trained }
        case .move:
            // What is cut out is all that is read.
            append(
                node, .memoryMove, input: graph.values[first].count > graph.values[written].count ? map(written) : map(first))
        case .lookup: lookUp(node, read)
        case .resize: append(node, .resize, input: map(first))
        case .view:
            holders[written] = holders[first]
            // Later nodes may still be fused into the operator, but not if the shape changes: then the channels differ.
            if graph.values[first].shape == graph.values[written].shape, isOnlyReader(node, of: first) {
                producers[written] = producers[first]
            }
            if scales.contains(first) { scales.insert(written) }
            if normalized.contains(first) { normalized.insert(written) }
        case .cast:
            if scales.contains(first) {
                scales.insert(written)
            } else if !fuse(node, into: first, if: { $0.isUnscaled }, { _ in }) {
                append(node, .convert, input: map(first))
            }
        case .quantization(let isDynamic):
            if quantization.absorbed.contains(node) {
                if isOnlyReader(node, of: first) { producers[written] = producers[first] }
                holders[written] = holders[first]
                // An operator on integers writes nothing else.
                if let map = holders[first] { lifetimes.retype(map, .int8) }
                return
            }
            if isDynamic { append(node, .reduce, input: map(first), output: FeatureShape(height: 1, width: 1, channels: 1)) }
            append(node, .convert, input: map(first))
        case .dequantization:
            if quantization.absorbed.contains(node) {
                holders[written] = holders[first]
            } else {
                append(node, .convert, input: map(first))
            }
        case .scale: scales.insert(written)
        case .unknown(let kind):
            append(node, .memoryMove, input: map(first))
            if let place = unknownPlaces[kind] {
                unknown[place].nodes.append(graph.nodes[node].name)
            } else {
                unknownPlaces[kind] = unknown.count
                unknown.append(UnknownOperators(kind: kind, nodes: [graph.nodes[node].name]))
            }
        }
    }

    /// The rows that are chosen move. All rows of a table are stored and, where they are weights, count.
    private mutating func lookUp(_ node: Int, _ read: [Int]) {
        let written = graph.nodes[node].output
        guard let table = read.dropFirst().first else { return append(node, .memoryMove, input: map(written)) }
        let rows = graph.values[table], bits = rows.type.bitsOfWeights
        let trained = rows.type.canBeTrained ? newCount(ofTable: table) : 0
        let isHalf = graph.values[written].type == .float16
        append(node, .memoryMove, input: map(written)) { step in
            if isHalf { step.type = .float16 }
            guard trained > 0 else { return }
            step.trainedCount = trained
            if bits != step.type.map({ 8 * $0.bytes }) { step.weightBits = bits }
        }
    }

    /// Whether the third of what an operator reads is a bias of so many channels.
    private func hasBias(_ read: [Int], channels: Int) -> Bool {
        read.count > 2 && graph.values[read[2]].isConstant && graph.values[read[2]].count >= channels
    }

    /// A number that all values have that are the same weight.
    private func identity(of value: Int) -> Int {
        let found = graph.values[value]
        return found.origin == .stored ? found.weights.first.map { identity(of: $0) } ?? value : value
    }

    private func identity(of weight: Graph.Weight) -> Int { -1 - weight.number }

    /// How many values of the file there are in some vectors, without those that an operator before it has. Each name of a
    /// vector counts: PyTorch stores vectors of equal values, such as those of a network that is not trained, only once.
    private mutating func newCount(_ read: ArraySlice<Int>) -> Int {
        var count = 0
        for value in read {
            let found = graph.values[value]
            if found.origin != .stored {
                count += newCount(of: found.weights)
            } else if counted.insert(value).inserted {
                count += found.count
            }
        }
        return count
    }

    /// How many values weights have, without those that an operator before it has.
    private mutating func newCount(of weights: [Graph.Weight]) -> Int {
        var count = 0
        for weight in weights where counted.insert(identity(of: weight)).inserted { count += weight.count }
        return count
    }

    /// How many values of the file there are in a table, or in the weights that it follows from, without those that an
    /// operator before it has.
    private mutating func newCount(ofTable table: Int) -> Int {
        let found = graph.values[table]
        guard found.origin == .stored else { return newCount(of: found.weights) }
        return counted.insert(identity(of: table)).inserted ? found.count : 0
    }

    /// The same of the constant that an operator multiplies by. One of unknown origin counts as it is, and so does a part of
    /// one weight, of which others may read the other parts.
    private mutating func newCount(ofMatrix matrix: Int) -> Int {
        let found = graph.values[matrix]
        if found.origin == .constant, let weight = found.weights.first {
            let isPart = found.weights.count == 1 && found.count < weight.count
            guard isPart, !counted.contains(identity(of: weight)) else { return newCount(of: found.weights) }
        }
        return counted.insert(identity(of: matrix)).inserted ? found.count : 0
    }

    /// Counts vectors that became part of the step which writes a value: beside weights that do not count, they do.
    private mutating func count(_ vectors: ArraySlice<Int>, fusedInto written: Int) {
        let own = newCount(vectors)
        if let producer = producers[written], steps[producer].weightSource != .own { steps[producer].trainedCount += own }
    }

    // MARK: - Products

    private mutating func launch(_ node: Int, _ product: GraphProduct, _ read: [Int]) {
        guard read.count >= 2 else { return }
        let left = graph.values[read[0]], right = graph.values[read[1]]
        let isUnscaled = graph.values[graph.nodes[node].output].type == .int32
        if !left.isConstant, !right.isConstant {
            return append(
                node, .batchedProduct(product, otherCount: right.count),
                input: FeatureShape(height: product.rows, width: product.batches, channels: product.depth),
                output: FeatureShape(height: product.rows, width: product.batches, channels: product.columns)
            ) { $0.isUnscaled = isUnscaled }
        }
        // Weights on the left give the columns of the right matrix other values, as a 1x1 convolution its pixels.
        let weights = right.isConstant ? right : left
        let outputs = right.isConstant ? product.columns : product.rows
        let pixels = right.isConstant ? product.rows : product.columns
        let isShared = product.batches == 1 || weights.count <= product.depth * outputs
        let groups = isShared ? 1 : product.batches, places = isShared ? pixels * product.batches : pixels
        let hasBias = hasBias(read, channels: outputs * groups)
        // Lists of a batch may be multiplied by the same matrices.
        let distinct = groups > 1 && weights.count < groups * product.depth * outputs ? weights.count : nil
        append(
            node, places == 1 && groups == 1 ? .fullyConnected : .convolution(Window(side: 1), groups: groups),
            input: FeatureShape(height: places, width: 1, channels: product.depth * groups),
            output: FeatureShape(height: places, width: 1, channels: outputs * groups)
        ) {
            $0.epilogue.hasBias = hasBias
            $0.isUnscaled = isUnscaled
            $0.distinctWeights = distinct
            $0.timeSteps = product.timeSteps
        }
    }

    // MARK: - Value by value

    private mutating func launch(_ node: Int, _ function: GraphOperation.Binary, _ read: [Int]) {
        let written = graph.nodes[node].output
        let maps = read.filter { !graph.values[$0].isConstant }
        guard !maps.allSatisfy({ scales.contains($0) }) else {
            scales.insert(written)
            return
        }
        // Sums of integers are scaled where they are written.
        if function == .multiply, read.count == 2, let scale = read.first(where: { scales.contains($0) }) {
            let map = read[0] == scale ? read[1] : read[0]
            if fuse(node, into: map, if: { $0.isUnscaled }, { $0.isUnscaled = false }) { return }
        }
        if function == .add, read.count == 2, maps.count == 1 {
            let place = read[0] == maps[0] ? 1 : 0
            let constant = graph.values[read[place]]
            if fuse(
                node, into: maps[0],
                if: {
                    $0.hasFoldableWeights && !$0.epilogue.hasBias && constant.count == $0.output.channels
                        && constant.count > 1
                }, { $0.epilogue.hasBias = true })
            {
                return count(read[place...place], fusedInto: written)
            }
        }
        let output = map(written), trained = trainedCount(function, read, written: written)
        if function == .add, maps.count == 2, graph.values[read[0]].shape == graph.values[read[1]].shape {
            return append(node, .add, input: output)
        }
        if function == .multiply, read.count == 2 {
            for (whole, factors) in [(read[0], read[1]), (read[1], read[0])]
            where !graph.values[whole].isConstant && isPerChannel(factors, of: whole) {
                return append(node, .multiply, input: output) { $0.trainedCount = trained }
            }
        }
        // The first input is the map itself.
        let others = read.map { graph.values[$0].count }.sorted().dropLast().reduce(0, +)
        append(node, .elementwise(otherCount: others), input: output) { $0.trainedCount = trained }
    }

    /// How many trained values an operator value by value has: slopes, or the factors and offsets of a normalisation, which
    /// exporters write after a normalisation of groups that is made of one of rows.
    private mutating func trainedCount(_ function: GraphOperation.Binary, _ read: [Int], written: Int) -> Int {
        if function == .slope { return newCount(read.dropFirst()) }
        guard function == .multiply || function == .add, read.count == 2,
            let map = read.first(where: { normalized.contains($0) }), let vector = read.first(where: { $0 != map }),
            graph.values[vector].count == graph.map(of: map).channels
        else { return tableCount(function, read, written: written) }
        if function == .multiply { normalized.insert(written) }
        return newCount([vector])
    }

    // MARK: - Tables

    /// Notes that a value holds the image still, or follows from constants alone.
    private mutating func noteOrigin(_ operation: GraphOperation, _ read: [Int], written: Int) {
        let maps = read.filter { !graph.values[$0].isConstant }
        if !read.isEmpty, maps.allSatisfy({ constants.contains($0) }) { constants.insert(written) }
        switch operation {
        case .binary, .view, .cast, .move, .resize, .quantization, .dequantization:
            if !maps.isEmpty, maps.allSatisfy({ images.contains($0) }) { images.insert(written) }
        default: break
        }
    }

    /// Whether a value is several numbers that the file stores as weights, or follows from such.
    private func isTable(_ value: Int) -> Bool {
        let found = graph.values[value]
        return found.isConstant && found.count > 1 && found.type.canBeTrained && !found.weights.isEmpty
    }

    /// How many trained values are added to a map or multiply it: positions, scales of a layer, and what is part of weights
    /// that are computed from others.
    private mutating func tableCount(_ function: GraphOperation.Binary, _ read: [Int], written: Int) -> Int {
        guard read.count == 2, let place = read.firstIndex(where: { isTable($0) }), !graph.values[read[1 - place]].isConstant
        else { return 0 }
        let map = read[1 - place], isVector = graph.values[read[place]].isVector
        if !constants.contains(map) {
            // What shifts and scales the channels of the image is its normalisation.
            if isVector && images.contains(map) { return 0 }
            switch function {
            case .add where isVector || !isMask(read[place], of: written): break
            case .multiply where isVector: break
            default: return 0
            }
        }
        return newCount(read[place...place])
    }

    /// Whether what is added to the scores of attention may be a mask. Of the tables that are none, as those of relative
    /// positions, only one is told from a mask whose values stand at several places.
    private func isMask(_ table: Int, of scores: Int) -> Bool {
        let found = graph.values[table]
        return found.count <= found.weights.reduce(0) { $0 + $1.count } && isScore(scores)
    }

    /// Whether a softmax reads a value, perhaps after further sums and under other shapes.
    private func isScore(_ value: Int) -> Bool {
        var value = value
        for _ in 0..<8 {
            guard let reader = readers[value].first, reader >= 0 else { return false }
            switch graph.nodes[reader].operation {
            case .softmax: return true
            case .view, .cast, .binary: value = graph.nodes[reader].output
            default: return false
            }
        }
        return false
    }

    private func isPerChannel(_ factors: Int, of value: Int) -> Bool {
        let shape = graph.values[value].shape, other = graph.values[factors].shape
        guard shape.count == 4, other.count == 4, graph.values[value].count > graph.values[factors].count else { return false }
        let channels = graph.layout == .channelsFirst ? 1 : 3
        return other[channels] == shape[channels]
            && other.indices.allSatisfy { $0 == channels || $0 == 0 || other[$0] == 1 }
    }
}

extension Graph.Value {
    /// Whether it has one number for each place of a single side.
    fileprivate var isVector: Bool { shape.filter { $0 > 1 }.count == 1 }
}
