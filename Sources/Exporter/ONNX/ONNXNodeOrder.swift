/// The order of nodes in which each follows those that write what it reads.
enum ONNXNodeOrder {
    /// The places of nodes in that order, which is that of the file wherever it can be.
    ///
    /// ONNX asks for it, but ONNX Runtime sorts what it reads, and some converters rely on that: those to float16 append the
    /// nodes that turn the image. Nodes that wait for each other stay as they are.
    static func places(of nodes: [ONNXNodeProto]) -> [Int] {
        let written = nodes.enumerated().flatMap { place, node in
            node.output.filter { !$0.isEmpty }.map { ($0, place) }
        }
        let writers = Dictionary(written) { first, _ in first }
        func needed(by place: Int) -> [Int] {
            let captured = nodes[place].attribute.filter(\.hasG).flatMap { ONNXFunctions.captured(by: $0.g) }
            return (nodes[place].input + captured).compactMap { writers[$0] }.filter { $0 != place }
        }
        let isSorted = nodes.indices.allSatisfy { place in needed(by: place).allSatisfy { $0 < place } }
        guard !isSorted else { return Array(nodes.indices) }
        enum State { case new, waiting, done }
        var states = [State](repeating: .new, count: nodes.count), order: [Int] = []
        for start in nodes.indices {
            var stack = [start]
            while let place = stack.last {
                if states[place] == .new {
                    states[place] = .waiting
                    stack += needed(by: place).reversed().filter { states[$0] == .new }
                } else {
                    stack.removeLast()
                    if states[place] == .waiting {
                        states[place] = .done
                        order.append(place)
                    }
                }
            }
        }
        return order
    }
}
