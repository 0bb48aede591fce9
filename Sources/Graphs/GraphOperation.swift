import Architectures

/// What an operator of a graph does. The inputs of a node are in the order that each case says.
public enum GraphOperation: Hashable, Sendable {
    /// A map, weights, and perhaps a bias.
    case convolution(Window, groups: Int)
    case transposedConvolution(Window, groups: Int)
    /// Two matrices, and perhaps a bias.
    case product(GraphProduct)
    /// A map, and factor, offset, mean and variance of every channel.
    case batchNormalization
    /// A map, and perhaps factors and offsets: over the last `size` values of it, or in groups of so many.
    case normalization(size: Int)
    /// A map: along `size` values.
    case softmax(size: Int)
    case activation(Activation)
    /// A function of every value that has no name here.
    case function(Function)
    /// Two values, one of which may be smaller.
    case binary(Binary)
    case maxPool(Window)
    case averagePool(Window)
    case globalAveragePool
    /// A mean, a sum or another reduction over some sides.
    case reduction(Reduction)
    case concatenation
    /// A transposition, a slice, a padding, a gathering: values that are copied.
    case move
    /// Indices, and a table whose rows they choose.
    case lookup
    case resize
    /// The same values under another shape.
    case view
    /// Values rounded to another type that is not a quantised one.
    case cast
    /// Values and their scale become integers; dynamic where the scale follows from the image.
    case quantization(isDynamic: Bool)
    case dequantization
    /// The scale that a dynamic quantisation finds.
    case scale
    /// An operator that the reader does not know, by its kind.
    case unknown(String)

    /// Element-wise functions that patterns look for.
    public enum Function: Hashable, Sendable {
        case erf, squareRoot, reciprocal, gelu
        case other
    }

    /// Element-wise functions of two values.
    public enum Binary: Hashable, Sendable {
        case add, subtract, multiply, divide, power, minimum, maximum
        /// The first value, times the second where it is negative.
        case slope
        case other
    }

    /// Reductions that patterns look for.
    public enum Reduction: Hashable, Sendable {
        /// Over the last side alone.
        case meanOfRows
        /// Over the channels of a map alone.
        case meanOfChannels
        case other
    }
}

/// Products of `batches` pairs of matrices, [rows, depth] by [depth, columns].
public struct GraphProduct: Hashable, Sendable {
    public let batches: Int
    public let rows: Int
    public let depth: Int
    public let columns: Int
    /// In how many steps a recurrent layer computes the rows, one after another; they are a multiple of it.
    public let timeSteps: Int

    public init(batches: Int, rows: Int, depth: Int, columns: Int, timeSteps: Int = 1) {
        precondition(timeSteps > 0 && rows % timeSteps == 0, "\(rows) rows cannot be computed in \(timeSteps) steps")
        self.timeSteps = timeSteps
        self.batches = batches
        self.rows = rows
        self.depth = depth
        self.columns = columns
    }
}
