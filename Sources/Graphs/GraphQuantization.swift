import Architectures

/// Which operators of a graph run on integers of eight bits: those that read and write such integers, and those between
/// a dequantisation of every map that they read and a quantisation of what they write, which a runtime runs as one
/// operator together with both (Jacob et al., 2018, arXiv:1712.05877).
struct GraphQuantization {
    /// The nodes that run on integers.
    private(set) var integral: Set<Int> = []
    /// Quantisations and dequantisations that are part of a neighbour, and launch nothing.
    private(set) var absorbed: Set<Int> = []

    /// - Parameters:
    ///   - inputs: the values that each node that runs reads; nil for a node that does not run.
    ///   - readers: the nodes that run and read each value; -1 for what the network answers.
    init(_ graph: Graph, inputs: [[Int]?], readers: [[Int]]) {
        var writers = [Int](repeating: -1, count: graph.values.count)
        for (index, node) in graph.nodes.enumerated() { writers[node.output] = index }
        // Integers of sixteen bits are no narrow ones.
        func isQuantisation(_ node: Int) -> Bool {
            guard node >= 0, case .quantization(isDynamic: false) = graph.nodes[node].operation else { return false }
            return graph.values[graph.nodes[node].output].type.bits <= 8
        }
        func isDequantisation(_ node: Int) -> Bool {
            guard node >= 0, graph.nodes[node].operation == .dequantization, let read = graph.nodes[node].inputs.first else {
                return false
            }
            return graph.values[read].type.bits <= 8
        }
        // From the last node on: whether all that read a value are quantisations, perhaps after an activation.
        var isNarrowed = [Bool](repeating: false, count: graph.values.count)
        for index in graph.nodes.indices.reversed() where inputs[index] != nil {
            let output = graph.nodes[index].output
            let found = readers[output]
            isNarrowed[output] = !found.isEmpty && found.allSatisfy { reader in
                guard reader >= 0 else { return false }
                if isQuantisation(reader) { return true }
                guard found.count == 1 else { return false }
                switch graph.nodes[reader].operation {
                case .activation, .view, .batchNormalization: return isNarrowed[graph.nodes[reader].output]
                default: return false
                }
            }
        }
        for (index, node) in graph.nodes.enumerated() {
            guard let read = inputs[index] else { continue }
            let maps = read.filter { !graph.values[$0].isConstant }
            switch node.operation {
            case .quantization, .dequantization, .scale, .cast: continue
            default: break
            }
            if node.operation == .lookup, let table = read.dropFirst().first {
                // Rows of integers stay what they are, where nothing wider is asked for.
                if graph.values[table].type.isNarrowInteger,
                    isNarrowed[node.output] || graph.values[node.output].type.isNarrowInteger
                {
                    integral.insert(index)
                }
            } else if !maps.isEmpty, maps.allSatisfy({ graph.values[$0].type.isNarrowInteger }) {
                integral.insert(index)
            } else if !maps.isEmpty, isNarrowed[node.output],
                maps.allSatisfy({ isDequantisation(writers[$0]) || integral.contains(writers[$0]) })
            {
                integral.insert(index)
            }
        }
        // A last product reads integers and answers with floating-point numbers.
        for (index, node) in graph.nodes.enumerated() {
            guard let read = inputs[index] else { continue }
            switch node.operation {
            case .convolution, .product:
                let maps = read.filter { !graph.values[$0].isConstant }
                if !maps.isEmpty, maps.allSatisfy({ isDequantisation(writers[$0]) }),
                    read.dropFirst().first.map({ graph.values[$0].isConstant && graph.values[$0].type.isNarrowInteger }) ?? false
                {
                    integral.insert(index)
                }
            case .quantization where read.first.map({ integral.contains(writers[$0]) || isDequantisation(writers[$0]) }) ?? false:
                if isQuantisation(index) { absorbed.insert(index) }
            default: break
            }
        }
        for (index, node) in graph.nodes.enumerated() where node.operation == .dequantization && inputs[index] != nil {
            if readers[node.output].allSatisfy({ $0 >= 0 && (integral.contains($0) || absorbed.contains($0)) }) {
                absorbed.insert(index)
            }
        }
    }
}
