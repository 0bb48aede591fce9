import Architectures

/// The activations that exporters write as several nodes, found before the graph is read.
///
/// - x · Sigmoid(x) is swish, x · HardSigmoid(x) hard swish.
/// - Clip(x + 3, 0, 6) / 6 is hard sigmoid; times x, in either order, hard swish.
struct ONNXActivations {
    /// The role of a node in a pattern.
    enum Role {
        /// The last node of a pattern, which becomes this activation of `input`.
        case activation(Activation, input: String)
        /// Another node of a pattern, which launches nothing.
        case part
    }

    private(set) var roles: [Int: Role] = [:]
    private let nodes: [ONNXNodeProto]
    private let consumers: [String: [Int]]

    /// - Parameters:
    ///   - consumers: the nodes that read a value, twice where a node reads it twice; -1 for the graph's output.
    ///   - number: returns the value of a constant that is a single number.
    init(_ nodes: [ONNXNodeProto], consumers: [String: [Int]], number: (String) -> Double?) {
        self.nodes = nodes
        self.consumers = consumers
        for (index, node) in nodes.enumerated() where node.domain.isEmpty && roles[index] == nil {
            guard let input = node.input.first else { continue }
            switch node.opType {
            case "Sigmoid":
                if let product = product(of: index, and: input) { mark([index], product, .swish, input) }
            case "HardSigmoid":
                if let product = product(of: index, and: input) { mark([index], product, .hardSwish, input) }
            case "Add":
                markClipped(from: index, number: number)
            default: break
            }
        }
    }

    private mutating func markClipped(from sum: Int, number: (String) -> Double?) {
        let inputs = nodes[sum].input
        guard inputs.count == 2, let place = inputs.firstIndex(where: { number($0) == 3 }) else { return }
        let input = inputs[1 - place]
        guard let clip = onlyConsumer(of: sum), nodes[clip].opType == "Clip" else { return }
        if let quotient = sixth(of: clip, number: number) {
            if let product = product(of: quotient, and: input) {
                mark([sum, clip, quotient], product, .hardSwish, input)
            } else {
                mark([sum, clip], quotient, .hardSigmoid, input)
            }
        } else if let product = product(of: clip, and: input), let quotient = sixth(of: product, number: number) {
            mark([sum, clip, product], quotient, .hardSwish, input)
        }
    }

    private mutating func mark(_ parts: [Int], _ last: Int, _ activation: Activation, _ input: String) {
        for part in parts { roles[part] = .part }
        roles[last] = .activation(activation, input: input)
    }

    private func onlyConsumer(of node: Int) -> Int? {
        guard nodes[node].output.count == 1, let found = consumers[nodes[node].output[0]], found.count == 1,
            found[0] >= 0
        else { return nil }
        return found[0]
    }

    /// The node that multiplies a node's output, which nothing else reads, by that value.
    private func product(of node: Int, and value: String) -> Int? {
        guard let found = onlyConsumer(of: node), nodes[found].opType == "Mul", nodes[found].input.count == 2,
            nodes[found].input.contains(value)
        else { return nil }
        return found
    }

    /// The node that divides a node's output, which nothing else reads, by 6.
    private func sixth(of node: Int, number: (String) -> Double?) -> Int? {
        guard let found = onlyConsumer(of: node), nodes[found].input.count == 2 else { return nil }
        let other = nodes[found].input.first { $0 != nodes[node].output[0] }
        switch (nodes[found].opType, other.flatMap(number)) {
        case ("Div", 6): return nodes[found].input[0] == nodes[node].output[0] ? found : nil
        case ("Mul", let factor?): return abs(factor - 1.0 / 6) < 1e-6 ? found : nil
        default: return nil
        }
    }
}
