import Architectures
import Foundation

/// Builds a graph from nodes in the order of execution.
struct ONNXGraphBuilder {
    private(set) var graph = ONNXGraphProto()

    init(name: String) { graph.name = name }

    /// Adds an input of the graph.
    mutating func addInput(_ name: String, _ sides: [Side], type: Int32 = ONNXDataType.float) {
        graph.input.append(Self.value(name, sides, type: type))
    }

    /// Adds an output of the graph, which a node must write.
    mutating func addOutput(_ name: String, _ sides: [Side]) { graph.output.append(Self.value(name, sides)) }

    /// Adds a node with one output and returns the output's name, which is by default that of the node.
    mutating func node(
        _ kind: String, _ name: String, _ inputs: [String], attributes: [ONNXAttributeProto] = [], output: String? = nil
    ) -> String {
        var node = ONNXNodeProto()
        node.opType = kind
        node.name = name
        node.input = inputs
        node.output = [output ?? "\(name).output"]
        node.attribute = attributes
        graph.node.append(node)
        return node.output[0]
    }

    /// Renames the output of the last node; no node may read it yet.
    mutating func nameLastOutput(_ name: String) { graph.node[graph.node.count - 1].output = [name] }

    /// Adds a convolution padded by half a kernel.
    ///
    /// - Parameter inputs: the map, the weights [output channels, input channels of a group, k, k], and optionally a
    ///   bias.
    mutating func convolution(_ name: String, _ inputs: [String], kernel: Int, stride: Int, groups: Int) -> String {
        let pad = kernel / 2
        return node(
            "Conv", name, inputs,
            attributes: [
                .ints("dilations", [1, 1]), .int("group", groups), .ints("kernel_shape", [kernel, kernel]),
                .ints("pads", [pad, pad, pad, pad]), .ints("strides", [stride, stride]),
            ])
    }

    /// Adds the nodes of an activation; none for `none`.
    mutating func activate(_ input: String, _ activation: Activation, _ name: String) -> String {
        switch activation {
        case .none: return input
        case .relu: return node("Relu", name, [input])
        case .relu6:
            addInitializer("\(name).least", shape: [], [0] as [Float])
            addInitializer("\(name).most", shape: [], [6] as [Float])
            return node("Clip", name, [input, "\(name).least", "\(name).most"])
        case .swish:
            let factors = node("Sigmoid", "\(name).factors", [input])
            return node("Mul", name, [input, factors])
        case .hardSwish: return node("HardSwish", name, [input])
        case .sigmoid: return node("Sigmoid", name, [input])
        case .hardSigmoid:
            return node("HardSigmoid", name, [input], attributes: [.float("alpha", 1 / 6), .float("beta", 0.5)])
        }
    }

    /// Adds the normalisation of bytes, (byte / 255 - mean) / std, as one product and one sum for every channel.
    mutating func normalize(_ input: String, mean: [Double], std: [Double]) -> String {
        let values = node(
            "Cast", "\(input).values", [input], attributes: [.int("to", Int(ONNXDataType.float))])
        addInitializer("\(input).factors", shape: [1, std.count, 1, 1], std.map { Float(1 / (255 * $0)) })
        addInitializer("\(input).offsets", shape: [1, mean.count, 1, 1], zip(mean, std).map { Float(-$0 / $1) })
        let scaled = node("Mul", "\(input).scaled", [values, "\(input).factors"])
        return node("Add", "\(input).normalized", [scaled, "\(input).offsets"])
    }

    /// Adds constant float32 values.
    mutating func addInitializer(_ name: String, shape: [Int], _ values: [Float]) {
        addInitializer(name, shape: shape, values, type: ONNXDataType.float)
    }

    /// Adds constant integers of eight bits.
    mutating func addInitializer(_ name: String, shape: [Int], _ values: [Int8]) {
        addInitializer(name, shape: shape, values, type: ONNXDataType.int8)
    }

    /// Adds constant integers of 32 bits.
    mutating func addInitializer(_ name: String, shape: [Int], _ values: [Int32]) {
        addInitializer(name, shape: shape, values, type: ONNXDataType.int32)
    }

    private mutating func addInitializer<Value: BitwiseCopyable>(
        _ name: String, shape: [Int], _ values: [Value], type: Int32
    ) {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = shape.map(Int64.init)
        tensor.dataType = type
        tensor.rawData = values.withUnsafeBytes { Data($0) }
        graph.initializer.append(tensor)
    }

    /// One dimension of a value of the graph.
    enum Side {
        case fixed(Int)
        /// A symbolic dimension, which the user of the graph chooses.
        case symbolic(String)
    }

    private static func value(
        _ name: String, _ sides: [Side], type: Int32 = ONNXDataType.float
    ) -> ONNXValueInfoProto {
        .with {
            $0.name = name
            $0.type.tensorType.elemType = type
            $0.type.tensorType.shape.dim = sides.map { side in
                .with {
                    switch side {
                    case .fixed(let length): $0.dimValue = Int64(length)
                    case .symbolic(let name): $0.dimParam = name
                    }
                }
            }
        }
    }
}

extension ONNXAttributeProto {
    static func int(_ name: String, _ value: Int) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .int
            $0.i = Int64(value)
        }
    }

    static func ints(_ name: String, _ values: [Int]) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .ints
            $0.ints = values.map(Int64.init)
        }
    }

    static func float(_ name: String, _ value: Float) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .float
            $0.f = value
        }
    }
}
