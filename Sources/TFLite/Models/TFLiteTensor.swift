import Files

/// A tensor of a TensorFlow Lite model: what moves between operators, or a constant in the file.
///
///     let bias = TFLiteTensor("stem.bias", floats: [0.5, -1], shape: [2])
///     let image = TFLiteTensor("image", type: .int8, shape: [1, 224, 224, 3], quantization: .init(scale: 0.02, zeroPoint: -4))
public struct TFLiteTensor: Hashable, Sendable {
    public var name: String
    public var type: TFLiteType
    /// Outermost first; maps are [batch, height, width, channels].
    public var shape: [Int]
    /// The places in the shape of sides that the caller chooses, as the model's shape signature has them. The shape has one
    /// length of them that is possible; converters write 1.
    public var freeSides: Set<Int> = []
    /// What integers mean; nil for values that are what they say.
    public var quantization: TFLiteQuantization?
    /// The values of a constant, little-endian, in the order of the shape; nil for what is computed. Values that the file
    /// does not hold, because they are outside of it, are empty.
    public var data: ArraySlice<UInt8>?
    /// Whether it keeps its values from one call to the next.
    public var isVariable = false
    /// Whether the file leaves out the zeros of its values; such values are not read.
    public internal(set) var isSparse = false

    public init(
        _ name: String, type: TFLiteType, shape: [Int], quantization: TFLiteQuantization? = nil,
        data: ArraySlice<UInt8>? = nil
    ) {
        self.name = name
        self.type = type
        self.shape = shape
        self.quantization = quantization
        self.data = data
    }

    /// A constant of float32 values, as many as the shape has.
    public init(_ name: String, floats: [Float], shape: [Int]) {
        self.init(name, type: .float32, shape: shape, data: Self.bytes(floats))
        precondition(floats.count == count, "as many values as the shape has")
    }

    /// A constant of int32 values, as many as the shape has: sums of a quantised operator's bias, or sides and axes.
    public init(_ name: String, int32s: [Int32], shape: [Int], quantization: TFLiteQuantization? = nil) {
        self.init(name, type: .int32, shape: shape, quantization: quantization, data: Self.bytes(int32s))
        precondition(int32s.count == count, "as many values as the shape has")
    }

    /// A constant of int8 values, as many as the shape has.
    public init(_ name: String, int8s: [Int8], shape: [Int], quantization: TFLiteQuantization?) {
        self.init(name, type: .int8, shape: shape, quantization: quantization, data: Self.bytes(int8s))
        precondition(int8s.count == count, "as many values as the shape has")
    }

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
    public var isConstant: Bool { data != nil }

    /// Of an image, the sides besides the batch that the caller chooses: "1x?x?x3"; nil where there are none.
    var freeShape: String? {
        guard freeSides.contains(where: { $0 > 0 }) else { return nil }
        return shape.indices.map { $0 > 0 && freeSides.contains($0) ? "?" : "\(shape[$0])" }.joined(separator: "x")
    }

    /// Whether `shape` has no length of such a side but the 1 of the converters, which is that of no image.
    var isUnsettled: Bool { freeSides.contains { $0 > 0 && shape[$0] == 1 } }

    /// The values of a constant of float32, or of float16 made wider; nil for other types and for data that are not as
    /// long as the shape says.
    public var floats: [Float]? {
        switch type {
        case .float32: values(of: Float.self)
        case .float16: values(of: UInt16.self)?.map(HalfPrecision.ieee)
        default: nil
        }
    }

    /// The values of a constant of integers; nil for other types and for data that are not as long as the shape says.
    public var integers: [Int]? {
        switch type {
        case .int8: values(of: Int8.self)?.map(Int.init)
        case .uint8: values(of: UInt8.self)?.map(Int.init)
        case .int16: values(of: Int16.self)?.map(Int.init)
        case .int32: values(of: Int32.self)?.map(Int.init)
        case .int64: values(of: Int64.self)?.map(Int.init)
        default: nil
        }
    }

    private func values<Value: BitwiseCopyable>(of type: Value.Type) -> [Value]? {
        guard let data, !isSparse, data.count == count * MemoryLayout<Value>.stride else { return nil }
        return data.withUnsafeBytes { bytes in
            (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.stride, as: Value.self) }
        }
    }

    private static func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> ArraySlice<UInt8> {
        values.withUnsafeBytes { ArraySlice($0) }
    }
}

/// What the integers of a tensor mean: value = scale · (integer − zero point) (Jacob et al., 2018, arXiv:1712.05877).
public struct TFLiteQuantization: Hashable, Sendable {
    /// One for all values, or one for each index of the side `dimension`.
    public var scales: [Float]
    /// As many as scales.
    public var zeroPoints: [Int64]
    /// The side of the shape along which the scales differ.
    public var dimension: Int

    public init(scales: [Float], zeroPoints: [Int64], dimension: Int = 0) {
        self.scales = scales
        self.zeroPoints = zeroPoints
        self.dimension = dimension
    }

    /// One scale for all values.
    public init(scale: Float, zeroPoint: Int) {
        self.init(scales: [scale], zeroPoints: [Int64(zeroPoint)])
    }

    /// A scale for every channel, symmetric: every zero point is 0.
    ///
    /// - Parameter dimension: the side of the channels: 0 for a convolution's weights, 3 for a depthwise one's.
    public init(scalesByChannel scales: [Float], dimension: Int) {
        self.init(scales: scales, zeroPoints: Array(repeating: 0, count: scales.count), dimension: dimension)
    }

    public var isByChannel: Bool { scales.count > 1 }
}
