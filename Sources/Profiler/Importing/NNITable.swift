import Architectures
import Files
import HardwareProfiles

/// A latency table of NNI's one-shot search (its examples for ProxylessNAS and FBNet): Python dictionaries or JSON
/// objects, one for each operator, as a list or a line each.
///
///     {'op_name': 'ir_k3_e6', 'op_data_shape': (56, 56, 24, 40, 2), 'op_dtype': 'float32', 'op_latency': 3.1}
///
/// The shape is height, width, input channels, output channels and stride; the latency is in milliseconds. `ir_k3_e6`
/// is an inverted bottleneck with a kernel of 3×3 and an expansion of 6, residual where the map keeps its shape, and
/// with `_se` a squeeze-excite of a quarter; `conv_k3` is a convolution.
public struct NNITable {
    public let table: ImportedTable

    /// - Parameters:
    ///   - path: of the file.
    ///   - dataType: of the profile; rows of others are left out.
    /// - Throws: `FileError`, also where no line is a row.
    public init(contentsOf path: String, dataType: Runtime.DataType) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "latency table"), path: path, dataType: dataType)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    ///   - dataType: as above.
    public init(text: String, path: String, dataType: Runtime.DataType) throws(FileError) {
        var table = ImportedTable()
        var rows = 0
        for (line, item) in PythonLiterals(text).items {
            guard case .dictionary(let row) = item, let name = row["op_name"]?.textValue else {
                table.unmatched.append(.init(key: "line \(line)", reason: Self.reason(of: item)))
                continue
            }
            rows += 1
            let key = "line \(line), \(name.prefix(60))"
            do throws(Mismatch) {
                let subject = try Self.subject(name, row["op_data_shape"]?.elements.map(\.integerValue) ?? [])
                if let type = row["op_dtype"]?.textValue, Runtime.DataType(foreign: type) != dataType {
                    throw Mismatch("is \(type.prefix(60)), and the profile is \(dataType.rawValue)")
                }
                guard let latency = row["op_latency"], latency != .null else { throw Mismatch("no \"op_latency\"") }
                guard let value = latency.numberValue else {
                    throw Mismatch("\"op_latency\" is no number: \(latency.text(pretty: false).prefix(60))")
                }
                table.add(Measurement(subject: subject, latencyMs: value), key: key)
            } catch {
                table.unmatched.append(.init(key: key, reason: error.reason))
            }
        }
        guard rows > 0 else {
            if let other = ForeignTable(text, besides: .nni) { throw other.problem(path: path) }
            throw .invalid(
                path: path, place: "", problem: "expected a dictionary with \"op_name\" and \"op_latency\" a line, found none")
        }
        self.table = table
    }

    /// Why something is no row.
    private static func reason(of item: PythonLiterals.Item) -> String {
        if case .damaged(let reason) = item { return reason }
        return "no row with an \"op_name\""
    }

    private static func subject(_ name: String, _ sides: [Int?]) throws(Mismatch) -> MeasuredSubject {
        let words = name.split(separator: "_").map(String.init)
        guard let kind = words.first, ["ir", "conv"].contains(kind) else {
            throw Mismatch("no kind of block is called \"\(name.prefix(60))\"")
        }
        let shape = sides.compactMap { $0 }
        guard sides.count == 5, shape.count == 5 else {
            throw Mismatch("no height, width, input channels, output channels and stride in \"op_data_shape\"")
        }
        guard Limits.channels.contains(shape[3]), Limits.stride.contains(shape[4]),
            let input = FeatureShape(withinLimits: shape[0], shape[1], channels: shape[2])
        else { throw Mismatch("a shape in \"op_data_shape\" that no network has") }
        func number(_ letter: Character) -> Int? {
            words.dropFirst().lazy.filter { $0.first == letter }.compactMap { Int($0.dropFirst()) }.first
        }
        guard let kernel = number("k"), kernel % 2 == 1, Limits.kernel.contains(kernel) else {
            throw Mismatch("no odd kernel in \"\(name.prefix(60))\"")
        }
        let known = Set(["k\(kernel)", "se"] + (number("e").map { ["e\($0)"] } ?? []))
        if let other = words.dropFirst().first(where: { !known.contains($0) }) {
            throw Mismatch("\"\(other.prefix(60))\" in \"\(name.prefix(60))\" is not known")
        }
        if kind == "conv" {
            return .operator(
                .convolution(
                    kernel: kernel, stride: shape[4], input: input, outputChannels: shape[3], activation: .relu))
        }
        guard let expansion = number("e"), expansion >= 1, Limits.blockExpansion.contains(Double(expansion)) else {
            throw Mismatch("no expansion in \"\(name.prefix(60))\"")
        }
        return .block(
            Block(
                shape: Block.Shape(
                    kernel: kernel, stride: shape[4], expansion: Double(expansion), inputChannels: shape[2],
                    outputChannels: shape[3]),
                squeezeExcite: words.contains("se") ? SqueezeExcite(ratio: 0.25) : nil,
                residual: shape[4] == 1 && shape[2] == shape[3], expandConvolution: expansion > 1),
            input: input)
    }
}
