import Architectures
import Files
import Graphs

/// A network in ncnn's text format (".param"): a magic number, the counts of layers and blobs, then a layer a line, with
/// its type, its name, its inputs and outputs and its parameters, "0=32 1=3".
///
/// The format is that of ncnn's own documentation (docs/developer-guide/param-and-model-file-structure.md and
/// operators.md). The weights, in another file, are not read.
public struct NCNNParamFile: Hashable, Sendable {
    /// Every layer with work as a layer with its own name.
    public let network: Network
    /// The names of the layers of types that are not known, by type; they count as memory traffic.
    public let unknown: [String: [String]]
    /// What was assumed, in sentences.
    public let assumptions: [String]
    /// What a run decides and the price cannot know, in sentences.
    public let choices: [String]

    private static let magic = "7767517"

    /// - Parameter free: what settles the sides of the inputs, where the file gives none.
    /// - Throws: `FileError`: for a file of another format, a layer that reads what nothing wrote, shapes that
    ///   contradict each other, an input whose sides are not settled, and a layer that reads what a layer that is not
    ///   known writes, if nothing tells its shape.
    public init(contentsOf path: String, free: FreeSides = FreeSides()) throws {
        try self.init(text: TextFile.read(path, what: "ncnn model"), path: path, free: free)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for the network's name and for messages.
    ///   - free: what settles the sides of the inputs, where the file gives none.
    public init(text: String, path: String, free: FreeSides = FreeSides()) throws {
        // A line may end in "\r\n", which is one character. An editor may have put a byte order mark.
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        // ncnn skips what is blank.
        let start = lines.firstIndex { !$0.allSatisfy(\.isWhitespace) } ?? 0
        let header = lines[start...].prefix(2).map { $0.split(whereSeparator: \.isWhitespace) }
        guard header.first?.first.map(String.init) == Self.magic else {
            throw Self.foreign(text, lines[start], start + 1, path: path)
        }
        let counts = header.dropFirst().first?.compactMap { Int($0) } ?? []
        var reader = NCNNReader(free: free), count = 0
        for (index, line) in lines.enumerated().dropFirst(start + 2) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let type = words.first else { continue }
            if type.hasPrefix("pnnx.Input") || type.hasPrefix("pnnx.Output") {
                throw FileError.invalid(
                    path: path, place: "line \(index + 1)",
                    problem: "expected ncnn's layers, found pnnx's own; pnnx writes ncnn's to another file, which ends in .ncnn.param")
            }
            count += 1
            if count <= counts.first ?? count { try reader.add(NCNNLayer(words, path: path, line: index + 1)) }
        }
        guard let input = reader.input, let last = reader.steps.last else {
            throw FileError.invalid(path: path, place: "", problem: "expected an Input layer and layers after it, found none")
        }
        guard counts.count == 2, counts[0] <= count else {
            throw FileError.invalid(
                path: path, place: "line \(start + 2)",
                problem: "expected the number of layers, \(count), and of blobs, found "
                    + (header.dropFirst().first ?? []).joined(separator: " ").prefix(40))
        }
        if let name = free.named.keys.filter({ !reader.inputs.contains($0) }).min() {
            throw FileError.invalid(
                path: path, place: "",
                problem: "has no input \(name), whose sides --input gives; expected one of \(reader.inputs.joined(separator: ", "))")
        }
        let cut = "line \(start + 2) counts \(counts[0]) layers, and \(count) follow: the first \(counts[0]) are priced, as ncnn "
            + "runs no others"
        assumptions = (counts[0] == count ? [] : [cut]) + (reader.isRecurrent ? [Graph.recurrenceAssumption] : [])
        choices = reader.choices
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".param") { name.removeLast(6) }
        network = Network(name: name, input: input, classes: last.step.output.count, operators: reader.steps, maps: reader.maps)
        unknown = reader.unknown
    }

    /// An error for a file whose first line is another one.
    private static func foreign(_ text: String, _ line: Substring, _ number: Int, path: String) -> FileError {
        let words = line.split(whereSeparator: \.isWhitespace)
        let isOld = words.count == 2 && words.allSatisfy { Int($0) != nil }
        let kind = FileKind(start: Array(text.utf8.prefix(FileKind.startLength)))
        return .invalid(
            path: path, place: "line \(number)",
            problem: "expected \(magic), the first line of ncnn's text format, found "
                + (kind?.description ?? "\(line.prefix(40))")
                + (isOld ? "; a file of before ncnn had that line must be converted anew" : ""))
    }
}
