import Graphs

/// What is known of a value of a graph before execution.
///
/// The product of its sides, without those of 0, is at most 2³¹ − 1 (`ONNXShape`), so that no product of some of them
/// overflows.
struct ONNXValue {
    /// The shape; empty for a single value.
    var shape: [Int]
    var type: ElementType
    /// Whether its integers have no sign; known of stored constants.
    var isUnsigned = false
    var origin = Graph.Value.Origin.computed
    /// The type that a constant has in the file, where it is widened before it is used.
    var storedType: ElementType?
    /// The file's weights that it follows from, or the one that it is, under whatever name, type and order of sides; nil where
    /// they are not known, or are too many.
    var weights: [Graph.Weight]?
    /// The values of a short list of constants, from which shapes are computed; nil where they are not known.
    private(set) var numbers: [Double]?
    /// How many values of a constant are not 0; known of some whose numbers are not.
    var trueCount: Int?
    /// The place in the file that makes the numbers of a constant unknown.
    var blame: String?
    /// Its index in the neutral graph, once a node reads or writes it.
    var index: Int?

    /// The largest number of values of a constant that is computed: a shape needs no more, and the memory of constants
    /// stays proportional to the number of nodes.
    static let knownCount = 512
    /// More weights behind one constant than exporters compute one from, and few enough that their lists stay small.
    private static let weightLimit = 8

    /// A value that depends on the image.
    init(shape: [Int], type: ElementType) {
        self.shape = shape
        self.type = type
    }

    /// A constant. Its numbers are dropped if there are more than `knownCount`, or if they do not fit the shape; those of a
    /// shape without values are known.
    init(constant shape: [Int], type: ElementType, numbers: [Double]?, blame: String? = nil) {
        self.shape = shape
        self.type = type
        origin = .constant
        self.blame = blame
        self.numbers = shape.contains(0) ? [] : numbers.flatMap { $0.count <= Self.knownCount && $0.count == count ? $0 : nil }
    }

    /// A constant list of integers.
    init(integers: [Int], shape: [Int]? = nil) {
        self.init(constant: shape ?? [integers.count], type: .int64, numbers: integers.map(Double.init))
    }

    /// Whether it is a weight or follows from constants alone.
    var isConstant: Bool { origin != .computed }

    /// The numbers as integers; nil where they are not known, or are no integers.
    var integers: [Int]? {
        isIntegral ? numbers.map { $0.map { Int(exactly: $0) ?? ($0 < 0 ? .min : .max) } } : nil
    }

    /// Whether it holds integers, for integer division.
    var isIntegral: Bool {
        switch type {
        case .int8, .int4, .int2, .int16, .int32, .int64, .bool: true
        case .float64, .float32, .float16, .float8, .float4, .other: false
        }
    }

    /// The value of a constant that is a single number.
    var number: Double? { numbers?.count == 1 ? numbers?[0] : nil }

    var count: Int { shape.reduce(1, *) }

    /// The value in a neutral graph.
    var graphValue: Graph.Value {
        Graph.Value(shape: shape, type: storedType ?? type, origin: origin, number: number, weights: weights ?? [])
    }

    /// Makes this a weight of the file if `other` is one, of as many bytes as that has there. Other constants keep their
    /// bytes too.
    mutating func comes(from other: ONNXValue) {
        (origin, storedType, weights) = (other.origin, other.storedType, other.weights)
        if other.origin == .stored { storedType = other.storedType ?? other.type }
    }

    /// The weights that a constant follows from which is computed from others: those of all lists of numbers. A single
    /// number is no weight but the scale of one, or what is added before a root.
    static func weights(behind inputs: [ONNXValue]) -> [Graph.Weight]? {
        var all: [Graph.Weight] = []
        for input in inputs where input.count > 1 && input.type.canBeTrained {
            guard let own = input.weights else { return nil }
            for weight in own where !all.contains(weight) {
                guard all.count < weightLimit else { return nil }
                all.append(weight)
            }
        }
        return all
    }
}
