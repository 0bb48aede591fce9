import Architectures
import Graphs
import Testing

// example: Graphs
func launches(side: Int, channels: Int) -> [String] {
    var graph = Graph(layout: .channelsFirst)
    let pixels = side * side
    let map = graph.add(Graph.Value(shape: [1, channels, pixels], type: .float32))
    let turned = graph.add(Graph.Value(shape: [1, pixels, channels], type: .float32))
    let scores = graph.add(Graph.Value(shape: [1, pixels, pixels], type: .float32))
    graph.add("turn", .move, inputs: [map], output: turned)
    let product = GraphProduct(batches: 1, rows: pixels, depth: channels, columns: pixels)
    graph.add("scores", .product(product), inputs: [turned, map], output: scores)
    graph.outputs = [scores]
    return GraphNetwork(graph).operators.map { "\($0.name): \($0.step.summary)" }
}
// end of example

@Suite("The example of Graphs")
struct GraphsExample {
    @Test("launches a transposition and a product of two maps")
    func launched() {
        #expect(launches(side: 7, channels: 8) == ["turn: move", "scores: batched product"])
    }
}
