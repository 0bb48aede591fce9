import Architectures
import JSONDocuments
import Yams

/// A latency table of ProxylessNAS (Cai, Zhu and Han, 2019, arXiv:1812.00332) or Once-for-All (Cai et al., 2020,
/// arXiv:1908.09791), in YAML or JSON: one entry for each layer, with the mean of its latency in milliseconds, and
/// often its variance and how often it was measured.
///
///     expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:0:
///         {count: 10, mean: 9.15, var: 0.02}
///
/// Shapes are height, width, channels. `expand` is the ratio of the widths, or the expanded width itself where the key
/// also tells of squeeze-excite (`se`) and hard-swish (`hs`), as in Once-for-All's tables for MobileNetV3. `Conv` is
/// the 3x3 stem, `Conv_1` and `Conv_2` are 1x1 convolutions, `AvgPool2D` pools all pixels, and `Logits` is everything
/// after them: a matrix product, after pooling where its input has pixels.
public struct OFATable {
    public let table: ImportedTable

    /// - Throws: `FileError`, also for a file that is no mapping.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "latency table"), path: path)
    }

    /// - Parameter path: of the file that `text` is from.
    public init(text: String, path: String) throws(FileError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let sentence = "\(error)".split(separator: "\n").joined(separator: " ")
            throw .invalid(path: path, place: "", problem: "not YAML: \(sentence)")
        }
        guard let entries = root?.mapping else {
            throw .invalid(path: path, place: "", problem: "expected a mapping of layers to latencies")
        }
        var table = ImportedTable()
        for (keyNode, value) in entries {
            let key = keyNode.string ?? "entry on line \(keyNode.mark?.line ?? 0)"
            do throws(Mismatch) {
                guard let mean = value.mapping?["mean"]?.float else { throw Mismatch("no \"mean\"") }
                let subject = try Self.subject(of: key)
                let variance = value.mapping?["var"]?.float
                table.add(
                    Measurement(
                        subject: subject, latencyMs: mean,
                        standardDeviationMs: variance.flatMap { $0 >= 0 ? $0.squareRoot() : nil },
                        count: value.mapping?["count"]?.int.flatMap { $0 > 0 ? $0 : nil }),
                    key: key)
            } catch {
                table.unmatched.append(.init(key: key, reason: error.reason))
            }
        }
        self.table = table
    }

    private struct Mismatch: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// What a key such as "Conv_1-input:7x7x320-output:7x7x1280" is of.
    private static func subject(of key: String) throws(Mismatch) -> MeasuredSubject {
        let parts = key.split(separator: "-")
        var fields: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, fields.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
                throw Mismatch("\"\(part)\" is no field")
            }
        }
        func integer(_ name: String) throws(Mismatch) -> Int {
            guard let value = fields[name].flatMap({ Int($0) }), (0...65_536).contains(value) else {
                throw Mismatch("no whole number in \"\(name)\"")
            }
            return value
        }
        func shape(_ name: String) throws(Mismatch) -> FeatureShape {
            let sides = (fields[name] ?? "").split(separator: "x").map { Int($0) ?? 0 }
            guard sides.count == 3 || sides.count == 1, sides.allSatisfy({ (1...65_536).contains($0) }) else {
                throw Mismatch("no shape in \"\(name)\"")
            }
            return sides.count == 1
                ? FeatureShape(height: 1, width: 1, channels: sides[0])
                : FeatureShape(height: sides[0], width: sides[1], channels: sides[2])
        }
        let input = try shape("input"), output = try shape("output")
        /// The stride from the sides of both maps.
        func stride() throws(Mismatch) -> Int {
            for stride in 1...2 where input.strided(by: stride, channels: output.channels) == output { return stride }
            throw Mismatch("no stride of 1 or 2 makes \(output) of \(input)")
        }
        switch parts.first {
        case "Conv", "first_conv":
            return .operator(
                .convolution(
                    kernel: 3, stride: try stride(), input: input, outputChannels: output.channels, activation: .relu))
        case "Conv_1", "Conv_2", "feature_mix_layer", "final_expand_layer":
            return .operator(
                .convolution(
                    kernel: 1, stride: try stride(), input: input, outputChannels: output.channels, activation: .relu))
        case "AvgPool2D":
            guard output == input.pooled else { throw Mismatch("pooling makes \(input.pooled) of \(input)") }
            return .operator(.globalAveragePool(input: input))
        case "Logits", "classifier":
            let product = Operator.fullyConnected(
                inputChannels: input.channels, outputChannels: output.channels, activation: .none)
            return input == input.pooled
                ? .operator(product) : .sequence([.globalAveragePool(input: input), product])
        case "expanded_conv":
            return try block(
                input: input, output: output, kernel: try integer("kernel"), stride: try integer("stride"),
                expand: try integer("expand"), skips: try integer("idskip"),
                form: fields["hs"] == nil ? nil : (squeezes: try integer("se"), hardSwish: try integer("hs")))
        default:
            throw Mismatch("no kind of layer is called \"\(parts.first ?? "")\"")
        }
    }

    private static func block(
        input: FeatureShape, output: FeatureShape, kernel: Int, stride: Int, expand: Int, skips: Int,
        form: (squeezes: Int, hardSwish: Int)?
    ) throws(Mismatch) -> MeasuredSubject {
        guard kernel % 2 == 1, kernel <= 31 else { throw Mismatch("no kernel of \(kernel)x\(kernel)") }
        guard (1...2).contains(stride), input.strided(by: stride, channels: output.channels) == output else {
            throw Mismatch("a stride of \(stride) does not make \(output) of \(input)")
        }
        var expansion = expand
        if let form {
            if form.hardSwish != 0 { throw Mismatch("a block with hard-swish") }
            if form.squeezes != 0 { throw Mismatch("a squeeze-excite with a hard-sigmoid gate") }
            guard expand % input.channels == 0 else {
                throw Mismatch("the width \(expand) is no multiple of the input's \(input.channels)")
            }
            expansion = expand / input.channels
        }
        guard (1...32).contains(expansion) else { throw Mismatch("no expansion of \(expansion)") }
        let residual = skips != 0
        guard !residual || stride == 1 && input == output else {
            throw Mismatch("a residual from \(input) to \(output)")
        }
        return .block(
            Block(
                kernel: kernel, stride: stride, expansion: Double(expansion), inputChannels: input.channels,
                outputChannels: output.channels, residual: residual, expandConvolution: expansion > 1),
            input: input)
    }
}
