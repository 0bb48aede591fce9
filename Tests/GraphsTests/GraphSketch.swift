import Architectures
import Graphs

/// A graph on an image of 8x8 pixels and 4 channels, written node by node.
struct GraphSketch {
    var graph = Graph(layout: .channelsFirst)
    let image: Int

    init(_ shape: [Int] = [1, 4, 8, 8], type: ElementType = .float32) {
        image = graph.add(Graph.Value(shape: shape, type: type))
        graph.input = image
    }

    mutating func constant(_ shape: [Int], _ number: Double? = nil, type: ElementType = .float32) -> Int {
        graph.add(Graph.Value(shape: shape, type: type, origin: number == nil ? .stored : .constant, number: number))
    }

    mutating func node(
        _ operation: GraphOperation, _ inputs: [Int], shape: [Int]? = nil, type: ElementType? = nil
    ) -> Int {
        let output = graph.add(
            Graph.Value(
                shape: shape ?? graph.values[inputs[0]].shape, type: type ?? graph.values[inputs[0]].type))
        graph.add("n\(graph.nodes.count)", operation, inputs: inputs, output: output)
        return output
    }

    /// The keys of what a runtime launches for a network that answers with those values.
    func keys(_ outputs: Int...) -> [String] {
        var graph = graph
        graph.outputs = outputs
        return GraphNetwork(graph).operators.map(\.step.key)
    }
}
