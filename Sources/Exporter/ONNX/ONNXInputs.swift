import Files
import Graphs

/// The graph's inputs: the image, or whatever has the most sides, and perhaps masks, sides, a time or states beside it.
extension ONNXGraphReader {
    mutating func readInputs() throws(FileError) {
        var inputs = proto.input.filter { values[$0.name] == nil }
        if let name = free.named.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
            let names = inputs.map(\.name.named).listed
            throw problem("graph", "expected the name of an input in --input, one of \(names), found \"\(name.named)\"")
        }
        if inputs.count > 1 {
            // What nothing reads is no image.
            let read = Set(ONNXFunctions.read(in: proto)), used = inputs.filter { read.contains($0.name) }
            if !used.isEmpty { inputs = used }
        }
        guard let image = choice(among: inputs) else {
            throw problem("graph", "expected an input besides the weights, found none")
        }
        let place = "input \"\(image.name.named)\""
        if free.input == nil, let other = inputs.first(where: { $0.sides.count > image.sides.count }) {
            assumptions.append("the batch is the first side of \(place), and not that of input \"\(other.name.named)\"")
        }
        // Where the file gives no sides, --input may.
        if image.sides.count > 0 { try checkRank(image.sides.count, place: place) }
        let shape = try inputSides(image, place: place)
        try checkRank(shape.count, place: place)
        graph.input = try addInput(image, shape, place: place)
        let further = inputs.filter { $0.name != image.name }
        // Those that are given settle names for the others.
        for input in further.filter({ free.named[$0.name] != nil }) + further.filter({ free.named[$0.name] == nil }) {
            if let number = free.named[input.name], number.count == 1, input.isNumber {
                // What has no sides has a value, which may choose a branch.
                let type = ONNXDataType.element(input.type.tensorType.elemType)
                values[input.name] = ONNXValue(constant: [], type: type, numbers: number.map(Double.init))
                continue
            }
            let place = "input \"\(input.name.named)\""
            _ = try addInput(input, furtherSides(input, beside: image.name, of: shape, place: place), place: place)
        }
    }

    /// The input whose sides are those of the images: the first of those with the most sides, or the one that `--input` fits.
    private func choice(among inputs: [ONNXValueInfoProto]) -> ONNXValueInfoProto? {
        let most = inputs.map(\.sides.count).max() ?? 0
        let first = inputs.first { $0.sides.count == most }
        if let wanted = free.input {
            let open = inputs.filter { free.named[$0.name] == nil }
            return open.filter { $0.sides.count == most }.first { $0.fits(wanted) } ?? open.first { $0.fits(wanted) } ?? first
        }
        // Three sides that begin with another number are those of a state: [layers, batch, values].
        guard most == 3, let layers = first?.batch, layers > 1, layers != free.batch else { return first }
        let single = inputs.filter { $0.sides.count >= 2 && ($0.batch ?? 1) == 1 }
        return single.first { $0.sides.count == most } ?? single.first ?? first
    }

    private func checkRank(_ count: Int, place: String) throws(FileError) {
        guard (2...5).contains(count) else {
            throw problem(
                place, "expected two to five dimensions, such as images [batch, channels, height, width], found \(count)")
        }
    }

    /// Adds an input of the graph, and returns its index in the neutral graph.
    private mutating func addInput(_ input: ONNXValueInfoProto, _ shape: [Int], place: String) throws(FileError) -> Int {
        if let text = ONNXShape.problem(of: shape, least: 1) { throw problem(place, text) }
        var value = ONNXValue(shape: shape, type: ONNXDataType.element(input.type.tensorType.elemType))
        let index = graph.add(value.graphValue)
        value.index = index
        values[input.name] = value
        return index
    }

    /// The sides of a further input, which are given, or numbers, the batch, or names that other inputs have settled.
    ///
    /// - Parameters:
    ///   - image: the name of the first input.
    ///   - sides: of that.
    private mutating func furtherSides(
        _ input: ONNXValueInfoProto, beside image: String, of sides: [Int], place: String
    ) throws(FileError) -> [Int] {
        if let given = free.named[input.name] {
            try check(given, of: input, place: place)
            for (side, dimension) in zip(given, input.sides) {
                if case .dimParam(let name)? = dimension.value { symbols.settle(name, side) }
            }
            return given
        }
        guard input.type.tensorType.hasShape else { throw problem(place, "expected a shape, found none") }
        var found: [Int] = []
        for (index, dimension) in input.sides.enumerated() {
            var name = "none"
            switch dimension.value {
            case .dimValue(let value) where value > 0:
                found.append(Int(value))
                continue
            case .dimParam(let text):
                if symbols.value(of: text) == nil, index == 0 {
                    symbols.settle(text, sides[0])
                    assumptions.append("the first side of \(place), \"\(text.named)\", is taken for the batch")
                }
                // The first side is the batch, also where its name stands for other sides too.
                if let value = symbols.value(of: text) ?? (index == 0 ? sides[0] : nil) {
                    found.append(value)
                    continue
                }
                name = "\"\(text.named)\""
            case .dimValue, nil:
                if index == 0 {
                    found.append(sides[0])
                    continue
                }
            }
            throw problem(
                place, "expected sides that are numbers or that \"\(image.named)\" has too, found \(name) at place \(index); "
                    + "--input \(input.name.named)=\(input.example(batch: sides[0])) settles them")
        }
        return found
    }

    /// Checks sides that were asked for an input against those that the model has.
    private func check(_ sides: [Int], of input: ONNXValueInfoProto, place: String) throws(FileError) {
        guard input.sides.isEmpty && !input.type.tensorType.hasShape || sides.count == input.sides.count else {
            throw problem(place, "expected \(input.sides.count) sides in --input, found \(sides.count)")
        }
        for (index, dimension) in input.sides.enumerated() {
            if case .dimValue(let value)? = dimension.value, value > 0, sides[index] != Int(value) {
                throw problem(place, "expected \(value) at place \(index), as the model has it, found \(sides[index])")
            }
        }
    }

    /// The sides of the image; those that the file leaves free are settled, and so are their symbols.
    private mutating func inputSides(_ image: ONNXValueInfoProto, place: String) throws(FileError) -> [Int] {
        let given = free.named[image.name] ?? free.input
        if let given {
            let isUnknown = image.sides.isEmpty
            guard isUnknown || given.count == image.sides.count else {
                throw problem(place, "expected \(image.sides.count) sides in --input, found \(given.count)")
            }
            if isUnknown { return given }
        }
        var sides: [Int] = []
        for (index, dimension) in image.sides.enumerated() {
            var wanted = given?[index]
            if index == 0, given == nil { wanted = free.batch }
            switch dimension.value {
            case .dimValue(let value) where value > 0:
                if let wanted, wanted != Int(value) {
                    throw problem(place, "expected \(value) at place \(index), as the model has it, found \(wanted)")
                }
                guard index > 0 || value == 1 || wanted != nil else {
                    throw problem(
                        place, "expected a batch of 1 or a symbolic one, found \(value); --batch \(value) prices it")
                }
                sides.append(Int(value))
            case .dimParam, .dimValue, nil:
                guard index == 0 || wanted != nil else {
                    throw problem(
                        place, "expected all sides but the batch as numbers, found none at place \(index); --input "
                            + "\(image.example(batch: 1)) settles them")
                }
                let side = wanted ?? 1
                if index == 0, wanted == nil { assumptions.append("the model leaves the batch free: one image is priced") }
                if case .dimParam(let name)? = dimension.value { symbols.settle(name, side) }
                sides.append(side)
            }
        }
        return sides
    }
}

extension ONNXValueInfoProto {
    fileprivate var sides: [ONNXTensorShapeProto.Dimension] { type.tensorType.shape.dim }

    /// The number of a side; nil where the model leaves it free.
    private func number(at place: Int) -> Int? {
        if case .dimValue(let value)? = sides[place].value, value > 0 { Int(value) } else { nil }
    }

    /// Whether it is a single number, without sides.
    fileprivate var isNumber: Bool { type.tensorType.hasShape && sides.isEmpty }

    /// The first side, where it is a number.
    fileprivate var batch: Int? { sides.isEmpty ? nil : number(at: 0) }

    /// Whether it may have sides that were asked for.
    fileprivate func fits(_ wanted: [Int]) -> Bool {
        wanted.count == sides.count && sides.indices.allSatisfy { (number(at: $0) ?? wanted[$0]) == wanted[$0] }
    }

    /// Sides that it may have, for a message: those of an image, or of words and signals where they are not four.
    fileprivate func example(batch: Int) -> String {
        let isLast = sides.count == 4 && number(at: 3).map { $0 <= 4 } ?? false
        let example = sides.indices.map { place in
            number(at: place) ?? (place == 0 ? batch : sides.count != 4 ? 128 : place == 1 && !isLast ? 3 : 224)
        }
        return example.map(String.init).joined(separator: "x")
    }
}
