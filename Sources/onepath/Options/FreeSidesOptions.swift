import ArgumentParser
import Exporter

/// What settles the sides of a model's image that its file leaves free.
struct FreeSidesOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The number of images, where an ONNX model leaves it free (default: 1).", valueName: "N"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "The sides of the image, such as 1x3x224x224, where an ONNX or an ncnn model leaves some free; of ncnn's other inputs, "
                + "name=sides, such as in1=512.", valueName: "sides"))
    var input: [String] = []

    /// Whether nothing was given.
    var isEmpty: Bool { batch == nil && input.isEmpty }

    /// Whether a file of that name may leave sides free.
    static func canSettle(_ name: String) -> Bool {
        [".onnx", ".param"].contains { name.lowercased().hasSuffix($0) }
    }

    /// - Throws: `ValidationError`.
    var free: FreeSides {
        get throws {
            var free = FreeSides(batch: batch)
            for text in input {
                let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
                if parts.count == 1 {
                    if free.input != nil { throw ValidationError("--input: expected one image, found another one, \(text)") }
                    free.input = try Self.sides(text, atLeast: 2)
                } else {
                    // A blob's name may have any characters, and sides have no "=".
                    let name = parts.dropLast().joined(separator: "=")
                    if free.named[name] != nil { throw ValidationError("--input: expected each input once, found \(name) twice") }
                    free.named[name] = try Self.sides(parts[parts.count - 1], atLeast: 1)
                }
            }
            return free
        }
    }

    private static func sides(_ text: String, atLeast least: Int) throws -> [Int] {
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        let sides = parts.compactMap { Int($0) }
        guard sides.count == parts.count, (least...5).contains(sides.count), sides.allSatisfy((1...65_536).contains) else {
            throw ValidationError("--input: expected sides from 1 to 65536 such as 1x3x224x224, found \(text)")
        }
        return sides
    }

    func validate() throws {
        try (1...65_536).check(batch, of: "batch")
        if let batch, let first = try free.input?.first, first != batch {
            throw ValidationError("--batch is \(batch), and the first side of --input \(first): expected the same")
        }
    }
}
