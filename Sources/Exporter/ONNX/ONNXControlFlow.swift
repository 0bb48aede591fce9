import Architectures
import Files
import Graphs

/// Branches and loops, whose graphs are attributes of their nodes.
extension ONNXGraphReader {
    /// A loop of more passes is not read pass by pass.
    static let passLimit = 1024.0
    /// Each branch is priced with all that is before it, and each level keeps copies of what was read.
    private static let choiceLimit = 16, choiceDepthLimit = 2

    /// The branch that a constant chooses or, where the image does, the one that costs more.
    mutating func readBranch(_ node: ONNXNode) throws(FileError) {
        let condition = try value(node, 0)
        if let number = condition.number {
            for (index, name) in try names(ofBranch: number != 0 ? "then_branch" : "else_branch", node).enumerated() {
                try define(node, as: name, output: index)
            }
            return
        }
        choiceCount += 1
        guard choiceCount <= Self.choiceLimit, choiceDepth < Self.choiceDepthLimit else {
            throw node.problem(
                "expected at most \(Self.choiceLimit) branches that depend on the image, and no more than "
                    + "\(Self.choiceDepthLimit) within each other, found more")
        }
        choiceDepth += 1
        var first = self, second = self
        let one = try first.outputs(ofBranch: "then_branch", node)
        // What was read counts, whichever branch is kept.
        (second.nodeCount, second.choiceCount) = (first.nodeCount, first.choiceCount)
        let other = try second.outputs(ofBranch: "else_branch", node)
        (first.nodeCount, first.choiceCount) = (second.nodeCount, second.choiceCount)
        guard one.map(\.shape) == other.map(\.shape) else {
            throw node.problem(
                "its branches answer \(one.map(\.shape).listed) and \(other.map(\.shape).listed), and which one runs depends "
                    + "on the image\(blamed(condition))")
        }
        let alternatives = GraphAlternatives(first.graph, second.graph), isFirst = alternatives.isFirstDearer
        self = isFirst ? first : second
        choiceDepth -= 1
        if !alternatives.areSame {
            choices.append(
                ImportedNetwork.choice(
                    of: node.place, taking: isFirst ? "then_branch" : "else_branch", difference: alternatives.difference))
        }
        let read = condition.isConstant ? [] : [try index(node, 0)]
        for (index, (value, unused)) in zip(isFirst ? one : other, isFirst ? other : one).enumerated() {
            try define(node, value, or: unused, choosing: read, output: index)
        }
    }

    /// Defines an output of a node as one value or another, which has the same shape.
    ///
    /// - Parameter condition: what chooses, in the neutral graph.
    private mutating func define(
        _ node: ONNXNode, _ value: ONNXValue, or other: ONNXValue, choosing condition: [Int], output: Int
    ) throws(FileError) {
        guard !value.isConstant || !other.isConstant else {
            var result = ONNXValue(
                constant: value.shape, type: value.type, numbers: value.numbers == other.numbers ? value.numbers : nil,
                blame: node.place)
            result.comes(from: value)
            return try define(node, result, output: output)
        }
        let read = index(of: value.isConstant ? ONNXValue(shape: value.shape, type: value.type) : value)
        let written = try emit(node, .view, reading: [read] + condition, shape: value.shape, type: value.type)
        try define(node, written: written, output: output)
    }

    /// Reads a branch of a node, and returns the values that it answers.
    private mutating func outputs(ofBranch name: String, _ node: ONNXNode) throws(FileError) -> [ONNXValue] {
        var answers: [ONNXValue] = []
        for output in try names(ofBranch: name, node) {
            guard let value = values[output] else {
                throw node.problem("its \(name) answers a list of values, and which branch runs depends on the image")
            }
            answers.append(value)
        }
        return answers
    }

    /// Reads a branch of a node, and returns the names of what it answers.
    private mutating func names(ofBranch name: String, _ node: ONNXNode) throws(FileError) -> [String] {
        guard let branch = node.proto.attribute(name)?.g else { throw node.problem("expected a \(name), found none") }
        // Two branches may write the same names.
        let graph = ONNXFunctions.pass(of: branch, prefix: "\(node.name.named)/\(nodeCount)/")
        try addWeights(of: graph, node)
        addGivenShapes(graph.valueInfo + graph.output)
        try read(graph.node)
        let answers = graph.output.prefix(node.proto.output.count).map(\.name)
        for (index, answer) in answers.enumerated() where values[answer] == nil && sequences[answer] == nil {
            throw node.problem("its \(name) does not write \"\(branch.output[index].name.named)\"")
        }
        return answers
    }

    /// A loop of a constant number of passes, one after the other, or of as many as a constant condition allows; any other is
    /// an operator that is not known.
    mutating func readLoop(_ node: ONNXNode) throws(FileError) {
        let start = try optionalValue(node, 1), most = try optionalValue(node, 0)
        // An open loop ends where its condition says so, which has to be before the limit.
        let hasLimit = most.map { $0.number.map { $0 <= Self.passLimit } ?? true } ?? false
        let isOpen = !hasLimit && start != nil && choiceCount < Self.choiceLimit && choiceDepth < Self.choiceDepthLimit
        guard let body = node.proto.attribute("body")?.g, let trips = isOpen ? Self.passLimit : most?.number,
            (0...Self.passLimit).contains(trips), start == nil || start?.number != nil
        else { return try emitUnknown(node) }
        if isOpen {
            choiceCount += 1
            choiceDepth += 1
        }
        defer { if isOpen { choiceDepth -= 1 } }
        let before = isOpen ? self : nil
        let carriedCount = max(0, node.proto.input.count - 2)
        guard body.input.count == carriedCount + 2, body.output.count >= carriedCount + 1,
            node.proto.output.count <= body.output.count - 1
        else { throw node.problem("its body has \(body.input.count) inputs and \(body.output.count) outputs") }
        var carried = node.proto.input.dropFirst(2).map(\.self)
        let own = "\(node.name.named)/\(nodeCount)/"
        let condition = own + "condition"
        values[condition] = ONNXValue(constant: [], type: .bool, numbers: [1])
        let weights = try addWeights(ofLoop: body, node, prefix: own)
        var scanned = [[String]](repeating: [], count: body.output.count - 1 - carriedCount)
        for pass in 0..<(start?.number == 0 ? 0 : Int(trips)) {
            let trip = "\(own)trip/\(pass)"
            values[trip] = ONNXValue(integers: [pass], shape: [])
            let bound = Dictionary(zip(body.input.map(\.name), [trip, condition] + carried)) { first, _ in first }
            let answers = try readPass(
                of: body, node, prefix: "\(own)\(pass)/", bound: bound.merging(weights) { first, _ in first })
            carried = Array(answers.dropFirst().prefix(carriedCount))
            for (index, name) in answers.dropFirst(1 + carriedCount).enumerated() { scanned[index].append(name) }
            guard let goesOn = values[answers[0]] else { throw node.problem("its body does not write whether it goes on") }
            guard let chosen = goesOn.number else {
                guard let before else {
                    throw node.problem("whether its pass \(pass + 1) is the last depends on the image\(blamed(goesOn))")
                }
                let count = nodeCount
                self = before
                nodeCount = count
                return try emitUnknown(node)
            }
            if chosen == 0 { break }
            guard !isOpen || pass < Int(trips) - 1 else {
                throw node.problem("expected a loop of at most \(Int(trips)) passes, found one that goes on")
            }
        }
        for (index, name) in node.proto.output.enumerated() where !name.isEmpty {
            if index < carriedCount {
                let last = carried[index]
                guard values[last] != nil || sequences[last] != nil else {
                    throw node.problem("its body does not write \"\(last.named)\"")
                }
                try define(node, as: last, output: index)
            } else {
                try stack(scanned[index - carriedCount], node, output: index)
            }
        }
    }

    /// Adds the weights of a loop's body, which all passes read, and returns their names by those that the body has for them.
    ///
    /// - Parameter prefix: of all names that are the loop's own.
    mutating func addWeights(
        ofLoop body: ONNXGraphProto, _ node: ONNXNode, prefix: String
    ) throws(FileError) -> [String: String] {
        let own = prefix + "weights/"
        try addWeights(of: body, node, prefix: own)
        return Dictionary(body.weightNames.map { ($0, own + $0) }) { first, _ in first }
    }

    /// Reads the body of a loop for one of its passes, and returns the names of what it answers.
    ///
    /// - Parameters:
    ///   - prefix: of the names of values that only this pass has.
    ///   - bound: the names of what the inputs and the weights of the body stand for.
    mutating func readPass(
        of body: ONNXGraphProto, _ node: ONNXNode, prefix: String, bound: [String: String]
    ) throws(FileError) -> [String] {
        nodeCount += ONNXFunctions.size(of: body)
        guard nodeCount <= Self.nodeLimit else {
            throw node.problem("expected a graph of at most \(Self.nodeLimit) nodes, found more in the passes of a loop")
        }
        let graph = ONNXFunctions.pass(of: body, prefix: prefix, bound: bound)
        try read(graph.node)
        return graph.output.map(\.name)
    }

    /// Defines an output as the results of all passes of a loop, along a side of its own.
    mutating func stack(_ names: [String], _ node: ONNXNode, output: Int, axis: Int = 0) throws(FileError) {
        try define(node, stacked(names, node, output: output, axis: axis), output: output)
    }

    /// The results of all passes of a loop as one value, along a side of its own.
    ///
    /// - Parameter output: of the node, for messages.
    mutating func stacked(_ names: [String], _ node: ONNXNode, output: Int, axis: Int = 0) throws(FileError) -> ONNXValue {
        let parts = names.compactMap { values[$0] }
        guard let first = parts.first, parts.count == names.count, parts.allSatisfy({ $0.shape == first.shape }) else {
            throw node.problem(
                "its passes write \(parts.map(\.shape).listed) for \"\(node.proto.output[output].named)\"; expected one shape")
        }
        let place = try normalized([axis], rank: first.shape.count + 1, node)[0]
        var shape = first.shape
        shape.insert(parts.count, at: place)
        if parts.allSatisfy(\.isConstant) {
            let lists = place == 0 ? parts.compactMap(\.numbers) : []
            return ONNXValue(
                constant: shape, type: first.type, numbers: lists.count == parts.count ? lists.flatMap { $0 } : nil, blame: node.place)
        }
        var indices: [Int] = []
        for part in names {
            guard let value = values[part] else { continue }
            let place = index(of: value)
            values[part]?.index = place
            indices.append(place)
        }
        var whole = ONNXValue(shape: shape, type: first.type)
        whole.index = try emit(
            node, indices.count == 1 ? .view : .concatenation, reading: indices, shape: shape, type: first.type)
        return whole
    }
}
