import Architectures

/// The operators of a network file and the values between them, whatever format the file had: every shape is known, and
/// what follows from constants alone is left out.
///
/// Readers of formats fill it in the order of execution; `GraphNetwork` prices it.
public struct Graph: Sendable {
    /// The order of the sides of images and of maps.
    public enum Layout: Sendable {
        /// [batch, channels, height, width], as in ONNX and ncnn.
        case channelsFirst
        /// [batch, height, width, channels], as in TensorFlow Lite.
        case channelsLast
    }

    /// A tensor of numbers that the file stores.
    public struct Weight: Hashable, Sendable {
        /// A number that no other tensor of the file has.
        public let number: Int
        /// How many values it has.
        public let count: Int

        public init(number: Int, count: Int) {
            self.number = number
            self.count = count
        }
    }

    /// What moves between operators.
    public struct Value: Sendable {
        /// Where a value comes from.
        public enum Origin: Sendable {
            /// It depends on the image.
            case computed
            /// It is a constant that follows from others.
            case constant
            /// It is a weight in the file.
            case stored
        }

        public let shape: [Int]
        public let type: ElementType
        public let origin: Origin
        /// The value of a constant that is a single number.
        public let number: Double?
        /// The weights of the file that a constant follows from; of a weight, itself, in whatever shape. Empty where none says
        /// so.
        public let weights: [Weight]

        public init(
            shape: [Int], type: ElementType, origin: Origin = .computed, number: Double? = nil, weights: [Weight] = []
        ) {
            self.shape = shape
            self.type = type
            self.origin = origin
            self.number = number
            self.weights = weights
        }

        public var isConstant: Bool { origin != .computed }
        public var count: Int { shape.reduce(1, *) }
    }

    /// An operator of the file.
    public struct Node: Sendable {
        public let name: String
        public let operation: GraphOperation
        /// Indices of values, in the order that the operation says.
        public let inputs: [Int]
        public let output: Int
    }

    /// What the price of a recurrent layer assumes, in a sentence for people.
    public static let recurrenceAssumption =
        "the time steps of recurrent layers are priced by what other products cost, because no device has measured any"

    public let layout: Layout
    public private(set) var values: [Value] = []
    public private(set) var nodes: [Node] = []
    /// The index of the image.
    public var input = 0
    /// The indices of what the network answers.
    public var outputs: [Int] = []

    public init(layout: Layout) { self.layout = layout }

    /// Adds a value and returns its index.
    public mutating func add(_ value: Value) -> Int {
        values.append(value)
        return values.count - 1
    }

    /// Adds an operator, after those that write what it reads.
    public mutating func add(_ name: String, _ operation: GraphOperation, inputs: [Int], output: Int) {
        nodes.append(Node(name: name, operation: operation, inputs: inputs, output: output))
    }

    /// The shape of a value as a feature map. Images of a batch lie below each other; what is no map is one pixel.
    public func map(of value: Int) -> FeatureShape { map(values[value].shape) }

    /// The shape of what a window moves over as a map: the planes of a volume lie below each other, and so do the places of
    /// a row, with those of all rows of a batch.
    func spatialMap(of value: Int) -> FeatureShape {
        let shape = values[value].shape
        guard layout == .channelsFirst, shape.count == 5 || shape.count == 3 else { return map(shape) }
        let height = shape.count == 5 ? shape[2] * shape[3] : shape[2]
        return FeatureShape(height: shape[0] * height, width: shape.count == 5 ? shape[4] : 1, channels: shape[1])
    }

    func map(_ shape: [Int]) -> FeatureShape {
        let count = shape.reduce(1, *)
        // A constant may have no values, and still be read.
        guard count > 0, shape.count == 4 || shape.count == 3 && shape[0] == 1 else {
            return FeatureShape(height: 1, width: 1, channels: max(1, count))
        }
        let sides = layout == .channelsFirst ? Array(shape[2...]) : Array(shape[1..<shape.count - 1])
        let channels = layout == .channelsFirst ? shape[1] : shape[shape.count - 1]
        return FeatureShape(height: shape[0] * sides[0], width: sides.count == 2 ? sides[1] : 1, channels: channels)
    }

    /// The shape as rows of its last sides, of `size` values each.
    func rows(of value: Int, size: Int) -> FeatureShape {
        FeatureShape(height: max(1, values[value].count / max(1, size)), width: 1, channels: max(1, size))
    }

    /// The nodes that read each value; -1 for what the network answers.
    var readers: [[Int]] {
        var readers = [[Int]](repeating: [], count: values.count)
        for (index, node) in nodes.enumerated() {
            for input in node.inputs { readers[input].append(index) }
        }
        for output in outputs { readers[output].append(-1) }
        return readers
    }
}
