import Architectures
import Files

/// A line of ncnn's text format: a layer with the names of what it reads and writes, and its numbered parameters.
struct NCNNLayer {
    let type, name: String
    let inputs, outputs: [String]
    private let path: String
    private let line: Int
    private var numbers: [Int: Double] = [:]
    private var lists: [Int: [Double]] = [:]
    /// The parameters that are text: expressions of the shapes of what the layer reads.
    private var texts: [Int: String] = [:]

    /// - Parameters:
    ///   - words: of the line.
    ///   - line: its number, from 1, for messages.
    /// - Throws: `FileError`.
    init(_ words: [String], path: String, line: Int) throws {
        self.path = path
        self.line = line
        func invalid(_ problem: String) -> FileError { .invalid(path: path, place: "line \(line)", problem: problem) }
        guard words.count >= 4, let read = Int(words[2]), let written = Int(words[3]), read >= 0, written >= 0,
            read < 4096, written < 4096, words.count >= 4 + read + written
        else {
            throw invalid("expected a layer: type, name, numbers of inputs and outputs, and as many names, found "
                + words.joined(separator: " ").prefix(60))
        }
        (type, name) = (words[0], words[1])
        inputs = Array(words[4..<4 + read])
        outputs = Array(words[4 + read..<4 + read + written])
        for word in words[(4 + read + written)...] {
            let sides = word.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, let key = Int(sides[0]) else {
                throw invalid("expected a parameter like 0=32, found \(word.prefix(40))")
            }
            let parts = sides[1].split(separator: ",").map { Double($0) }
            let values = parts.map { part in part.map { $0.isFinite ? $0 : 0 } ?? 0 }
            if key <= -23300 {
                // The length goes first.
                lists[-23300 - key] = Array(values.dropFirst())
            } else if parts.contains(nil) {
                texts[key] = String(sides[1]).filter { $0 != "\"" }
            } else if sides[1].contains(",") {
                lists[key] = values
            } else {
                numbers[key] = values.first ?? 0
            }
        }
    }

    /// An error that names the layer.
    func problem(_ problem: String) -> FileError {
        .invalid(path: path, place: "line \(line)", problem: "the layer \(name) (\(type)) \(problem)")
    }

    private static func integer(_ value: Double) -> Int { Int(max(-2_147_483_648, min(2_147_483_647, value))) }

    /// A whole parameter of 32 bits, as ncnn keeps it.
    subscript(_ key: Int, or usual: Int) -> Int { numbers[key].map(Self.integer) ?? usual }

    /// A parameter that may have a fraction.
    func fraction(_ key: Int, or usual: Double) -> Double { numbers[key] ?? usual }

    /// Whether the layer gives that parameter as a number.
    func gives(_ key: Int) -> Bool { numbers[key] != nil }

    /// A list of whole parameters; nil where the layer does not give it.
    func list(_ key: Int) -> [Int]? { lists[key].map { $0.map(Self.integer) } }

    /// Whether one of those parameters is an expression.
    func hasExpression(_ keys: Int...) -> Bool { keys.contains { texts[$0] != nil } }

    /// The values of an expression; nil where the layer gives none, or one that hangs on more than shapes.
    func values(_ key: Int, reading blobs: [NCNNShape]) -> [Int]? {
        texts[key].flatMap { NCNNExpression.values(of: $0, reading: blobs) }
    }

    /// A blob's shape.
    ///
    /// - Throws: `FileError` for sides that no blob has.
    func shape(_ sides: [Int]) throws -> NCNNShape {
        guard let shape = NCNNShape(sides) else {
            let text = sides.map(String.init).joined(separator: "x")
            throw problem("makes a blob of \(text); expected 1 to 4 sides of at least 1, and at most 2147483648 values")
        }
        return shape
    }

    /// The place of an axis among the sides, from the outermost; a negative one counts from the innermost.
    func place(of axis: Int, in shape: NCNNShape) throws -> Int { try place(of: axis, among: shape.sides.count) }

    func place(of axis: Int, among count: Int) throws -> Int {
        let place = axis < 0 ? axis + count : axis
        guard (0..<count).contains(place) else {
            throw problem("has an axis of \(axis); expected one from \(-count) to \(count - 1), those of its blob")
        }
        return place
    }

    /// The shapes that the file hints at for what the layer writes: for each the number of sides, then width, height
    /// and channels; none where it hints at nothing.
    var hints: [NCNNShape] {
        guard let list = list(30), list.count % 4 == 0 else { return [] }
        var shapes: [NCNNShape] = []
        for start in stride(from: 0, to: list.count, by: 4) {
            guard (1...3).contains(list[start]),
                let shape = NCNNShape(list[start + 1..<start + 1 + list[start]].reversed())
            else { return [] }
            shapes.append(shape)
        }
        return shapes
    }
}
