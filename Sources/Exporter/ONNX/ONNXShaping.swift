import Files
import Graphs

/// The operators that rearrange values. Of constants they give constants, of maps moves.
extension ONNXGraphReader {
    /// An index in Python's sense, from the end where it is negative, clamped to a range.
    private static func clamped(_ index: Int, _ count: Int, in range: ClosedRange<Int>) -> Int {
        let fromStart = index < 0 ? (index < -count - 1 ? -1 : index + count) : index
        return min(max(fromStart, range.lowerBound), range.upperBound)
    }

    mutating func readView(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        switch node.kind {
        case "Flatten":
            let given = node.proto.int("axis", default: 1)
            guard (-rank...rank).contains(given) else { throw node.problem("axis \(given) of \(rank) dimensions") }
            let axis = given < 0 ? given + rank : given
            try view(node, shape: [input.shape[..<axis].reduce(1, *), input.shape[axis...].reduce(1, *)])
        case "Squeeze":
            let given = try integers(node, "axes", orInput: 1).map { axes throws(FileError) in
                try normalized(axes, rank: rank, node)
            }
            let axes = given ?? input.shape.indices.filter { input.shape[$0] == 1 }
            try view(node, shape: input.shape.indices.filter { !axes.contains($0) }.map { input.shape[$0] })
        case "Unsqueeze":
            let given = try integers(node, "axes", orInput: 1) ?? []
            guard rank + given.count <= ONNXShape.rankLimit else {
                throw node.problem("expected at most \(ONNXShape.rankLimit) dimensions, found \(rank + given.count)")
            }
            let axes = Set(try normalized(given, rank: rank + given.count, node))
            guard axes.count == given.count else { throw node.problem("the same axis twice") }
            var sides = input.shape[...]
            try view(node, shape: (0..<rank + given.count).map { axes.contains($0) ? 1 : sides.removeFirst() })
        default: try readReshape(node, input)
        }
    }

    private mutating func readReshape(_ node: ONNXNode, _ input: ONNXValue) throws(FileError) {
        let wanted: [Int]?
        if let attribute = node.proto.ints("shape") {
            wanted = attribute
        } else {
            let value = try value(node, 1)
            // What the file states serves where the numbers cannot be computed.
            guard let found = value.integers ?? node.proto.output.first.flatMap({ given($0) }) else {
                throw node.problem("expected a shape that does not depend on the image\(blamed(value))")
            }
            wanted = found
        }
        guard let sides = wanted, sides.count <= ONNXShape.rankLimit else {
            throw node.problem("expected a shape of at most \(ONNXShape.rankLimit) sides, found \(wanted?.count ?? 0)")
        }
        let copies = node.proto.int("allowzero", default: 0) == 0
        var shape: [Int] = []
        var open: Int?
        var known = 1
        for (index, side) in sides.enumerated() {
            switch side {
            case -1:
                guard open == nil else { throw node.problem("two sides of -1 in \(sides)") }
                open = index
                shape.append(1)
                continue
            case 0 where copies && index < input.shape.count: shape.append(input.shape[index])
            case 1...: shape.append(side)
            case 0 where input.count == 0: shape.append(0)
            default: throw node.problem("expected sides of at least 1, found \(sides)")
            }
            let (product, overflow) = known.multipliedReportingOverflow(by: shape[index])
            if overflow { throw node.problem("more values than can be counted in \(sides)") }
            known = product
        }
        if let open {
            guard known > 0, input.count % known == 0 else { throw node.problem("\(input.count) values do not fill \(sides)") }
            shape[open] = input.count / known
        } else if known != input.count {
            throw node.problem("\(input.count) values do not fill \(sides)")
        }
        try view(node, shape: shape)
    }

    mutating func readTranspose(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        let order = node.proto.ints("perm") ?? Array((0..<rank).reversed())
        guard order.sorted() == Array(0..<rank) else {
            throw node.problem("\(order.listed) is no order of \(rank) dimensions")
        }
        let shape = order.map { input.shape[$0] }
        let wide = order.filter { input.shape[$0] > 1 }
        if input.isConstant {
            let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in
                var place = at
                for (axis, from) in order.enumerated() { place[from] = at[axis] }
                return place
            }
            var result = ONNXValue(constant: shape, type: input.type, numbers: numbers, blame: input.blame ?? node.place)
            result.trueCount = input.trueCount
            // A stored weight stays one.
            result.comes(from: input)
            try define(node, result)
        } else if wide == wide.sorted() {
            // Only sides of 1 move, so no value moves.
            try view(node, shape: shape)
        } else {
            try emit(node, .move, inputs: [0], shape: shape)
        }
    }

    mutating func readSlice(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard let starts = try integers(node, "starts", orInput: 1), let ends = try integers(node, "ends", orInput: 2)
        else { throw node.problem("expected starts and ends") }
        let axes = try integers(node, "axes", orInput: 3) ?? Array(starts.indices)
        let steps = try integers(node, "steps", orInput: 4) ?? starts.map { _ in 1 }
        guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count,
            axes.allSatisfy((-rank..<rank).contains), !steps.contains(0)
        else { throw node.problem("expected as many starts, ends, axes and steps, and axes of \(rank) dimensions") }
        var shape = input.shape, firsts = [Int](repeating: 0, count: rank), strides = [Int](repeating: 1, count: rank)
        for (index, axis) in axes.enumerated() {
            let at = axis < 0 ? axis + rank : axis
            let side = input.shape[at], step = steps[index]
            if step > 0 {
                let start = Self.clamped(starts[index], side, in: 0...side)
                let end = Self.clamped(ends[index], side, in: 0...side)
                shape[at] = start < end ? (end - start - 1) / step + 1 : 0
                firsts[at] = start
            } else {
                let start = Self.clamped(starts[index], side, in: -1...max(-1, side - 1))
                // The least end, -1 less all of the side, stands for one before the first.
                let end = Self.clamped(ends[index], side, in: -1...max(-1, side - 1))
                shape[at] = start > end ? Int((start - end - 1).magnitude / step.magnitude) + 1 : 0
                firsts[at] = start
            }
            strides[at] = step
        }
        if input.isConstant {
            let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in
                at.indices.map { firsts[$0] + at[$0] * strides[$0] }
            }
            return try define(node, constant: shape, type: input.type, numbers: numbers, from: [input])
        }
        try shape == input.shape && strides.allSatisfy { $0 == 1 }
            ? view(node, shape: shape) : emit(node, .move, inputs: [0], shape: shape)
    }

    mutating func readSplit(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count, count = node.proto.output.count
        let given = node.proto.int("axis", default: 0)
        guard (-rank..<rank).contains(given), count > 0 else {
            throw node.problem("axis \(given) of \(rank) dimensions")
        }
        let axis = given < 0 ? given + rank : given
        let side = input.shape[axis]
        let part = (side + count - 1) / count
        let equal = (0..<count).map { $0 < count - 1 ? part : side - part * (count - 1) }
        let sizes = try integers(node, "split", orInput: 1) ?? equal
        var sum = 0
        let isWhole = sizes.allSatisfy {
            sum += min(max($0, 0), side)
            return (0...side).contains($0)
        }
        guard sizes.count == count, isWhole, sum == side else {
            throw node.problem("\(sizes.listed) is no split of \(side) into \(count)")
        }
        var first = 0
        for (index, size) in sizes.enumerated() {
            var shape = input.shape
            shape[axis] = size
            let start = first
            first += size
            guard !input.isConstant else {
                let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in
                    var place = at
                    place[axis] += start
                    return place
                }
                var part = ONNXValue(constant: shape, type: input.type, numbers: numbers, blame: input.blame ?? node.place)
                (part.storedType, part.weights) = (input.storedType, input.weights)
                try define(node, part, output: index)
                continue
            }
            try emit(node, shape == input.shape ? .view : .move, inputs: [0], shape: shape, output: index)
        }
    }

    mutating func readGather(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), indices = try value(node, 1)
        let rank = input.shape.count
        guard rank > 0 else { throw node.problem("expected a list, found a number") }
        let axis = try normalized([node.proto.int("axis", default: 0)], rank: rank, node)[0]
        let shape = input.shape[..<axis] + indices.shape + input.shape[(axis + 1)...]
        let side = input.shape[axis]
        if let wanted = indices.integers, let wrong = wanted.first(where: { !(-side..<side).contains($0) }) {
            throw node.problem("index \(wrong) of \(side) values")
        }
        if input.isConstant, indices.isConstant {
            if let text = ONNXShape.problem(of: Array(shape), least: 0) { throw node.problem(text) }
            let list = indices.integers == nil ? nil : ONNXNumbers(indices)
            let numbers: [Double]? = list.flatMap { list in
                ONNXNumbers(input)?.rearranged(to: Array(shape)) { at in
                    let middle = Array(at[axis..<axis + indices.shape.count])
                    let index = Int(list.broadcast(at: middle))
                    return at[..<axis] + [index < 0 ? index + side : index] + at[(axis + indices.shape.count)...]
                }
            }
            return try define(node, constant: Array(shape), type: input.type, numbers: numbers, from: [input, indices])
        }
        if input.isConstant { return try emit(node, .lookup, inputs: [1, 0], shape: Array(shape), type: input.type) }
        // A chosen place of a side of 1 moves nothing.
        if side == 1, indices.count == 1 { return try view(node, shape: Array(shape)) }
        try emit(node, .move, inputs: computedInputs(node), shape: Array(shape), type: input.type)
    }

    mutating func readScatter(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), indices = try value(node, 1)
        let shape: [Int]
        switch node.kind {
        case "GatherElements": shape = indices.shape
        case "GatherND":
            let batch = node.proto.int("batch_dims", default: 0)
            guard let depth = indices.shape.last, batch >= 0, batch < indices.shape.count, depth > 0,
                batch + depth <= input.shape.count
            else { throw node.problem("\(indices.shape) does not fit \(input.shape)") }
            shape = indices.shape.dropLast() + input.shape[(batch + depth)...]
        default: shape = input.shape
        }
        let all = try inputs(node)
        if all.allSatisfy(\.isConstant) {
            return try define(
                node, constant: shape, type: input.type, numbers: try picked(node, all, shape: shape), from: all)
        }
        try emit(node, .move, inputs: computedInputs(node), shape: shape, type: input.type)
    }

    /// The numbers that a gathering or a scattering of constants gives; nil where some are not known.
    private func picked(_ node: ONNXNode, _ all: [ONNXValue], shape: [Int]) throws(FileError) -> [Double]? {
        guard let list = ONNXNumbers(all[0]), let places = ONNXNumbers(all[1]), all[1].isIntegral, node.kind != "TensorScatter"
        else { return nil }
        func place(_ number: Double, _ axis: Int) throws(FileError) -> Int {
            let side = list.shape[axis], index = Int(clamping: number)
            guard (-side..<side).contains(index) else { throw node.problem("index \(index) of \(side) values") }
            return index < 0 ? index + side : index
        }
        switch node.kind {
        case "GatherElements", "ScatterElements", "Scatter":
            let rank = list.shape.count
            guard rank > 0, places.shape.count == rank else { throw node.problem("\(places.shape) does not fit \(list.shape)") }
            let axis = try normalized([node.proto.int("axis", default: 0)], rank: rank, node)[0]
            let indices = try places.values.map { number throws(FileError) in try place(number, axis) }
            var next = 0
            if node.kind == "GatherElements" {
                let isInside = places.shape.indices.allSatisfy { $0 == axis || places.shape[$0] <= list.shape[$0] }
                guard isInside else { throw node.problem("\(places.shape) does not fit \(list.shape)") }
                return list.rearranged(to: shape) { at in
                    var from = at
                    from[axis] = indices[next]
                    next += 1
                    return from
                }
            }
            guard all.count > 2, let updates = ONNXNumbers(all[2]), updates.shape == places.shape, let reduction = Self.reduction(node),
                places.shape.indices.allSatisfy({ $0 == axis || places.shape[$0] <= list.shape[$0] })
            else { return nil }
            var numbers = list.values
            let isDone = ONNXNumbers.visit(places.shape) { at in
                var to = at
                to[axis] = indices[next]
                numbers[list.index(of: to)] = reduction(numbers[list.index(of: to)], updates.values[next])
                next += 1
            }
            return isDone ? numbers : nil
        default:
            // Each row of indices is a place of a value, or of a list of them.
            let batch = node.kind == "GatherND" ? node.proto.int("batch_dims", default: 0) : 0
            guard batch == 0, let depth = places.shape.last, depth > 0, depth <= list.shape.count else { return nil }
            var rows: [[Int]] = []
            for start in stride(from: 0, to: places.values.count, by: depth) {
                var row: [Int] = []
                for axis in 0..<depth { row.append(try place(places.values[start + axis], axis)) }
                rows.append(row)
            }
            let size = list.shape[depth...].reduce(1, *)
            let starts = rows.map { list.index(of: $0 + list.shape[depth...].map { _ in 0 }) }
            if node.kind == "GatherND" {
                guard starts.count * size <= ONNXValue.knownCount else { return nil }
                return starts.flatMap { Array(list.values[$0..<$0 + size]) }
            }
            guard all.count > 2, let updates = ONNXNumbers(all[2]), updates.values.count == starts.count * size,
                let reduction = Self.reduction(node)
            else { return nil }
            var numbers = list.values
            for (row, start) in starts.enumerated() {
                for inner in 0..<size {
                    numbers[start + inner] = reduction(numbers[start + inner], updates.values[row * size + inner])
                }
            }
            return numbers
        }
    }

    /// What a scattering makes of the number at a place and a new one.
    private static func reduction(_ node: ONNXNode) -> ((Double, Double) -> Double)? {
        switch node.proto.text("reduction") {
        case "", "none": { $1 }
        case "add": { $0 + $1 }
        case "mul": { $0 * $1 }
        case "max": { max($0, $1) }
        case "min": { min($0, $1) }
        default: nil
        }
    }

    /// Broadcasting: values are repeated along sides of 1.
    mutating func readExpansion(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0), sides = try value(node, 1)
        let shape: [Int]
        if let wanted = sides.integers {
            guard wanted.allSatisfy({ $0 >= 0 }), let found = Self.broadcast(input.shape, wanted) else {
                throw node.problem("\(input.shape) does not fit \(wanted.listed)")
            }
            shape = found
        } else if let given = node.proto.output.first.flatMap({ given($0) }) {
            guard Self.broadcast(input.shape, given) == given else {
                throw node.problem("\(input.shape) does not fit \(given.listed), which the file states")
            }
            shape = given
        } else {
            throw node.problem("expected a shape that does not depend on the image\(blamed(sides))")
        }
        if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
        if input.isConstant {
            let skipped = shape.count - input.shape.count
            let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in
                input.shape.enumerated().map { $1 == 1 ? 0 : at[skipped + $0] }
            }
            try define(node, constant: shape, type: input.type, numbers: numbers, from: [input])
        } else if shape.reduce(1, *) == input.count {
            try view(node, shape: shape)
        } else {
            try emit(node, .move, inputs: [0], shape: shape)
        }
    }

    mutating func readTile(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let repeats = try integers(node, "repeats", orInput: 1) ?? []
        let limit = ONNXShape.countLimit
        guard repeats.count == input.shape.count, repeats.allSatisfy((0...limit).contains) else {
            throw node.problem("expected \(input.shape.count) repeats, found \(repeats.listed)")
        }
        let shape = zip(input.shape, repeats).map(*)
        if input.isConstant {
            if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
            let numbers = ONNXNumbers(input)?.rearranged(to: shape) { at in zip(at, input.shape).map { $0 % $1 } }
            try define(node, constant: shape, type: input.type, numbers: numbers, from: [input])
        } else if shape == input.shape {
            try view(node, shape: shape)
        } else {
            try emit(node, .move, inputs: [0], shape: shape)
        }
    }

    mutating func readPad(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let rank = input.shape.count
        guard let given = try integers(node, "pads", orInput: 1) else { throw node.problem("expected pads") }
        var pads = given
        if let axes = try optionalValue(node, 3) {
            guard let list = axes.integers, given.count == 2 * list.count else {
                throw node.problem("expected axes that do not depend on the image\(blamed(axes)), and two pads for each")
            }
            pads = [Int](repeating: 0, count: 2 * rank)
            for (index, axis) in try normalized(list, rank: rank, node).enumerated() {
                pads[axis] = given[index]
                pads[axis + rank] = given[index + list.count]
            }
        }
        let limit = 1 << 16
        guard pads.count == 2 * rank, pads.allSatisfy((-limit...limit).contains) else {
            throw node.problem("expected \(2 * rank) pads from -\(limit) to \(limit), found \(pads.listed)")
        }
        let shape = input.shape.indices.map { input.shape[$0] + pads[$0] + pads[$0 + rank] }
        if input.isConstant {
            if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
            return try define(
                node, constant: shape, type: input.type, numbers: padded(node, input, to: shape, pads), from: [input])
        }
        if pads.allSatisfy({ $0 == 0 }) { return try view(node, shape: shape) }
        try emit(node, .move, inputs: [0], shape: shape)
    }

    /// The middle of a map, or a map with zeros around it.
    mutating func readMiddle(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let axes = try normalized(node.proto.ints("axes") ?? Array(input.shape.indices), rank: input.shape.count, node)
        guard let sides = try integers(node, "shape", orInput: 1), sides.count == axes.count else {
            throw node.problem("expected \(axes.count) sides")
        }
        var shape = input.shape
        for (axis, side) in zip(axes, sides) { shape[axis] = side }
        if input.isConstant { return try define(node, constant: shape, type: input.type, numbers: nil, from: [input]) }
        try shape == input.shape ? view(node, shape: shape) : emit(node, .move, inputs: [0], shape: shape)
    }

    /// A list for each index, with one value at its place and another everywhere else.
    mutating func readOneHot(_ node: ONNXNode) throws(FileError) {
        let indices = try value(node, 0), values = try value(node, 2), rank = indices.shape.count
        guard let depth = try value(node, 1).number, (1...Double(ONNXShape.countLimit)).contains(depth) else {
            throw node.problem("expected a depth from 1 that does not depend on the image")
        }
        let axis = try normalized([node.proto.int("axis", default: -1)], rank: rank + 1, node)[0]
        let shape = indices.shape[..<axis] + [Int(depth)] + indices.shape[axis...]
        if indices.isConstant {
            var numbers: [Double]?
            if let list = ONNXNumbers(indices), let pair = values.numbers, pair.count == 2 {
                var found: [Double] = []
                let isDone = ONNXNumbers.visit(Array(shape)) { at in
                    var from = at
                    let place = Double(from.remove(at: axis)), index = list[from]
                    found.append(place == (index < 0 ? index + depth : index) ? pair[1] : pair[0])
                }
                if isDone { numbers = found }
            }
            return try define(node, constant: Array(shape), type: values.type, numbers: numbers, from: [indices, values])
        }
        try emit(node, .move, inputs: [0], shape: Array(shape), type: values.type)
    }

    /// The numbers of a constant with a number around them; nil where some are not known.
    private func padded(_ node: ONNXNode, _ input: ONNXValue, to shape: [Int], _ pads: [Int]) throws(FileError) -> [Double]? {
        if shape == input.shape, pads.allSatisfy({ $0 == 0 }) { return input.numbers }
        let filler = try optionalValue(node, 2)
        guard let list = ONNXNumbers(input), ["", "constant"].contains(node.proto.text("mode")), filler == nil || filler?.number != nil
        else { return nil }
        let around = filler?.number ?? node.proto.attribute("value").map { Double($0.f) } ?? 0
        var numbers: [Double] = []
        let isDone = ONNXNumbers.visit(shape) { at in
            let from = at.indices.map { at[$0] - pads[$0] }
            let isInside = from.indices.allSatisfy { (0..<input.shape[$0]).contains(from[$0]) }
            numbers.append(isInside ? list[from] : around)
        }
        return isDone ? numbers : nil
    }

    mutating func readConcatenation(_ node: ONNXNode) throws(FileError) {
        let parts = try inputs(node)
        guard let first = parts.first else { throw node.problem("expected at least one input, found none") }
        let places = node.proto.input.indices.filter { node.proto.optionalInput($0) != nil }
        try concatenate(node, parts, places: places, like: first)
    }

    /// - Parameter places: of the parts among the inputs.
    mutating func concatenate(
        _ node: ONNXNode, _ parts: [ONNXValue], places: [Int], like first: ONNXValue
    ) throws(FileError) {
        let rank = first.shape.count
        let axis = try normalized([node.proto.int("axis", default: 0)], rank: rank, node)[0]
        var shape = first.shape
        for part in parts.dropFirst() {
            guard part.shape.count == rank, part.shape.indices.allSatisfy({ $0 == axis || part.shape[$0] == shape[$0] })
            else { throw node.problem("\(part.shape) does not fit \(first.shape) along axis \(axis)") }
            let (sum, overflow) = shape[axis].addingReportingOverflow(part.shape[axis])
            if overflow { throw node.problem("more values than can be counted along axis \(axis)") }
            shape[axis] = sum
        }
        guard parts.allSatisfy(\.isConstant) else {
            // Parts without values add nothing.
            let whole = zip(places, parts).compactMap { $1.count > 0 ? $0 : nil }
            return try emit(node, whole.count == 1 ? .view : .concatenation, inputs: whole, shape: shape)
        }
        if let text = ONNXShape.problem(of: shape, least: 0) { throw node.problem(text) }
        // Only so many numbers that the result is not larger than the limit.
        let isKnown = shape.reduce(1, *) <= ONNXValue.knownCount
        let lists = isKnown ? parts.compactMap { ONNXNumbers($0) } : []
        let numbers = lists.count == parts.count ? ONNXNumbers.joined(lists, along: axis, to: shape) : nil
        try define(node, constant: shape, type: first.type, numbers: numbers, from: parts)
    }

    /// A part of every row, sums along a side, and other copies of the same shape.
    mutating func readCopy(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        guard input.isConstant else { return try emit(node, .move, inputs: [0], shape: input.shape) }
        var numbers: [Double]?
        if node.kind == "CumSum", let axis = try value(node, 1).integers?.first, let list = ONNXNumbers(input) {
            numbers = list.sums(
                along: try normalized([axis], rank: input.shape.count, node)[0],
                isExclusive: node.proto.int("exclusive", default: 0) != 0, isReversed: node.proto.int("reverse", default: 0) != 0)
        } else if node.kind.hasSuffix("Trilu"), input.shape.count >= 2, let list = ONNXNumbers(input) {
            let given = try optionalValue(node, 1), rank = input.shape.count, isUpper = node.proto.int("upper", default: 1) != 0
            let offset: Double? = given == nil ? 0 : given?.number
            var kept: [Double] = []
            let isDone = ONNXNumbers.visit(input.shape) { at in
                let distance = Double(at[rank - 1] - at[rank - 2]), least = offset ?? 0
                kept.append((isUpper ? distance >= least : distance <= least) ? list[at] : 0)
            }
            if isDone, offset != nil { numbers = kept }
        }
        try define(node, constant: input.shape, type: input.type, numbers: numbers, from: [input])
    }

    mutating func readCast(_ node: ONNXNode) throws(FileError) {
        let input = try value(node, 0)
        let type: ElementType
        if node.kind == "CastLike" {
            type = try value(node, 1).type
        } else {
            type = ONNXDataType.element(Int32(truncatingIfNeeded: node.proto.int("to", default: 0)))
        }
        guard input.isConstant else {
            return try input.type == type
                ? emit(node, .view, inputs: [0], shape: input.shape)
                : emit(node, .cast, inputs: [0], shape: input.shape, type: type)
        }
        var result = ONNXValue(constant: input.shape, type: type, numbers: input.numbers, blame: input.blame)
        if result.isIntegral {
            result = ONNXValue(
                constant: input.shape, type: type,
                numbers: input.numbers.map { $0.map { type == .bool ? ($0 == 0 ? 0 : 1) : $0.rounded(.towardZero) } },
                blame: input.blame)
        }
        // A number that is not 0 may become 0 where both are numbers.
        if type == .bool || input.type == .bool { result.trueCount = input.trueCount }
        // A stored weight stays one.
        result.comes(from: input)
        try define(node, result)
    }
}
