import Architectures
import Files
import HardwareProfiles
import Yams

/// A latency table of ProxylessNAS (Cai, Zhu and Han, 2019, arXiv:1812.00332) or Once-for-All (Cai et al., 2020,
/// arXiv:1908.09791), in YAML or JSON: one entry for each layer, with the mean of its latency in milliseconds, and
/// often its variance and how often it was measured.
///
///     expanded_conv-input:56x56x24-output:56x56x24-expand:6-kernel:5-stride:1-idskip:0:
///         {count: 10, mean: 9.15, var: 0.02}
///
/// Some tables have the standard deviation, `std`, in the place of the variance.
///
/// Shapes are height, width, channels. `Conv` is the 3x3 stem, `Conv_1` a 1x1 convolution, `AvgPool2D` pools all
/// pixels, `Conv_2` is a matrix product after that, and `Logits` is the rest: a matrix product, after pooling where
/// its input is larger than one pixel.
///
/// `expand` is the ratio of the widths. In Once-for-All's tables for MobileNetV3 (Howard et al., 2019,
/// arXiv:1905.02244) it is the expanded width itself, and there are two more fields:
///
///     expanded_conv-input:14x14x96-output:14x14x96-expand:384-kernel:5-stride:1-idskip:1-se:1-hs:1
///
/// `hs` is 1 where the block has hard swish and 0 where it has ReLU, `se` is 1 where it has a squeeze-excite: a quarter
/// of the expanded width, in multiples of 8, with ReLU and a hard-sigmoid gate. In such a table, the layers before and
/// after the blocks have hard swish.
public struct OFATable {
    public let table: ImportedTable

    /// - Throws: `FileError`, also for a file that is no mapping.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "latency table"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws(FileError) {
        if let other = ForeignTable(text, besides: .ofa) { throw other.problem(path: path) }
        guard let entries = try YAMLText.root(of: text, path: path)?.mapping else {
            throw .invalid(path: path, place: "", problem: "expected a mapping of layers to latencies")
        }
        var table = ImportedTable()
        let isMobileNetV3 = entries.contains { Self.fields(of: $0.key.string ?? "").contains { $0.hasPrefix("hs:") } }
        for (keyNode, value) in entries {
            let key = keyNode.string ?? "entry on line \(keyNode.mark?.line ?? 0)"
            do throws(Mismatch) {
                guard let mean = try Self.number("mean", of: value) else { throw Mismatch("no \"mean\"") }
                try Self.checkUnit(of: value)
                let subject = try Self.subject(of: key, activation: isMobileNetV3 ? .hardSwish : .relu)
                let variance = try Self.number("var", of: value)
                let deviation = try Self.number("std", of: value) ?? variance.map { $0.squareRoot() }
                table.add(
                    Measurement(
                        subject: subject, latencyMs: mean,
                        standardDeviationMs: deviation.flatMap { LatencyTable.deviationsMs.contains($0) ? $0 : nil },
                        count: value.mapping?["count"]?.plainInteger.flatMap { LatencyTable.counts.contains($0) ? $0 : nil }),
                    key: key)
            } catch {
                table.unmatched.append(.init(key: key, reason: error.reason))
            }
        }
        self.table = table
    }

    /// A number of an entry; nil where the entry has no such field.
    ///
    /// - Throws: `Mismatch` with what is there, where that is no number.
    private static func number(_ name: String, of entry: Node) throws(Mismatch) -> Double? {
        guard let node = entry.mapping?[name], node.string != "null", node.string != "" else { return nil }
        guard let number = node.plainNumber else {
            throw Mismatch("\"\(name)\" is no number: \"\((node.string ?? "a list or a mapping").prefix(60))\"")
        }
        return number
    }

    private static let milliseconds = ["ms", "msec", "millisecond", "milliseconds"]

    /// Checks that the numbers of an entry are milliseconds, and whole: YAML takes "mean: 3,3" in braces for 3 and a field
    /// called 3.
    private static func checkUnit(of entry: Node) throws(Mismatch) {
        guard let fields = entry.mapping else { return }
        for (key, value) in fields {
            let name = key.string ?? ""
            if !name.isEmpty, name.allSatisfy(\.isNumber) {
                throw Mismatch("\"\(name.prefix(60))\" stands alone behind a comma; expected numbers with decimal points")
            }
            if ["unit", "units"].contains(name), let unit = value.string, !Self.milliseconds.contains(unit.lowercased()) {
                throw Mismatch("is in \"\(unit.prefix(60))\", and latencies of such a table are in milliseconds")
            }
        }
    }

    /// The fields of a key, "input:7x7x320" and so on.
    private static func fields(of key: String) -> [Substring] { Array(key.split(separator: "-").dropFirst()) }

    /// The subject of a key such as "Conv_1-input:7x7x320-output:7x7x1280".
    ///
    /// - Parameter activation: of the layers before and after the blocks.
    private static func subject(of key: String, activation: Activation) throws(Mismatch) -> MeasuredSubject {
        let kind = String(key.prefix { $0 != "-" })
        var fields: [String: String] = [:]
        for part in Self.fields(of: key) {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, fields.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
                throw Mismatch("\"\(part)\" is no field")
            }
        }
        func integer(_ name: String) throws(Mismatch) -> Int {
            guard let value = fields[name].flatMap({ Int($0) }),
                (0...Limits.channels.upperBound * Limits.expansion.upperBound).contains(value)
            else {
                throw Mismatch("no whole number in \"\(name)\"")
            }
            return value
        }
        func shape(_ name: String) throws(Mismatch) -> FeatureShape {
            let sides = (fields[name] ?? "").split(separator: "x").map { Int($0) ?? 0 }
            let all = sides.count == 1 ? [1, 1, sides[0]] : sides
            guard all.count == 3, all.allSatisfy({ $0 > 0 }) else { throw Mismatch("no shape in \"\(name)\"") }
            guard Limits.channels.contains(all[2]),
                let shape = FeatureShape(withinLimits: all[0], all[1], channels: all[2])
            else { throw Mismatch("a shape in \"\(name)\" that no network has") }
            return shape
        }
        let input = try shape("input"), output = try shape("output")
        /// The stride from the sides of both maps.
        func stride() throws(Mismatch) -> Int {
            for stride in 1...2 where input.strided(by: stride, channels: output.channels) == output { return stride }
            throw Mismatch("no stride of 1 or 2 makes \(output) of \(input)")
        }
        let isPooled = input == input.pooled && output == output.pooled
        switch kind {
        case "Conv", "first_conv":
            return .operator(
                .convolution(
                    kernel: 3, stride: try stride(), input: input, outputChannels: output.channels,
                    activation: activation))
        case "Conv_2" where isPooled, "feature_mix_layer" where isPooled:
            return .operator(
                .fullyConnected(
                    inputChannels: input.channels, outputChannels: output.channels, activation: activation))
        case "Conv_1", "Conv_2", "feature_mix_layer", "final_expand_layer":
            return .operator(
                .convolution(
                    kernel: 1, stride: try stride(), input: input, outputChannels: output.channels,
                    activation: activation))
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
                BlockFields(
                    kernel: try integer("kernel"), stride: try integer("stride"), expand: try integer("expand"),
                    skips: try integer("idskip"),
                    form: fields["hs"] == nil ? nil : (squeezes: try integer("se"), hardSwish: try integer("hs"))),
                input: input, output: output)
        default:
            throw Mismatch("no kind of layer is called \"\(kind)\"")
        }
    }

    /// The fields of a block's key besides its shapes.
    private struct BlockFields {
        let kernel, stride, expand, skips: Int
        /// The two more fields of MobileNetV3's blocks.
        let form: (squeezes: Int, hardSwish: Int)?
    }

    private static func block(
        _ fields: BlockFields, input: FeatureShape, output: FeatureShape
    ) throws(Mismatch) -> MeasuredSubject {
        let (kernel, stride, form) = (fields.kernel, fields.stride, fields.form)
        guard kernel % 2 == 1, Limits.kernel.contains(kernel) else { throw Mismatch("no kernel of \(kernel)x\(kernel)") }
        guard Limits.stride.contains(stride), input.strided(by: stride, channels: output.channels) == output else {
            throw Mismatch("a stride of \(stride) does not make \(output) of \(input)")
        }
        let expansion = form == nil ? Double(fields.expand) : Double(fields.expand) / Double(input.channels)
        guard expansion >= 1, Limits.blockExpansion.contains(expansion) else {
            throw Mismatch("no expansion of \(expansion)")
        }
        let squeezed = (form?.squeezes ?? 0) == 0 ? 0 : squeezedWidth(of: fields.expand)
        let seRatio = Double(squeezed) / Double(input.channels)
        guard Limits.seRatio.contains(seRatio) else { throw Mismatch("no squeeze-excite of \(squeezed) channels") }
        let residual = fields.skips != 0
        guard !residual || stride == 1 && input == output else {
            throw Mismatch("a residual from \(input) to \(output)")
        }
        return .block(
            Block(
                shape: Block.Shape(
                    kernel: kernel, stride: stride, expansion: expansion, inputChannels: input.channels,
                    outputChannels: output.channels),
                squeezeExcite: squeezed > 0 ? SqueezeExcite(ratio: seRatio, gate: .hardSigmoid) : nil,
                residual: residual, expandConvolution: expansion > 1,
                activation: (form?.hardSwish ?? 0) == 0 ? .relu : .hardSwish),
            input: input)
    }

    /// The width of a squeeze-excite on so many channels: a quarter, rounded to the nearest multiple of 8, or up where
    /// that would lose more than a tenth.
    private static func squeezedWidth(of channels: Int) -> Int {
        let quarter = channels / 4
        let rounded = max(8, (quarter + 4) / 8 * 8)
        return 10 * rounded < 9 * quarter ? rounded + 8 : rounded
    }
}
