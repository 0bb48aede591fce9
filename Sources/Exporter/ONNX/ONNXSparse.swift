import Files

extension ONNXSparseTensorProto {
    /// All values, the zeros that are not stored too.
    ///
    /// - Throws: `FileError.invalid` at `place`, where values and their places do not fit each other or the shape.
    func constant(place: String, path: String) throws(FileError) -> ONNXValue {
        func problem(_ text: String) -> FileError { .invalid(path: path, place: place, problem: text) }
        let shape = dims.map(Int.init), stored = values.dims.map(Int.init), places = indices.dims.map(Int.init)
        for sides in [shape, stored, places] {
            if let text = ONNXShape.problem(of: sides, least: 0) { throw problem(text) }
        }
        let count = shape.reduce(1, *)
        guard stored.count == 1, stored[0] <= count, places.first == stored[0],
            places.count == 1 || places.count == 2 && places[1] == shape.count, indices.dataType == ONNXDataType.int64
        else {
            throw problem(
                "expected a list of values and as many places in \(shape.listed), found \(stored.listed) and \(places.listed)")
        }
        try values.checkSize(count: stored[0], place: place, path: path)
        try indices.checkSize(count: places.reduce(1, *), place: place, path: path)
        var numbers: [Double]?
        if count <= ONNXValue.knownCount, let some = values.numbers, some.count == stored[0], let list = indices.numbers,
            list.count == places.reduce(1, *)
        {
            var all = [Double](repeating: 0, count: count)
            for (row, number) in some.enumerated() {
                let sides = places.count == 1 ? [count] : shape
                let at = sides.indices.map { Int(clamping: list[row * sides.count + $0]) }
                guard zip(at, sides).allSatisfy({ (0..<$1).contains($0) }) else {
                    throw problem("expected places in \(sides.listed), found \(at.listed)")
                }
                all[zip(at, sides).reduce(0) { $0 * $1.1 + $1.0 }] = number
            }
            numbers = all
        }
        var value = ONNXValue(constant: shape, type: ONNXDataType.element(values.dataType), numbers: numbers, blame: place)
        value.isUnsigned = ONNXDataType.isUnsigned(values.dataType)
        return value
    }
}
