/// A model with the operators of a graph in the place of each composite operator, which stands for that graph.
///
/// What is too deep or too much for a graph of any network stays the operator that it was.
struct TFLiteCalls {
    private(set) var model: TFLiteModel
    /// The names of the composite operators, in the order of the file.
    private(set) var composites: [String] = []
    private var callCount = 0

    private static let depthLimit = 16, callLimit = 4096, sizeLimit = 65_536

    init(_ file: TFLiteModel) {
        model = TFLiteModel(name: file.name, description: file.description)
        (model.inputs, model.outputs) = (file.inputs, file.outputs)
        (model.graphs, model.furtherSignatures) = (file.graphs, file.furtherSignatures)
        for tensor in file.tensors { _ = model.add(tensor) }
        append(file.operators, at: Array(file.tensors.indices), graph: 0, depth: 0)
    }

    /// - Parameters:
    ///   - places: of the tensors of the graph in the model.
    ///   - graph: the place of the graph in the file.
    private mutating func append(_ operators: [TFLiteOperator], at places: [Int], graph: Int, depth: Int) {
        for (index, step) in operators.enumerated() {
            var moved = TFLiteOperator(
                step.operation, inputs: step.inputs.map { $0.map { places[$0] } }, outputs: step.outputs.map { places[$0] })
            moved.place = step.place ?? (graph == 0 ? "operator \(index)" : "graph \(graph) operator \(index)")
            if case .composite(let name, let called) = step.operation, let body = model.graph(called), canCall(body, moved, depth) {
                composites.append(name)
                call(body, moved, graph: called, depth: depth)
            } else {
                model.add(moved)
            }
        }
    }

    private func canCall(_ body: TFLiteModel, _ step: TFLiteOperator, _ depth: Int) -> Bool {
        depth < Self.depthLimit && callCount < Self.callLimit && !step.inputs.contains(nil)
            && body.inputs.count == step.inputs.count && body.outputs.count == step.outputs.count
            && model.operators.count + body.operators.count <= Self.sizeLimit
            && model.tensors.count + body.tensors.count <= Self.sizeLimit
    }

    private mutating func call(_ body: TFLiteModel, _ step: TFLiteOperator, graph: Int, depth: Int) {
        callCount += 1
        var places: [Int: Int] = [:]
        for (own, given) in zip(body.inputs, step.inputs.compactMap(\.self)) { places[own] = given }
        for (own, written) in zip(body.outputs, step.outputs) where places[own] == nil && !body.tensors[own].isConstant {
            places[own] = written
        }
        var all: [Int] = []
        for (own, tensor) in body.tensors.enumerated() { all.append(places[own] ?? model.add(tensor)) }
        append(body.operators, at: all, graph: graph, depth: depth + 1)
        // A graph may answer with what it reads, with a constant, or twice with the same.
        for (own, written) in zip(body.outputs, step.outputs) where all[own] != written {
            var copy = TFLiteOperator(.reshape([]), inputs: [all[own]], outputs: [written])
            copy.place = step.place
            model.add(copy)
        }
    }
}
