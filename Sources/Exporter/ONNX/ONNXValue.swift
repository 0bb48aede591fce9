import Architectures

/// What is known of a value of a graph before execution.
///
/// The product of its sides, without those of 0, is at most 2³¹ − 1 (`ONNXShape`), so that no product of some of them
/// overflows.
struct ONNXValue {
    /// The shape, with a batch of 1; empty for a single value.
    var shape: [Int]
    /// Whether it is a weight or another constant of the graph.
    var isConstant = false
    /// Whether it is a weight in the file, and not computed from other constants.
    var isStored = false
    /// The values of a short list of constants, from which shapes are computed; nil where they are not known.
    private(set) var numbers: [Double]?
    /// Whether the numbers are integers, for integer division.
    var isIntegral = true

    /// The largest number of values of a constant that is computed: a shape needs no more, and the memory of constants
    /// stays proportional to the number of nodes.
    static let knownCount = 64

    /// A constant list of integers.
    init(shape: [Int], integers: [Int]?) {
        self.init(shape: shape, numbers: integers.map { $0.map(Double.init) }, isIntegral: true)
    }

    /// A constant. Its numbers are dropped if there are more than `knownCount`, or if they do not fit the shape.
    init(shape: [Int], numbers: [Double]?, isIntegral: Bool) {
        self.shape = shape
        self.isIntegral = isIntegral
        isConstant = true
        keep(numbers)
    }

    /// A value that depends on the image.
    init(shape: [Int]) { self.shape = shape }

    private mutating func keep(_ numbers: [Double]?) {
        self.numbers = numbers.flatMap { $0.count <= Self.knownCount && $0.count == count ? $0 : nil }
    }

    /// Replaces every number, where they are known.
    mutating func mapNumbers(_ body: (Double) -> Double) { keep(numbers.map { $0.map(body) }) }

    /// The numbers, rounded to integers; nil where they are not known.
    var integers: [Int]? {
        isIntegral ? numbers.map { $0.map { Int(exactly: $0) ?? ($0 < 0 ? .min : .max) } } : nil
    }

    /// The value of a constant that is a single number.
    var number: Double? { numbers?.count == 1 ? numbers?[0] : nil }

    var count: Int { shape.reduce(1, *) }

    /// The shape as a feature map: [1, C, H, W] or [1, C, L] with its sides, any other shape as one pixel.
    var map: FeatureShape {
        let sides = shape.count == 4 || shape.count == 3 ? Array(shape[2...]) : []
        guard !sides.isEmpty, shape[0] == 1 else { return FeatureShape(height: 1, width: 1, channels: count) }
        return FeatureShape(height: sides[0], width: sides.count == 2 ? sides[1] : 1, channels: shape[1])
    }
}
