import Files

/// The operators that rearrange values, and those that compute with shapes.
extension ONNXGraphReader {
    mutating func readShaping(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        switch node.kind {
        case "Flatten":
            let given = node.proto.int("axis", default: 1)
            guard (-rank...rank).contains(given) else { throw node.problem("axis \(given) of \(rank) dimensions") }
            let axis = given < 0 ? given + rank : given
            try view(node, shape: [input.shape[..<axis].reduce(1, *), input.shape[axis...].reduce(1, *)])
        case "Reshape": try readReshape(node, input)
        case "Squeeze":
            let axes = try axes(node, rank: rank) ?? input.shape.indices.filter { input.shape[$0] == 1 }
            try view(node, shape: input.shape.indices.filter { !axes.contains($0) }.map { input.shape[$0] })
        case "Unsqueeze":
            let count = (try integers(node, "axes", orInput: 1) ?? []).count
            guard rank + count <= ONNXShape.rankLimit else {
                throw node.problem("expected at most \(ONNXShape.rankLimit) dimensions, found \(rank + count)")
            }
            let axes = Set(try axes(node, rank: rank + count) ?? [])
            guard axes.count == count else { throw node.problem("the same axis twice") }
            var sides = input.shape[...]
            try view(node, shape: (0..<rank + count).map { axes.contains($0) ? 1 : sides.removeFirst() })
        case "Shape":
            let start = Self.clamped(node.proto.int("start", default: 0), rank)
            let end = Self.clamped(node.proto.int("end", default: rank), rank)
            let sides = start < end ? Array(input.shape[start..<end]) : []
            guard !sides.isEmpty else { throw node.problem("expected at least one side") }
            try define(node, ONNXValue(shape: [sides.count], integers: sides))
        case "Gather": try readGather(node, input)
        case "Slice": try readSlice(node, input)
        case "ConstantOfShape":
            guard let sides = input.integers else { return try launchUnknown(node) }
            let filler = node.proto.attribute("value").map(\.t)
            let number = filler == nil ? 0 : filler?.numbers?.first
            let result = try checked(ONNXValue(shape: sides), place: node.place)
            try define(
                node,
                ONNXValue(
                    shape: sides,
                    numbers: result.count <= ONNXValue.knownCount
                        ? number.map { [Double](repeating: $0, count: result.count) } : nil,
                    isIntegral: filler?.isIntegral ?? false))
        case "CastLike" where input.isConstant: try define(node, input)
        case "Cast", "CastLike":
            if input.isConstant {
                var result = input
                let type = Int32(truncatingIfNeeded: node.proto.int("to", default: 0))
                result.isIntegral = type == ONNXDataType.int64 || type == ONNXDataType.int32
                if result.isIntegral { result.mapNumbers { $0.rounded(.towardZero) } }
                try define(node, result)
            } else {
                try launch(node, .memoryMove, input: input, shape: input.shape)
            }
        case "Split": try readSplit(node, input)
        case "Transpose": try readTranspose(node, input)
        case "Expand": try readExpansion(node, input)
        default: try readPad(node, input)
        }
    }

    /// An index in Python's sense, from the end where it is negative, clamped to 0...count.
    private static func clamped(_ index: Int, _ count: Int) -> Int {
        index < 0 ? max(0, index < -count ? 0 : index + count) : min(index, count)
    }

    /// The axes of an attribute or of the second input, counted from the first; nil where there is neither.
    private func axes(_ node: ONNXNode, rank: Int) throws(FileError) -> [Int]? {
        guard let given = try integers(node, "axes", orInput: 1) else { return nil }
        var axes: [Int] = []
        for axis in given {
            guard (-rank..<rank).contains(axis) else { throw node.problem("axis \(axis) of \(rank) dimensions") }
            axes.append(axis < 0 ? axis + rank : axis)
        }
        return axes
    }

    private mutating func readReshape(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        guard let given = try integers(node, "shape", orInput: 1) else {
            throw node.problem("expected a shape that does not depend on the image")
        }
        guard given.count <= ONNXShape.rankLimit else {
            throw node.problem("expected a shape of at most \(ONNXShape.rankLimit) sides, found \(given.count)")
        }
        let copies = node.proto.int("allowzero", default: 0) == 0
        var shape: [Int] = []
        var open: Int?
        var known = 1
        for (index, side) in given.enumerated() {
            switch side {
            case -1:
                guard open == nil else { throw node.problem("two sides of -1 in \(given)") }
                open = index
                shape.append(1)
                continue
            case 0 where copies && index < input.shape.count: shape.append(input.shape[index])
            case 1...: shape.append(side)
            default: throw node.problem("expected sides of at least 1, found \(given)")
            }
            let (product, overflow) = known.multipliedReportingOverflow(by: shape[index])
            if overflow { throw node.problem("more values than can be counted in \(given)") }
            known = product
        }
        if let open {
            guard known > 0, input.count % known == 0 else { throw node.problem("\(input.count) values do not fill \(given)") }
            shape[open] = input.count / known
        }
        try view(node, shape: shape)
    }

    private mutating func readGather(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let indices = try value(node, 1)
        guard let list = input.numbers, input.shape.count == 1, let wanted = indices.integers,
            node.proto.int("axis", default: 0) == 0 || node.proto.int("axis", default: 0) == -1
        else { return try launchUnknown(node) }
        var found: [Double] = []
        for index in wanted {
            guard (-list.count..<list.count).contains(index) else {
                throw node.problem("index \(index) of \(list.count) values")
            }
            found.append(list[index < 0 ? index + list.count : index])
        }
        try define(node, ONNXValue(shape: indices.shape, numbers: found, isIntegral: input.isIntegral))
    }

    private mutating func readSlice(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let rank = input.shape.count
        func list(_ name: String, _ index: Int) throws(FileError) -> [Int]? {
            try integers(node, name, orInput: index)
        }
        guard let starts = try list("starts", 1), let ends = try list("ends", 2) else { return try launchUnknown(node) }
        let axes = try list("axes", 3) ?? Array(starts.indices)
        let steps = try list("steps", 4) ?? starts.map { _ in 1 }
        guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count,
            axes.allSatisfy((-rank..<rank).contains)
        else { throw node.problem("expected as many starts, ends, axes and steps, and axes of \(rank) dimensions") }
        // A negative step costs the same, but is not computed here.
        guard steps.allSatisfy({ $0 > 0 }) else { return try launchUnknown(node) }
        var shape = input.shape
        var kept = input.numbers
        for (index, axis) in axes.enumerated() {
            let at = axis < 0 ? axis + rank : axis
            let start = Self.clamped(starts[index], shape[at]), end = Self.clamped(ends[index], shape[at])
            guard start < end else { throw node.problem("nothing left of axis \(axis)") }
            shape[at] = (end - start - 1) / steps[index] + 1
            if let list = kept, rank == 1 { kept = (0..<shape[at]).map { list[start + $0 * steps[index]] } }
        }
        if input.isConstant {
            try define(node, ONNXValue(shape: shape, numbers: rank == 1 ? kept : nil, isIntegral: input.isIntegral))
        } else {
            try launch(node, .memoryMove, input: ONNXValue(shape: shape), shape: shape)
        }
    }

    private mutating func readSplit(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let rank = input.shape.count, count = node.proto.output.count
        let given = node.proto.int("axis", default: 0)
        guard (-rank..<rank).contains(given), count > 0 else {
            throw node.problem("axis \(given) of \(rank) dimensions")
        }
        let axis = given < 0 ? given + rank : given
        let side = input.shape[axis]
        // Every part has at least one value.
        guard count <= side else { throw node.problem("a split of \(side) into \(count)") }
        let part = (side + count - 1) / count
        let equal = (0..<count).map { $0 < count - 1 ? part : side - part * (count - 1) }
        let sizes = try integers(node, "split", orInput: 1) ?? equal
        guard sizes.count == count, sizes.allSatisfy({ (1...side).contains($0) }), sizes.reduce(0, +) == side else {
            throw node.problem("\(sizes.listed) is no split of \(side) into \(count)")
        }
        for (index, size) in sizes.enumerated() {
            var shape = input.shape
            shape[axis] = size
            try launch(node, .memoryMove, input: ONNXValue(shape: shape), shape: shape, output: index)
        }
    }

    private mutating func readTranspose(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let rank = input.shape.count
        let order = node.proto.ints("perm") ?? Array((0..<rank).reversed())
        guard order.sorted() == Array(0..<rank) else {
            throw node.problem("\(order.listed) is no order of \(rank) dimensions")
        }
        let shape = order.map { input.shape[$0] }
        let wide = order.filter { input.shape[$0] > 1 }
        if input.isConstant {
            try define(node, ONNXValue(shape: shape, numbers: nil, isIntegral: input.isIntegral))
        } else if wide == wide.sorted() {
            // Only sides of 1 move, so no value moves.
            try view(node, shape: shape)
        } else {
            try launch(node, .memoryMove, input: input, shape: shape)
        }
    }

    /// Broadcasting: values are repeated along sides of 1.
    private mutating func readExpansion(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        guard let sides = try optionalValue(node, 1)?.integers, let shape = Self.broadcast(input.shape, sides) else {
            return try launchUnknown(node)
        }
        if input.isConstant {
            let result = try checked(ONNXValue(shape: shape), place: node.place)
            let isKnown = input.count == 1 && result.count <= ONNXValue.knownCount
            let repeated = isKnown ? input.number.map { [Double](repeating: $0, count: result.count) } : nil
            try define(
                node,
                ONNXValue(
                    shape: shape, numbers: shape == input.shape ? input.numbers : repeated, isIntegral: input.isIntegral
                ))
        } else {
            try launch(node, .memoryMove, input: input, shape: shape)
        }
    }

    private mutating func readPad(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let rank = input.shape.count
        guard let pads = try integers(node, "pads", orInput: 1) else {
            return try launchUnknown(node)
        }
        let limit = 1 << 16
        guard pads.count == 2 * rank, pads.allSatisfy((-limit...limit).contains) else {
            throw node.problem("expected \(2 * rank) pads from -\(limit) to \(limit), found \(pads.listed)")
        }
        let shape = input.shape.indices.map { input.shape[$0] + pads[$0] + pads[$0 + rank] }
        if pads.allSatisfy({ $0 == 0 }) { return try view(node, shape: shape) }
        try launch(node, .memoryMove, input: input, shape: shape)
    }
}
