import Architectures

/// Layers that multiply matrices: by weights, or by each other.
extension NCNNLayer {
    /// Weights times every row of a matrix.
    private func product(rows: Int, inputs: Int, outputs: Int, epilogue: Operator.Epilogue = .init()) -> Operator {
        if rows == 1 { return .fullyConnected(inputChannels: inputs, outputChannels: outputs, epilogue: epilogue) }
        return .convolution(
            window: Window(side: 1), groups: 1, input: FeatureShape(height: rows, width: 1, channels: inputs),
            output: FeatureShape(height: rows, width: 1, channels: outputs), epilogue: epilogue)
    }

    /// The parameter at a key, which counts something and so is from 1 to 2³⁰.
    private func size(_ key: Int, _ what: String) throws -> Int {
        guard (1...1_073_741_824).contains(self[key, or: 0]) else {
            throw problem("has \(self[key, or: 0]) \(what); expected \(key)=\(what)")
        }
        return self[key, or: 0]
    }

    func innerProduct(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0], outputs = try size(0, "outputs"), weights = self[2, or: 0]
        let epilogue = Operator.Epilogue(hasBias: self[1, or: 0] == 1, activation: fusedActivation)
        // A matrix whose rows have the weights' length keeps its rows; every other blob is one vector.
        if input.sides.count == 2, weights == input.width * outputs {
            let step = product(rows: input.height, inputs: input.width, outputs: outputs, epilogue: epilogue)
            return NCNNWork(step, try shape([input.height, outputs]))
        }
        guard weights == 0 || weights == input.count * outputs else {
            throw problem("has \(weights) weights; expected \(input.count)x\(outputs), for its input of \(input)")
        }
        return NCNNWork(product(rows: 1, inputs: input.count, outputs: outputs, epilogue: epilogue), try shape([outputs]))
    }

    /// alpha · (A · B + beta · C), in which each of the three is a blob or weights.
    func matrixProduct(_ read: [NCNNShape]) throws -> NCNNWork? {
        if hasExpression(7, 8, 9) { return nil }
        var blobs = read[...]
        /// The rows and columns of a factor.
        func factor(_ constant: Int, _ transposed: Int, sides: (Int, Int)) throws -> (Int, Int) {
            if self[constant, or: 0] == 1 { return (try size(sides.0, "rows"), try size(sides.1, "columns")) }
            guard let blob = blobs.popFirst() else { throw problem("reads \(read.count) blobs; expected one for each factor") }
            // A map of one row a channel is a matrix.
            let rows = blob.sides.count == 3 ? blob.channels : blob.height
            return self[transposed, or: 0] == 1 ? (blob.width, rows) : (rows, blob.width)
        }
        let (rows, depth) = try factor(4, 2, sides: (7, 9))
        let (height, columns) = try factor(5, 3, sides: (9, 8))
        guard depth == height else { throw problem("multiplies \(rows)x\(depth) by \(height)x\(columns), which do not fit") }
        let isWeight = (left: self[4, or: 0] == 1, right: self[5, or: 0] == 1)
        let hasBias = self[6, or: 0] == 1 && self[10, or: 0] != -1
        var steps: [Operator]
        if isWeight.right {
            steps = [product(rows: rows, inputs: depth, outputs: columns, epilogue: .init(hasBias: hasBias))]
        } else if isWeight.left {
            steps = [product(rows: columns, inputs: depth, outputs: rows, epilogue: .init(hasBias: hasBias))]
        } else {
            steps = [.batchedProduct(batches: 1, rows: rows, depth: depth, columns: columns, otherCount: depth * columns)]
        }
        let sides = self[14, or: 0] == 1 ? [columns, rows] : [rows, columns]
        let output = try shape(self[11, or: 0] == 1 ? [sides[0], 1, sides[1]] : sides)
        if let added = blobs.first { steps.append(.elementwise(output.map, otherCount: added.count)) }
        return NCNNWork(steps: steps, outputs: [output])
    }

    /// Matrices of two blobs, multiplied pair by pair; a vector on the left is a row, on the right a column.
    func batchedProduct(_ read: [NCNNShape]) throws -> NCNNWork? {
        guard read.count == 2 else { throw problem("reads \(read.count) blobs; expected 2") }
        let (first, second) = (read[0].sides, read[1].sides)
        let left = first.count == 1 ? [1] + first : first
        var right = second.count == 1 ? second + [1] : second
        if second.count > 1, self[0, or: 0] == 1 { right.swapAt(right.count - 1, right.count - 2) }
        let (rows, depth) = (left[left.count - 2], left[left.count - 1])
        let (height, columns) = (right[right.count - 2], right[right.count - 1])
        let dimensions = max(left.count, right.count) - 2
        func batches(_ sides: [Int]) -> [Int] {
            [Int](repeating: 1, count: dimensions + 2 - sides.count) + sides.dropLast(2)
        }
        let pairs = zip(batches(left), batches(right))
        guard depth == height, pairs.allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
            throw problem("multiplies blobs of \(read[0]) and \(read[1]), which do not fit")
        }
        var sides = pairs.map { max($0, $1) }
        let count = sides.reduce(1, *)
        if first.count > 1 { sides.append(rows) }
        if second.count > 1 { sides.append(columns) }
        let step = Operator.batchedProduct(
            batches: count, rows: rows, depth: depth, columns: columns, otherCount: read[1].count)
        return NCNNWork(step, try shape(sides.isEmpty ? [1] : sides))
    }

    /// A sum over products of two blobs, whose letters name the sides: "ik,jk->ij".
    func einsteinSum(_ read: [NCNNShape]) throws -> NCNNWork? {
        var text = ""
        for code in list(0) ?? [] {
            if let scalar = Unicode.Scalar(UInt32(max(0, code))) { text.unicodeScalars.append(scalar) }
        }
        let arrow: String = "->", comma: Character = ","
        let halves = text.split(separator: arrow, omittingEmptySubsequences: false).map { Array($0) }
        let terms = (halves.first ?? []).split(separator: comma, omittingEmptySubsequences: false).map { Array($0) }
        guard halves.count == 2, terms.count == read.count else {
            throw problem("has the equation \"\(text.prefix(40))\"; expected one like ik,jk->ij for \(read.count) inputs")
        }
        var sizes: [Character: Int] = [:]
        for (term, blob) in zip(terms, read) {
            guard term.count == blob.sides.count else {
                throw problem("has the letters \(String(term)) for the sides of \(blob); expected one for each")
            }
            for (letter, side) in zip(term, blob.sides) {
                guard side == sizes[letter, default: side] else {
                    throw problem("has sides of \(sizes[letter] ?? 0) and of \(side) for the letter \(letter)")
                }
                sizes[letter] = side
            }
        }
        let output = try shape(
            halves[1].map { letter -> Int in
                guard let size = sizes[letter] else { throw problem("writes the letter \(letter), which nothing it reads has") }
                return size
            })
        guard terms.count == 2 else { return nil }
        /// The number of values over the letters of which something holds.
        func count(_ holds: (_ isLeft: Bool, _ isRight: Bool, _ isKept: Bool) -> Bool) throws -> Int {
            let letters = sizes.keys.filter { holds(terms[0].contains($0), terms[1].contains($0), halves[1].contains($0)) }
            return try letters.isEmpty ? 1 : shape(letters.compactMap { sizes[$0] }).count
        }
        let step = Operator.batchedProduct(
            batches: try count { $0 && $1 && $2 }, rows: try count { $0 && !$1 && $2 }, depth: try count { !$2 },
            columns: try count { !$0 && $1 && $2 }, otherCount: read[1].count)
        return NCNNWork(step, output)
    }

    /// A softmax of products of queries and keys, times values.
    private func scores(heads: Int, queries: Int, keys: Int, depth: Int, values: Int, isMasked: Bool) -> [Operator] {
        let rows = FeatureShape(height: queries, width: heads, channels: keys)
        var steps = [
            Operator.batchedProduct(batches: heads, rows: queries, depth: depth, columns: keys, otherCount: heads * depth * keys)
        ]
        if isMasked { steps.append(.elementwise(rows, otherCount: queries * keys)) }
        steps.append(.softmax(rows))
        steps.append(
            .batchedProduct(batches: heads, rows: queries, depth: keys, columns: values, otherCount: heads * keys * values))
        return steps
    }

    /// Whether attention is int8 in a file of 2022, when the third parameter said so; since then it is the depth of the keys,
    /// which that of the values follows.
    var isOlderInteger: Bool { type == "MultiHeadAttention" && self[3, or: 0] == 1 && !gives(4) && self[0, or: 0] > 1 }

    /// Attention with its four products by weights (Vaswani et al., 2017, arXiv:1706.03762).
    func multiHeadAttention(_ read: [NCNNShape]) throws -> NCNNWork? {
        // With a cache the length hangs on what ran before.
        if self[7, or: 0] == 1 { return nil }
        let isMasked = self[5, or: 0] == 1
        let blobs = isMasked ? Array(read.dropLast()) : read
        guard (1...3).contains(blobs.count) else {
            throw problem("reads \(read.count) blobs; expected queries, keys and values" + (isMasked ? ", and a mask" : ""))
        }
        let width = try size(0, "values"), heads = self[1, or: 1], weights = try size(2, "weights")
        guard heads > 0, width % heads == 0, weights % width == 0 else {
            throw problem("has \(heads) heads and \(weights) weights for \(width) values; expected divisors")
        }
        let query = blobs[0], key = blobs.count > 1 ? blobs[1] : query, value = blobs.count > 2 ? blobs[2] : key
        let depth = weights / width, keyDepth = isOlderInteger ? width : self[3, or: width], valueDepth = self[4, or: width]
        guard query.width == depth, key.width == keyDepth, value.width == valueDepth, key.height == value.height,
            max(query.sides.count, key.sides.count, value.sides.count) == 2
        else {
            throw problem("reads blobs of \(query), \(key) and \(value); expected rows of \(depth), \(keyDepth) and \(valueDepth)")
        }
        func project(_ blob: NCNNShape, to outputs: Int) -> Operator {
            product(rows: blob.height, inputs: blob.width, outputs: outputs, epilogue: .init(hasBias: true))
        }
        let mixed = try shape([query.height, width]), head = width / heads
        var steps = [project(query, to: width), project(key, to: width), project(value, to: width)]
        steps += scores(
            heads: heads, queries: query.height, keys: key.height, depth: head, values: head, isMasked: isMasked)
        steps.append(project(mixed, to: depth))
        return NCNNWork(steps: steps, outputs: [try shape([query.height, depth])])
    }

    /// Whether the layer reads keys and values of earlier runs, its last two inputs, and writes them with those of this run.
    var isCached: Bool { type == "SDPA" && self[7, or: 0] == 1 }

    /// Attention over queries, keys and values of [heads, places, depth].
    func attention(_ read: [NCNNShape]) throws -> NCNNWork? {
        guard read.count >= 3 else { throw problem("reads \(read.count) blobs; expected queries, keys and values") }
        let (query, key, value) = (read[0], read[1], read[2]), isMasked = self[5, or: 0] == 1
        guard query.width == key.width, key.height == value.height, key.channels == value.channels,
            query.channels % key.channels == 0
        else { throw problem("reads blobs of \(query), \(key) and \(value), which do not fit") }
        let cache = isMasked ? 4 : 3
        let keys = key.height + (isCached && read.count > cache ? read[cache].height : 0)
        // What the products read and write must be blobs too.
        for width in [keys, query.width, value.width] {
            _ = try shape([query.channels, query.height, width])
            _ = try shape([query.channels, keys, width])
        }
        let steps = scores(
            heads: query.channels, queries: query.height, keys: keys, depth: query.width, values: value.width, isMasked: isMasked)
        var outputs = [try shape([query.channels, query.height, value.width])]
        if isCached { outputs += try [key, value].map { try shape([$0.channels, keys, $0.width]) } }
        return NCNNWork(steps: steps, outputs: outputs)
    }

    /// LSTM, GRU and a plain recurrent layer over the rows of a matrix, in one direction or in both.
    func recurrence(_ read: [NCNNShape]) throws -> NCNNWork? {
        let outputs = try size(0, "outputs"), rows = read[0].height, directions = self[2, or: 0] == 2 ? 2 : 1
        let hidden = try type == "LSTM" && gives(3) ? size(3, "hidden values") : outputs
        let gates = hidden * (type == "LSTM" ? 4 : type == "GRU" ? 3 : 1)
        guard read[0].sides.count == 2 else { throw problem("reads a blob of \(read[0]); expected rows of values") }
        // One row after another, also the products with the inputs.
        func product(inputs: Int, outputs: Int, epilogue: Operator.Epilogue = .init()) -> Operator {
            var step = self.product(rows: rows, inputs: inputs, outputs: outputs, epilogue: epilogue)
            step.timeSteps = rows
            return step
        }
        var steps: [Operator] = []
        for _ in 0..<directions {
            steps.append(product(inputs: read[0].width, outputs: gates, epilogue: .init(hasBias: true)))
            steps.append(product(inputs: outputs, outputs: gates))
            steps.append(.function(FeatureShape(height: rows, width: 1, channels: gates)))
            if hidden != outputs { steps.append(product(inputs: hidden, outputs: outputs)) }
        }
        let states = [try shape([directions, outputs]), try shape([directions, hidden])]
        return NCNNWork(steps: steps, outputs: [try shape([rows, outputs * directions])] + states)
    }
}
