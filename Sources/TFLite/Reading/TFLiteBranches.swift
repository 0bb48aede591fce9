import Graphs

/// A model with the operators of one graph in the place of each branch: the graph that a constant chooses or, where the image
/// does, the one that costs more.
struct TFLiteBranches {
    private(set) var model: TFLiteModel
    private(set) var choices: [TFLiteGraphReader.Choice] = []
    /// The tensors that choose.
    private(set) var conditions: Set<Int> = []

    /// Each branch is priced with all that is around it.
    private static let limit = 16

    /// - Parameter path: of the file, for messages.
    init(_ file: TFLiteModel, path: String) {
        model = file
        var start = 0
        for _ in 0..<Self.limit {
            let places = model.operators.indices.dropFirst(start)
            guard let index = places.first(where: { model.operators[$0].operation.code == .branch }) else { break }
            // What is in the place of a branch may hold further ones.
            start = settle(index, path: path) ? index : index + 1
        }
    }

    /// Whether one of the two graphs took the place of a branch; where neither can be read, it stays.
    private mutating func settle(_ index: Int, path: String) -> Bool {
        let step = model.operators[index]
        guard case .branch(let then, let otherwise) = step.operation, let condition = step.inputs.first ?? nil else { return false }
        if model.tensors[condition].type == .bool, let byte = model.tensors[condition].data?.first {
            guard let chosen = taking(byte != 0 ? then : otherwise, at: index) else { return false }
            model = chosen
            return true
        }
        guard let first = taking(then, at: index), let second = taking(otherwise, at: index),
            let one = try? TFLiteGraphReader(withoutBranches: first, path: path),
            let other = try? TFLiteGraphReader(withoutBranches: second, path: path)
        else { return false }
        let alternatives = GraphAlternatives(one.graph, other.graph), isFirst = alternatives.isFirstDearer
        if !alternatives.areSame {
            choices.append(
                TFLiteGraphReader.Choice(
                    place: "\(step.place ?? "operator \(index)") \(step.operation.name)", graph: isFirst ? then : otherwise,
                    difference: alternatives.difference))
        }
        model = isFirst ? first : second
        conditions.insert(condition)
        return true
    }

    /// The model with a graph in the place of a branch; nil where the graph does not fit there.
    private func taking(_ graph: Int, at index: Int) -> TFLiteModel? {
        var taken = model
        let inputs = Array(taken.operators[index].inputs.dropFirst())
        taken.replace(operator: index, by: .composite("", graph: graph), inputs: inputs)
        let whole = TFLiteCalls(taken).model
        let isLeft = whole.operators.indices.contains(index) && whole.operators[index].operation == .composite("", graph: graph)
        return isLeft ? nil : whole
    }
}
