import Architectures

/// Layers that give values another shape or another place.
extension NCNNLayer {
    /// A copy of a blob that has another shape.
    private func move(_ input: NCNNShape, to sides: [Int]) throws -> NCNNWork {
        let output = try shape(sides)
        // What is cut out is all that is read.
        return NCNNWork(.memoryMove(input: (input.count > output.count ? output : input).map, output: output.map), output)
    }

    // MARK: - Other shapes for the same values

    func reshape(_ read: [NCNNShape]) throws -> NCNNWork? {
        // With batches as another side, more than shapes decides.
        if gives(12) || gives(13) { return nil }
        let input = read[0]
        guard var sides = wantedSides(read) else { return nil }
        if sides.count == 1 { return NCNNWork(outputs: [try shape([input.count])]) }
        if let rest = sides.firstIndex(of: -1) {
            sides[rest] = 1
            let known = try shape(sides).count
            sides[rest] = input.count / known
        }
        let text = sides.map(String.init).joined(separator: "x")
        guard let output = NCNNShape(sides), output.count == input.count else {
            throw problem("makes \(text) of a blob of \(input); expected as many values")
        }
        return NCNNWork(outputs: [output])
    }

    /// The sides that a reshape asks for, the outermost first, -1 for what is left; nil where more than shapes decides.
    private func wantedSides(_ read: [NCNNShape]) -> [Int]? {
        var sides: [Int]
        if hasExpression(6) {
            guard let values = values(6, reading: read), values.count <= 4 else { return nil }
            sides = values
        } else {
            // The innermost first; without a height there are no channels, and without channels no depth.
            let missing = -233, depth = self[11, or: missing], channels = self[2, or: missing]
            sides = [self[0, or: missing], self[1, or: missing]]
            if depth != missing, channels != missing { sides.append(depth) }
            sides = Array((sides + [channels]).prefix { $0 != missing })
            if sides.isEmpty { return [-1] }
        }
        // A side of 0 is that of the input.
        let input = read[0]
        let own = [input.width, input.height] + (sides.count == 4 ? [input.depth] : []) + [input.channels]
        return Array(zip(sides, own).map { $0 == 0 ? $1 : $0 }.reversed())
    }

    func squeeze(_ read: [NCNNShape]) throws -> NCNNWork? {
        let sides = read[0].sides
        var dropped: Set<Int> = []
        if let axes = list(3) {
            for axis in axes { dropped.insert(try place(of: axis, in: read[0])) }
        } else {
            if self[0, or: 0] == 1 { dropped.insert(sides.count - 1) }
            if self[1, or: 0] == 1, sides.count > 1 { dropped.insert(sides.count - 2) }
            if self[2, or: 0] == 1, sides.count > 2 { dropped.insert(0) }
            if self[11, or: 0] == 1, sides.count > 3 { dropped.insert(1) }
        }
        let kept = sides.indices.filter { sides[$0] != 1 || !dropped.contains($0) }.map { sides[$0] }
        return NCNNWork(outputs: [try shape(kept.isEmpty ? [1] : kept)])
    }

    func expandDimensions(_ read: [NCNNShape]) throws -> NCNNWork? {
        // The axes count the sides of the result.
        let axes = list(3) ?? [], count = read[0].sides.count + axes.count
        let added = Set(try axes.map { try place(of: $0, among: count) })
        guard added.count == axes.count else { throw problem("adds an axis twice; expected different ones") }
        var rest = read[0].sides[...]
        return NCNNWork(outputs: [try shape((0..<count).map { added.contains($0) ? 1 : rest.popFirst() ?? 1 })])
    }

    // MARK: - Other places

    /// Order types number the orders of the sides as a dictionary sorts them: with three, 0 is c h w and 5 is w h c.
    func permute(_ read: [NCNNShape]) throws -> NCNNWork? {
        let type = self[0, or: 0]
        var left = read[0].sides, output: [Int] = []
        guard left.count > 1 else { return NCNNWork(outputs: [read[0]]) }
        var orders = (1...left.count).reduce(1, *), number = type
        guard (0..<orders).contains(type) else {
            throw problem("has the order type \(type); expected one below \(orders), for \(left.count) dimensions")
        }
        while !left.isEmpty {
            orders /= left.count
            output.append(left.remove(at: number / orders))
            number %= orders
        }
        // The first order changes nothing.
        return try type == 0 ? NCNNWork(outputs: [read[0]]) : move(read[0], to: output)
    }

    func pixelShuffle(_ read: [NCNNShape]) throws -> NCNNWork? {
        let factor = self[0, or: 1], input = read[0]
        guard input.sides.count == 3, (1...65_536).contains(factor), input.channels % (factor * factor) == 0 else {
            throw problem("spreads channels of \(input) over \(factor)x\(factor) pixels, which do not divide them")
        }
        return try move(
            input, to: [input.channels / (factor * factor), input.height * factor, input.width * factor])
    }

    /// Squares of pixels as channels.
    func reorganisation(_ read: [NCNNShape]) throws -> NCNNWork? {
        let side = type == "Reorg" ? self[0, or: 1] : 2, input = read[0]
        guard input.sides.count == 3, (1...65_536).contains(side), input.height >= side, input.width >= side else {
            throw problem("gathers squares of \(side)x\(side) of a blob of \(input); expected a larger map")
        }
        return try move(input, to: [input.channels * side * side, input.height / side, input.width / side])
    }

    // MARK: - Several blobs, and parts of one

    func concatenation(_ read: [NCNNShape]) throws -> NCNNWork? {
        let axis = try place(of: self[0, or: 0], in: read[0])
        var sides = read[0].sides
        for other in read.dropFirst() {
            guard other.sides.count == sides.count,
                sides.indices.allSatisfy({ $0 == axis || other.sides[$0] == sides[$0] })
            else {
                throw problem("concatenates maps of different sides: \(read.map(\.description).joined(separator: ", "))")
            }
            sides[axis] += other.sides[axis]
        }
        let output = try shape(sides)
        return NCNNWork(.concatenate(output: output.map), output)
    }

    func slice(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0], axis = try place(of: self[1, or: 0], in: input), all = input.sides[axis]
        var sizes = list(0) ?? []
        if sizes.isEmpty, let ends = list(2) {
            // The places where it is cut, of which the negative ones count from the end.
            let cuts = [0] + ends.map { $0 < 0 ? $0 + all : $0 } + [all]
            sizes = zip(cuts.dropFirst(), cuts).map { $0 - $1 }
        }
        guard sizes.count == outputs.count else {
            throw problem("writes \(outputs.count) blobs; expected 0=sizes or 2=places, for each blob one")
        }
        var left = all
        let shapes = try sizes.enumerated().map { index, size in
            // -233 takes an even share of what is left.
            let taken = size == -233 ? left / (sizes.count - index) : size
            guard taken > 0, taken <= left else { throw problem("takes \(taken) of \(left) values that are left") }
            left -= taken
            var sides = input.sides
            sides[axis] = taken
            return try shape(sides)
        }
        return NCNNWork(steps: [.memoryMove(input: input.map, output: input.map)], outputs: shapes)
    }

    func crop(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0]
        var sides = input.sides
        if [19, 20, 21].contains(where: { hasExpression($0) && values($0, reading: read) == nil }) { return nil }
        if let starts = list(9) ?? values(19, reading: read), let ends = list(10) ?? values(20, reading: read) {
            let axes = list(11) ?? values(21, reading: read) ?? Array(starts.indices)
            guard starts.count == ends.count, starts.count == axes.count else {
                throw problem("has \(starts.count) starts, \(ends.count) ends and \(axes.count) axes; expected as many")
            }
            for (index, axis) in axes.enumerated() {
                let at = try place(of: axis, in: input), side = sides[at]
                // Negative places count from the end; an end of 0 is the end itself.
                let start = starts[index] == -233 ? 0 : starts[index], end = ends[index] == -233 ? 0 : ends[index]
                sides[at] = min(side, end > 0 ? end : side + end) - max(0, start < 0 ? side + start : start)
            }
            return try move(input, to: sides)
        }
        // The parameters of each side, the outermost first: offset, size, and what is cut off at the end.
        let channels = (2, 5, 8), depth = (13, 14, 15), height = (1, 4, 7), width = (0, 3, 6)
        var keys = sides.count == 4 ? [channels, depth, height, width] : [channels, height, width]
        keys.removeFirst(keys.count - sides.count)
        for (index, key) in keys.enumerated() {
            var size = self[key.1, or: 0]
            if read.count > 1 {
                // The size is that of the second blob, whose sides are the innermost ones if it has fewer.
                let at = index - sides.count + read[1].sides.count
                size = at >= 0 ? read[1].sides[at] : -233
            }
            let most = sides[index] - self[key.0, or: 0] - self[key.2, or: 0]
            sides[index] = size == -233 ? most : min(size, most)
        }
        return try move(input, to: sides)
    }

    func padding(_ read: [NCNNShape]) throws -> NCNNWork? {
        let keys = [0, 1, 2, 3, 7, 8]
        // The padding is another blob.
        if read.count > 1 || keys.contains(where: { self[$0, or: 0] == -233 || self[$0, or: 0] == -234 }) { return nil }
        var sides = read[0].sides
        let last = sides.count - 1
        sides[last] += self[2, or: 0] + self[3, or: 0]
        if last >= 1 { sides[last - 1] += self[0, or: 0] + self[1, or: 0] }
        // The channels of a map, the depth of a volume.
        if last >= 2 { sides[last - 2] += self[7, or: 0] + self[8, or: 0] }
        let output = try shape(sides)
        return NCNNWork(.memoryMove(input: read[0].map, output: output.map), output)
    }

    func tile(_ read: [NCNNShape]) throws -> NCNNWork? {
        var sides = read[0].sides
        guard let repeats = list(2), !repeats.isEmpty else {
            let axis = try place(of: self[0, or: 0], in: read[0])
            sides[axis] *= self[1, or: 1]
            return try move(read[0], to: sides)
        }
        guard repeats.count <= 4 else { throw problem("repeats \(repeats.count) sides; expected 4 at most") }
        if sides.count == 3, repeats.count == 4 {
            // A map keeps its channels outermost, and gets a depth.
            sides.insert(1, at: 1)
        }
        let ones = [Int](repeating: 1, count: max(0, repeats.count - sides.count))
        sides = ones + sides
        for (index, count) in repeats.enumerated() { sides[sides.count - repeats.count + index] *= count }
        return try move(read[0], to: sides)
    }

    func interpolation(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0]
        guard input.sides.count <= 3 else { throw problem("resizes a blob of \(input); expected 3 dimensions at most") }
        // A vector's values are channels of one pixel.
        let isVector = input.sides.count == 1
        var height = self[3, or: 0], width = self[4, or: 0]
        if hasExpression(9) {
            // The width goes first, and the height, if it is another one.
            guard let given = values(9, reading: read), given.count <= 2 else { return nil }
            (height, width) = (given.count > 1 ? given[1] : isVector ? 1 : input.height, given[0])
        } else if self[5, or: 0] == 1 {
            guard read.count > 1 else { throw problem("reads one blob; expected another one that has the sides") }
            (height, width) = (read[1].height, read[1].width)
        } else if height == 0 || width == 0 {
            height = try scaled(isVector ? 1 : input.height, 1)
            width = try scaled(isVector ? 1 : input.width, 2)
        }
        let sides = input.sides.count == 2 ? [input.height, width] : [isVector ? input.width : input.channels, height, width]
        let output = try shape(sides)
        // A matrix is interpolated along its rows.
        return NCNNWork(.resize(input: input.planes, output: output.planes), output)
    }

    /// A map, at the places that another blob has.
    func gridSample(_ read: [NCNNShape]) throws -> NCNNWork? {
        let input = read[0]
        guard read.count == 2, (3...4).contains(input.sides.count), read[1].sides.count == input.sides.count else {
            throw problem("reads blobs of \(read.map(\.description).joined(separator: ", ")); expected a map and its places")
        }
        // The coordinates of a place are innermost, or outermost.
        let places = self[3, or: 0] == 1 ? read[1].sides.dropFirst() : read[1].sides.dropLast()
        let output = try shape([input.channels] + places)
        return NCNNWork(.resize(input: input.map, output: output.map), output)
    }

    /// A side times the factor of that key, rounded down as ncnn does in single precision.
    private func scaled(_ side: Int, _ key: Int) throws -> Int {
        let scaled = Float(side) * Float(fraction(key, or: 1))
        guard scaled >= 1, scaled <= Float(NCNNShape.limit) else {
            throw problem("makes a side of \(scaled) of one of \(side); expected 1 or more")
        }
        return Int(scaled)
    }
}
