import Architectures
import Files

/// A network in ncnn's text format (".param"), for measurements: `benchncnn` needs no file of weights, it takes zeros.
///
/// One input, "input", and one output, "output". Batch normalisation is folded into the convolutions, which have a bias,
/// and activations are fused where ncnn's layers can. `NCNNParamFile` reads the format and names its documentation.
///
///     try NCNNNetworkFile(architecture.network).write(to: "network.param")
public struct NCNNNetworkFile: Hashable, Sendable {
    public let text: String

    /// - Parameter network: not without operators, and only with those of a search space's networks.
    public init(_ network: Network) {
        var writer = Writer(input: network.input)
        for layer in network.layers { writer.add(layer) }
        text = writer.text
    }

    /// - Throws: `FileError.cannotWrite`.
    public func write(to path: String) throws(FileError) { try AtomicFile.write(text, to: path) }

    /// A layer of ncnn's.
    private struct Line {
        let type: String
        let inputs: [Int]
        /// The parameters that follow the names.
        let parameters: String
    }

    /// Collects the layers; each writes the blob of its own number, and blob 0 is the input.
    private struct Writer {
        private var lines: [Line]

        init(input: FeatureShape) {
            lines = [Line(type: "Input", inputs: [], parameters: "0=\(input.width) 1=\(input.height) 2=\(input.channels)")]
        }

        private mutating func add(_ type: String, _ inputs: [Int], _ parameters: String) -> Int {
            lines.append(Line(type: type, inputs: inputs, parameters: parameters))
            return lines.count - 1
        }

        /// The activation as a parameter of the layer that it follows; nil where it is a layer of its own.
        private static func fused(_ activation: Activation) -> String? {
            switch activation {
            case .none: ""
            case .relu: " 9=1"
            case .relu6: " 9=3 -23310=2,0.0,6.0"
            case .sigmoid: " 9=4"
            case .hardSwish: " 9=6 -23310=2,0.16666667,0.5"
            case .swish, .hardSigmoid: nil
            }
        }

        /// A layer, and the activation after it where ncnn has no layer with both.
        private mutating func add(_ type: String, _ input: Int, _ parameters: String, _ activation: Activation) -> Int {
            if let fused = Self.fused(activation) { return add(type, [input], parameters + fused) }
            let value = add(type, [input], parameters)
            return activation == .swish ? add("Swish", [value], "") : add("HardSigmoid", [value], "0=0.16666667 1=0.5")
        }

        mutating func add(_ layer: Network.Layer) {
            let input = lines.count - 1
            // A squeeze-excite pools the same map that its factors multiply.
            var value = input, pooled = input
            for step in layer.operators {
                let outputs = step.output.channels
                let window = "0=\(outputs) 1=\(step.kernel) 3=\(step.stride) 4=\(step.kernel / 2) 5=1"
                switch step.kind {
                case .convolution:
                    let weights = outputs * step.input.channels * step.window.count
                    value = add("Convolution", value, "\(window) 6=\(weights)", step.activation)
                case .depthwiseConvolution:
                    let weights = outputs * step.window.count
                    value = add("ConvolutionDepthWise", value, "\(window) 6=\(weights) 7=\(outputs)", step.activation)
                case .globalAveragePool:
                    pooled = value
                    value = add("Pooling", [value], "0=1 4=1")
                case .fullyConnected:
                    value = add("InnerProduct", value, "0=\(outputs) 1=1 2=\(step.macs)", step.activation)
                case .multiply:
                    // ncnn's pool makes a vector of the channels.
                    let factors = add("Reshape", [value], "0=1 1=1 2=\(outputs)")
                    value = add("BinaryOp", [pooled, factors], "0=2")
                case .add: value = add("BinaryOp", [value, input], "0=0")
                case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise,
                    .memoryMove, .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize,
                    .function, .convert:
                    preconditionFailure("NCNNNetworkFile: no network of a search space has a \(step.kind)")
                }
            }
        }

        /// The file. A blob that several layers read is split into one for each.
        var text: String {
            var readers = [Int](repeating: 0, count: lines.count), taken = readers
            for line in lines { for blob in line.inputs { readers[blob] += 1 } }
            func name(_ blob: Int) -> String {
                blob == 0 ? "input" : blob == lines.count - 1 ? "output" : "\(blob)"
            }
            var rows: [String] = [], blobs = 0
            for (blob, line) in lines.enumerated() {
                let inputs = line.inputs.map { input in
                    taken[input] += 1
                    return readers[input] > 1 ? "\(name(input))_\(taken[input])" : name(input)
                }
                rows.append(
                    ([line.type, "layer\(blob)", "\(inputs.count)", "1"] + inputs + [name(blob), line.parameters])
                        .joined(separator: " "))
                blobs += 1
                guard readers[blob] > 1 else { continue }
                let parts = (1...readers[blob]).map { "\(name(blob))_\($0)" }
                rows.append((["Split", "split\(blob)", "1", "\(parts.count)", name(blob)] + parts).joined(separator: " "))
                blobs += parts.count
            }
            return "7767517\n\(rows.count) \(blobs)\n" + rows.map { $0 + "\n" }.joined()
        }
    }
}
