import Architectures

/// What exporters write as several nodes and a runtime runs as one, found before a graph is priced.
///
/// - x · Sigmoid(x) is swish, x · HardSigmoid(x) hard swish.
/// - Clip(x + 3, 0, 6) / 6 is hard sigmoid; times x, in either order, hard swish.
/// - min(ReLU(x), 6) is ReLU6.
/// - x · (1 + erf(x / √2)) / 2, in any order, is GELU (Hendrycks and Gimpel, 2016, arXiv:1606.08415).
/// - (x − mean) / √(variance + ε), the mean over rows or channels, perhaps with factors and offsets, is layer
///   normalisation; so is x / √(mean of x² + ε), perhaps with factors (Zhang and Sennrich, 2019, arXiv:1910.07467).
struct GraphPatterns {
    /// The role of a node in a pattern.
    enum Role {
        /// The last node of a pattern, which becomes this operation of the inputs.
        case operation(GraphOperation, inputs: [Int])
        /// Another node of a pattern, which launches nothing.
        case part
    }

    private(set) var roles: [Int: Role] = [:]
    private let graph: Graph
    private let readers: [[Int]]

    /// - Parameter readers: the nodes that read each value.
    init(_ graph: Graph, readers: [[Int]]) {
        self.graph = graph
        self.readers = readers
        for (index, node) in graph.nodes.enumerated() where roles[index] == nil {
            guard let input = node.inputs.first else { continue }
            switch node.operation {
            case .activation(.sigmoid):
                if let product = product(of: index, and: input) { mark([index], product, .activation(.swish), [input]) }
            case .activation(.hardSigmoid):
                if let product = product(of: index, and: input) {
                    mark([index], product, .activation(.hardSwish), [input])
                }
            case .activation(.relu): markClamp(from: index)
            case .binary(.add): markClipped(from: index)
            case .function(.erf): markGelu(around: index)
            case .reduction(.meanOfRows), .reduction(.meanOfChannels):
                markNormalization(from: index)
                markRootMeanSquare(around: index)
            default: break
            }
        }
    }

    // MARK: - Activations

    private mutating func markClamp(from index: Int) {
        guard let least = onlyReader(of: index), graph.nodes[least].operation == .binary(.minimum),
            other(than: index, of: least).flatMap(number) == 6, roles[least] == nil
        else { return }
        mark([index], least, .activation(.relu6), [graph.nodes[index].inputs[0]])
    }

    private mutating func markClipped(from sum: Int) {
        let inputs = graph.nodes[sum].inputs
        guard inputs.count == 2, let place = inputs.firstIndex(where: { number($0) == 3 }) else { return }
        let input = inputs[1 - place]
        guard let first = onlyReader(of: sum) else { return }
        var clips = [first]
        // ReLU and a minimum are the same as a clip.
        if graph.nodes[first].operation == .activation(.relu), let least = onlyReader(of: first),
            graph.nodes[least].operation == .binary(.minimum), other(than: first, of: least).flatMap(number) == 6
        {
            clips.append(least)
        } else if !graph.nodes[first].operation.isClamp {
            return
        }
        let clip = clips[clips.count - 1]
        if let quotient = sixth(of: clip) {
            if let product = product(of: quotient, and: input) {
                mark([sum] + clips + [quotient], product, .activation(.hardSwish), [input])
            } else {
                mark([sum] + clips, quotient, .activation(.hardSigmoid), [input])
            }
        } else if let product = product(of: clip, and: input), let quotient = sixth(of: product) {
            mark([sum] + clips + [product], quotient, .activation(.hardSwish), [input])
        }
    }

    /// From the error function back to x, and forward to the last factor.
    private mutating func markGelu(around erf: Int) {
        let argument = graph.nodes[erf].inputs[0]
        guard let scaling = writer(of: argument, before: erf), readers[argument].count == 1 else { return }
        let root = Double(2).squareRoot()
        let inputs = graph.nodes[scaling].inputs
        let x: Int
        switch graph.nodes[scaling].operation {
        case .binary(.divide) where inputs.count == 2 && isNear(number(inputs[1]), root): x = inputs[0]
        case .binary(.multiply) where inputs.count == 2:
            guard let place = inputs.firstIndex(where: { isNear(number($0), 1 / root) }) else { return }
            x = inputs[1 - place]
        default: return
        }
        guard let sum = onlyReader(of: erf), graph.nodes[sum].operation == .binary(.add),
            other(than: erf, of: sum).flatMap(number) == 1, let first = onlyReader(of: sum),
            graph.nodes[first].operation == .binary(.multiply), let factor = other(than: sum, of: first)
        else { return }
        let parts = [scaling, erf, sum]
        if factor == x || number(factor) == 0.5, let last = onlyReader(of: first), isHalving(last, of: first)
            || graph.nodes[last].operation == .binary(.multiply) && number(factor) == 0.5
                && other(than: first, of: last) == x
        {
            mark(parts + [first], last, .function(.gelu), [x])
        } else if let half = writer(of: factor, before: first), isHalving(half, ofValue: x), readers[factor].count == 1 {
            mark(parts + [half], first, .function(.gelu), [x])
        }
    }

    private func isHalving(_ node: Int, of writer: Int) -> Bool { isHalving(node, ofValue: graph.nodes[writer].output) }

    private func isHalving(_ node: Int, ofValue value: Int) -> Bool {
        let inputs = graph.nodes[node].inputs
        guard inputs.count == 2, inputs.contains(value) else { return false }
        switch graph.nodes[node].operation {
        case .binary(.multiply): return number(inputs[0] == value ? inputs[1] : inputs[0]) == 0.5
        case .binary(.divide): return inputs[0] == value && number(inputs[1]) == 2
        default: return false
        }
    }

    // MARK: - Layer normalisation

    private mutating func markNormalization(from mean: Int) {
        let x = graph.nodes[mean].inputs[0]
        // x − mean, which a power, a product or nothing reads besides the quotient.
        guard let difference = onlyReader(of: mean), graph.nodes[difference].operation == .binary(.subtract),
            graph.nodes[difference].inputs == [x, graph.nodes[mean].output]
        else { return }
        let centred = graph.nodes[difference].output
        let users = Set(readers[centred])
        guard users.count == 2, !users.contains(-1) else { return }
        for square in users {
            guard isSquare(square, of: centred), let variance = onlyReader(of: square),
                graph.nodes[variance].operation == graph.nodes[mean].operation, let sum = onlyReader(of: variance),
                graph.nodes[sum].operation == .binary(.add), other(than: variance, of: sum).flatMap(number) != nil,
                let root = onlyReader(of: sum), graph.nodes[root].operation == .function(.squareRoot)
            else { continue }
            var parts = [mean, difference, square, variance, sum, root]
            guard var last = onlyReader(of: root) else { continue }
            if graph.nodes[last].operation == .function(.reciprocal) {
                parts.append(last)
                guard let product = onlyReader(of: last) else { continue }
                last = product
            }
            guard users.contains(last), [.binary(.divide), .binary(.multiply)].contains(graph.nodes[last].operation)
            else { continue }
            var inputs = [x]
            let size = size(of: graph.nodes[mean].operation, x)
            for operation in [GraphOperation.binary(.multiply), .binary(.add)] {
                guard let next = onlyReader(of: last), graph.nodes[next].operation == operation,
                    let trained = other(than: last, of: next), graph.values[trained].isConstant,
                    graph.values[trained].count == size
                else { break }
                parts.append(last)
                inputs.append(trained)
                last = next
            }
            return mark(parts, last, .normalization(size: size), inputs)
        }
    }

    /// From the mean back to x, and forward to the factors.
    private mutating func markRootMeanSquare(around mean: Int) {
        guard let square = writer(of: graph.nodes[mean].inputs[0], before: mean), let x = graph.nodes[square].inputs.first,
            isSquare(square, of: x), onlyReader(of: square) == mean, let sum = onlyReader(of: mean),
            graph.nodes[sum].operation == .binary(.add), other(than: mean, of: sum).flatMap(number) != nil,
            let root = onlyReader(of: sum), graph.nodes[root].operation == .function(.squareRoot),
            let quotient = onlyReader(of: root)
        else { return }
        var parts = [square, mean, sum, root], last = quotient
        let divided = graph.nodes[quotient].operation == .binary(.divide) ? graph.nodes[quotient].inputs : []
        if divided != [x, graph.nodes[root].output] {
            // The reciprocal of the root, times x.
            guard graph.nodes[quotient].operation == .function(.reciprocal) || divided.first.flatMap(number) == 1,
                let product = product(of: quotient, and: x)
            else { return }
            parts.append(quotient)
            last = product
        }
        var inputs = [x]
        let size = size(of: graph.nodes[mean].operation, x)
        if let next = onlyReader(of: last), graph.nodes[next].operation == .binary(.multiply),
            let factors = other(than: last, of: next), graph.values[factors].isConstant, graph.values[factors].count == size
        {
            parts.append(last)
            inputs.append(factors)
            last = next
        }
        mark(parts, last, .normalization(size: size), inputs)
    }

    private func size(of mean: GraphOperation, _ value: Int) -> Int {
        let shape = graph.values[value].shape
        let isRow = mean == .reduction(.meanOfRows) || graph.layout == .channelsLast
        return isRow ? shape[shape.count - 1] : graph.map(of: value).channels
    }

    private func isSquare(_ node: Int, of value: Int) -> Bool {
        let inputs = graph.nodes[node].inputs
        switch graph.nodes[node].operation {
        case .binary(.power): return inputs.count == 2 && inputs[0] == value && number(inputs[1]) == 2
        case .binary(.multiply): return inputs == [value, value]
        default: return false
        }
    }

    // MARK: - Neighbours

    private mutating func mark(_ parts: [Int], _ last: Int, _ operation: GraphOperation, _ inputs: [Int]) {
        guard ([last] + parts).allSatisfy({ roles[$0] == nil }) else { return }
        for part in parts { roles[part] = .part }
        roles[last] = .operation(operation, inputs: inputs)
    }

    private func number(_ value: Int) -> Double? { graph.values[value].number }

    private func isNear(_ number: Double?, _ expected: Double) -> Bool {
        // Half precision keeps three digits.
        number.map { abs($0 - expected) < 1e-3 * expected } ?? false
    }

    private func onlyReader(of node: Int) -> Int? {
        let found = readers[graph.nodes[node].output]
        return found.count == 1 && found[0] >= 0 ? found[0] : nil
    }

    /// The other input of a node that reads two values, of which a node writes one.
    private func other(than writer: Int, of node: Int) -> Int? {
        let inputs = graph.nodes[node].inputs
        return inputs.count == 2 ? inputs.first { $0 != graph.nodes[writer].output } : nil
    }

    /// The node before `node` that writes a value, of the few nodes before it: exporters write parts near each other.
    private func writer(of value: Int, before node: Int) -> Int? {
        (max(0, node - 8)..<node).last { graph.nodes[$0].output == value }
    }

    /// The node that multiplies a node's output, which nothing else reads, by that value.
    private func product(of node: Int, and value: Int) -> Int? {
        guard let found = onlyReader(of: node), graph.nodes[found].operation == .binary(.multiply),
            graph.nodes[found].inputs.count == 2, graph.nodes[found].inputs.contains(value)
        else { return nil }
        return found
    }

    /// The node that divides a node's output, which nothing else reads, by 6.
    private func sixth(of node: Int) -> Int? {
        guard let found = onlyReader(of: node), graph.nodes[found].inputs.count == 2 else { return nil }
        let divisor = other(than: node, of: found).flatMap(number)
        switch graph.nodes[found].operation {
        case .binary(.divide):
            return divisor == 6 && graph.nodes[found].inputs[0] == graph.nodes[node].output ? found : nil
        case .binary(.multiply): return isNear(divisor, 1.0 / 6) ? found : nil
        default: return nil
        }
    }
}

extension GraphOperation {
    /// Whether it limits values from below and perhaps from above.
    var isClamp: Bool { self == .activation(.relu6) || self == .activation(.relu) }
}
