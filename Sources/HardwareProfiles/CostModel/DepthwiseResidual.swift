import Architectures
import Files
import Glibc

/// What measured blocks say of depthwise kernels beyond the mechanistic model: a factor on the time of each, from a
/// Gaussian process over its shape (Rasmussen and Williams, 2006).
///
/// A block's residual is the sum of its operators' residuals by their shares of its time, so blocks teach what none of
/// them shows alone. Products are one kernel whatever their shape, which the model's parameters describe. Depthwise
/// windows are loops whose time depends on the shape in ways that no parameter describes. Far from what was measured,
/// the factor is 1. It changes so slowly with the shape that a larger layer still takes longer.
struct DepthwiseResidual: Hashable, Sendable {
    /// How alike shapes are: logarithms of base 2 of the side, the channels, the window and the stride, divided by the
    /// distance at which likeness falls to 0.6.
    private struct Shape: Hashable, Sendable {
        /// Of the output map, its channels, the window, and the stride.
        let pixels, channels, window, stride: Int
        private let logarithms: SIMD4<Double>

        init(_ step: Operator) {
            self.init(
                pixels: step.output.height * step.output.width, channels: step.output.channels, window: step.window.count,
                stride: step.stride)
        }

        init(pixels: Int, channels: Int, window: Int, stride: Int) {
            (self.pixels, self.channels, self.window, self.stride) = (pixels, channels, window, stride)
            let sizes = SIMD4(log2(Double(pixels)) / 2, log2(Double(channels)), log2(Double(window)) / 2, log2(Double(stride)))
            logarithms = sizes / Self.distances
        }

        static let distances = SIMD4(0.5, 0.5, 1, 1)

        func likeness(_ other: Shape) -> Double {
            let difference = logarithms - other.logarithms
            return exp(-(difference * difference).sum() / 2)
        }
    }

    private let shapes: [Shape]
    private let weights: [Double]

    /// The standard deviation of a factor's logarithm before anything is measured, and of a block's measurement.
    private static let spread = 0.05, noise = 0.01
    /// The steepest that the logarithm of a factor may fall when a side of the shape doubles. The time of a depthwise kernel
    /// without its launch at least doubles then, which is a slope of 1.
    private static let steepest = 0.8

    /// nil for fewer than ten observations that have depthwise operators: too few to tell shapes apart.
    ///
    /// - Parameters:
    ///   - observations: what was measured.
    ///   - parameters: those of the mechanistic model that were fitted to them.
    init?(_ observations: [Calibration.Observation], parameters: CostParameters) {
        var places: [Shape: Int] = [:], shapes: [Shape] = [], residuals: [Double] = []
        /// For each observation, the shapes of its depthwise operators and their shares.
        var rows: [[(shape: Int, share: Double)]] = []
        for observation in observations {
            var row: [(shape: Int, share: Double)] = [], sum = 0.0
            for step in observation.operators {
                let latencyMs = OperatorCost(step, on: observation.machine, parameters: parameters).latencyMs
                sum += latencyMs
                guard step.kind == .depthwiseConvolution else { continue }
                let shape = Shape(step)
                let place = places[shape] ?? shapes.count
                if place == shapes.count {
                    places[shape] = place
                    shapes.append(shape)
                }
                row.append((place, latencyMs))
            }
            guard !row.isEmpty else { continue }
            rows.append(row.map { ($0.shape, $0.share / sum) })
            residuals.append(log(observation.latencyMs / sum))
        }
        guard rows.count >= 10 else { return nil }
        let variance = Self.spread * Self.spread
        let likeness = shapes.map { one in shapes.map { variance * one.likeness($0) } }
        let count = rows.count
        var matrix = [Double](repeating: 0, count: count * count)
        for (column, one) in rows.enumerated() {
            for (row, other) in rows.enumerated().dropFirst(column) {
                matrix[column * count + row] = one.reduce(0) { sum, left in
                    other.reduce(sum) { $0 + left.share * $1.share * likeness[left.shape][$1.shape] }
                }
            }
            matrix[column * (count + 1)] += Self.noise * Self.noise
        }
        let solved = SymmetricSystem(count: count, values: matrix).solved(residuals)
        var weights = [Double](repeating: 0, count: shapes.count)
        for (row, weight) in zip(rows, solved) {
            for one in row { weights[one.shape] += weight * one.share * variance }
        }
        // No function of this norm is steeper than this in any logarithm (the reproducing property, applied to a
        // derivative), with natural logarithms on both axes.
        let square = weights.indices.reduce(0) { sum, one in
            weights.indices.reduce(sum) { $0 + weights[one] * weights[$1] * likeness[one][$1] / variance }
        }
        let slope = max(square, 0).squareRoot() / Shape.distances.min() / log(2)
        let shrinkage = slope > Self.steepest ? Self.steepest / slope : 1
        self.shapes = shapes
        self.weights = weights.map { $0 * shrinkage }
    }

    /// The factor on an operator's time; 1 for all but depthwise convolutions.
    func factor(of step: Operator) -> Double {
        guard step.kind == .depthwiseConvolution else { return 1 }
        let shape = Shape(step)
        var logarithm = 0.0
        for (weight, other) in zip(weights, shapes) { logarithm += weight * shape.likeness(other) }
        return exp(logarithm)
    }

    /// `[{"pixels", "channels", "window_pixels", "stride", "weight"}, …]`: the shapes that were measured, and how far each
    /// moves the logarithm of the factor of shapes like it.
    var json: JSON {
        .array(zip(shapes, weights).map { shape, weight in
            [
                "pixels": .integer(shape.pixels), "channels": .integer(shape.channels),
                "window_pixels": .integer(shape.window), "stride": .integer(shape.stride), "weight": .number(weight),
            ]
        })
    }

    /// Reads what `json` writes.
    init(_ node: JSONNode) throws {
        let sizes = 1...1_000_000_000
        let entries = try node.array { node in
            try node.object { fields in
                (
                    Shape(
                        pixels: try fields.integer("pixels", in: sizes), channels: try fields.integer("channels", in: sizes),
                        window: try fields.integer("window_pixels", in: sizes), stride: try fields.integer("stride", in: 1...1024)),
                    try fields.number("weight", in: -10...10)
                )
            }
        }
        shapes = entries.map(\.0)
        weights = entries.map(\.1)
    }
}
