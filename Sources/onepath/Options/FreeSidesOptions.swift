import ArgumentParser
import Exporter

/// What settles the sides of a model's image that its file leaves free.
struct FreeSidesOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The number of images, where an ONNX model leaves it free (default: 1).", valueName: "N"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            """
            The sides of the image, such as 1x3x224x224, where an ONNX or an ncnn model leaves some free; name=2x1x128 for \
            another input, or name=16000 for the value of one without sides.
            """, valueName: "sides"))
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
                // A name may have the sign too, sides do not.
                guard let sign = text.lastIndex(of: "=") else {
                    guard free.input == nil else { throw ValidationError("--input: expected one without a name, found two") }
                    free.input = try Self.sides(text[...], count: 2...5, least: 1, of: text)
                    continue
                }
                let name = String(text[..<sign])
                guard free.named[name] == nil else { throw ValidationError("--input: expected \(name) once, found it twice") }
                free.named[name] = try Self.sides(text[text.index(after: sign)...], count: 1...5, least: 0, of: text)
            }
            return free
        }
    }

    private static func sides(_ part: Substring, count: ClosedRange<Int>, least: Int, of text: String) throws -> [Int] {
        let parts = part.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        let sides = parts.compactMap { Int($0) }
        guard sides.count == parts.count, count.contains(sides.count), sides.allSatisfy((least...65_536).contains) else {
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
