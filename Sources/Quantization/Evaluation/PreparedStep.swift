import Architectures
import Engine

/// A step of a network with its constants, as `ForwardPass` computes it: with real numbers, or with integers.
///
/// Both are stored as float32. An integer value is stored less its zero point, so that padding is 0 and a product of two
/// values of eight bits is at most 255 · 127. A sum of 512 such products is below 2²⁴ and therefore exact in float32,
/// in any order: the fastest product of real matrices computes integers without a rounding.
struct PreparedStep: Sendable {
    /// What is done with the sums of a step before they are stored.
    enum Finish: Sendable {
        /// Adds the bias and clamps.
        case real(bias: [Float], limits: ClosedRange<Float>)
        /// Adds the bias, multiplies by a factor of the channel, rounds to nearest even and clamps.
        case integer(bias: [Double], factors: [Float], limits: ClosedRange<Float>)
        /// The sum of two integer maps; nil for real ones.
        case sum(IntegerSum?)
        /// The mean of integers: their sum is multiplied by the factor, rounded to nearest even and clamped.
        case mean(factor: Float, limits: ClosedRange<Float>)
        /// The mean of real numbers.
        case realMean
    }

    /// The longest sum of products that is certainly exact.
    static let exactTerms = 512

    let name: String
    let kind: FoldedNetwork.Step.Kind
    let inputs: [Int]
    let input: FeatureShape
    let output: FeatureShape
    let weights: Storage
    let finish: Finish

    /// The number of terms of a sum of a product of matrices.
    var terms: Int {
        switch kind {
        case .convolution(let kernel, _): kernel * kernel * input.channels
        case .fullyConnected: input.channels
        case .depthwise(let kernel, _): kernel * kernel
        case .add, .mean: 0
        }
    }

    /// The values of one image's map, arranged for a product of matrices; 0 where the map is used as it is.
    var gathered: Int {
        if case .convolution(let kernel, let stride) = kind, kernel > 1 || stride > 1 {
            output.height * output.width * terms
        } else {
            0
        }
    }

    var isInteger: Bool { if case .integer = finish { true } else { false } }
}

/// The addition of two integer maps of XNNPACK's qs8 operators: both are scaled by multipliers of 21 bits, and the sum is
/// shifted right, with halves rounded up.
struct IntegerSum: Sendable {
    /// Whole numbers.
    let first: Double, second: Double
    let shift: Int
    let limits: ClosedRange<Float>

    /// - Parameters:
    ///   - first: the scale of the first map by that of the sum.
    ///   - second: that of the second map likewise.
    ///   - limits: of the sum, less its zero point.
    init(first: Float, second: Float, limits: ClosedRange<Float>) {
        shift = 20 - Int(max(first, second).exponent)
        let unit = Float(sign: .plus, exponent: shift, significand: 1)
        self.first = Double((first * unit).rounded(.toNearestOrEven))
        self.second = Double((second * unit).rounded(.toNearestOrEven))
        self.limits = limits
    }
}

extension FoldedNetwork {
    /// The steps, in real numbers.
    var prepared: [PreparedStep] {
        steps.map { step in
            let finish: PreparedStep.Finish =
                switch step.kind {
                case .add: .sum(nil)
                case .mean: .realMean
                case .convolution, .depthwise, .fullyConnected: .real(bias: step.bias, limits: step.activation.limits)
                }
            return PreparedStep(
                name: step.name, kind: step.kind, inputs: step.inputs, input: step.input, output: step.output,
                weights: Storage(step.weights), finish: finish)
        }
    }
}

extension Architectures.Activation {
    /// What an activation that only clamps leaves of all values.
    var limits: ClosedRange<Float> {
        switch self {
        case .relu: 0 ... .infinity
        case .relu6: 0...6
        case .none, .swish, .hardSwish, .sigmoid, .hardSigmoid: -.infinity ... .infinity
        }
    }
}
