import Architectures
import Files
import HardwareProfiles

/// A latency table of nn-Meter (Zhang et al., 2021, "nn-Meter: Towards Accurate Latency Prediction of Deep-Learning
/// Model Inference on Diverse Edge Devices").
///
/// What its builder measures has everything that is needed, one kernel an entry: the side of the map, channels, window,
/// and mean and standard deviation in milliseconds.
///
///     {"conv-bn-relu": {"3A7L91": {"config": {"HW": 14, "CIN": 98, "COUT": 123, "KERNEL_SIZE": 3, "STRIDES": 1},
///                                  "latency": "42.001 +- 1.0"}}}
///
/// Its lookup tables for NNI (`layerchoice_stem_0: {ConvBNReLU-3-32: 1.2}`) name layers without their shapes; every row
/// of them is listed as unmatched.
public struct NNMeterTable {
    public let table: ImportedTable

    /// - Throws: `FileError`, also for a file that is no mapping.
    public init(contentsOf path: String) throws(FileError) {
        try self.init(text: TextFile.read(path, what: "latency table"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for messages.
    public init(text: String, path: String) throws(FileError) {
        if let other = ForeignTable(text, besides: .nnMeter) { throw other.problem(path: path) }
        let value = JSON(yaml: try YAMLText.root(of: text, path: path))
        guard !value.members.isEmpty else {
            throw .invalid(path: path, place: "", problem: "expected a mapping of kernels to their measurements")
        }
        var table = ImportedTable()
        for kind in value.members {
            // A latency beside the kinds, such as that of a fixed block.
            if kind.value.members.isEmpty {
                table.unmatched.append(.init(key: String(kind.key.prefix(60)), reason: Self.withoutShape))
            }
            for entry in kind.value.members {
                let key = "\(kind.key.prefix(60)) \(entry.key.prefix(60))"
                do throws(Mismatch) {
                    guard case .object = entry.value, let sizes = entry.value["config"] else {
                        throw Mismatch(Self.withoutShape)
                    }
                    let step = try Self.step(kind.key, sizes)
                    guard let latency = entry.value["latency"] else { throw Mismatch("no \"latency\"") }
                    let (mean, deviation) = try Self.latency(latency)
                    table.add(
                        Measurement(
                            subject: .operator(step), latencyMs: mean, standardDeviationMs: deviation, count: nil),
                        key: key)
                } catch {
                    table.unmatched.append(.init(key: key, reason: error.reason))
                }
            }
        }
        self.table = table
    }

    private static let withoutShape = "a name and a latency without a shape; a sheet (--format csv) has columns for shapes"

    /// "42.001 +- 1.0", also with "+/-" or "±", or a number alone.
    private static func latency(_ value: JSON) throws(Mismatch) -> (mean: Double, deviation: Double?) {
        if let mean = value.numberValue { return (mean, nil) }
        let parts = (value.textValue ?? "").replacing("+/-", with: "±").replacing("+-", with: "±").split(separator: "±").map {
            Double($0.filter { !$0.isWhitespace })
        }
        guard parts.count == 2, let mean = parts[0], let deviation = parts[1] else {
            throw Mismatch("\"latency\" is no mean with a deviation: \"\((value.textValue ?? "").prefix(60))\"")
        }
        return (mean, LatencyTable.deviationsMs.contains(deviation) ? deviation : nil)
    }

    /// The operator that a kernel of nn-Meter is.
    private static func step(_ kind: String, _ sizes: JSON) throws(Mismatch) -> Operator {
        func size(_ name: String, in range: ClosedRange<Int>) throws(Mismatch) -> Int {
            guard let value = sizes[name]?.integerValue, range.contains(value) else {
                throw Mismatch("no \"\(name)\" from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        func map() throws(Mismatch) -> FeatureShape {
            let side = try size("HW", in: Limits.imageSide)
            return FeatureShape(height: side, width: side, channels: try size("CIN", in: Limits.channels))
        }
        let words = kind.split(separator: "-").map(String.init)
        let activations: [String: Activation] = [
            "relu": .relu, "relu6": .relu6, "hswish": .hardSwish, "swish": .swish, "sigmoid": .sigmoid,
        ]
        let known = Set(["conv", "dwconv", "fc", "bn", "add", "global", "avgpool", "gap"]).union(activations.keys)
        guard let first = words.first, words.allSatisfy(known.contains) else {
            throw Mismatch("no operator of a network here is \"\(kind.prefix(60))\"")
        }
        let activation: Activation = words.lazy.compactMap { activations[$0] }.first ?? .none
        switch first {
        case "conv", "dwconv":
            let kernel = try size("KERNEL_SIZE", in: Limits.kernel), stride = try size("STRIDES", in: Limits.stride)
            guard kernel % 2 == 1 else { throw Mismatch("a kernel of \(kernel)x\(kernel)") }
            let input = try map()
            if first == "dwconv" {
                return .depthwiseConvolution(kernel: kernel, stride: stride, input: input, activation: activation)
            }
            return .convolution(
                kernel: kernel, stride: stride, input: input, outputChannels: try size("COUT", in: Limits.channels),
                activation: activation)
        case "fc":
            return .fullyConnected(
                inputChannels: try size("CIN", in: Limits.channels), outputChannels: try size("COUT", in: Limits.channels),
                activation: activation)
        case "global" where words.dropFirst().first == "avgpool", "gap": return .globalAveragePool(input: try map())
        case "add" where words.count == 1: return .add(try map())
        default: throw Mismatch("no operator of a network here is \"\(kind.prefix(60))\"")
        }
    }
}
