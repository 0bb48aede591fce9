import Architectures

/// The constants of an operator of eight bits, with batch normalisation folded in.
package struct Int8OperatorWeights {
    /// What integers mean: scale · (integer − zero point).
    package struct Encoding: Hashable {
        package var scale: Float
        package var zeroPoint: Int8

        package init(scale: Float, zeroPoint: Int8) {
            self.scale = scale
            self.zeroPoint = zeroPoint
        }
    }

    /// Convolution: [k, k, Cin, Cout]; depthwise: [k, k, C]; fully connected: [Cin, Cout]; else empty.
    package var kernel: [Int8]
    /// One for every output channel; of a fully connected operator all are the first, because this version of XNNPACK
    /// knows no others. Empty for an operator without weights.
    package var scales: [Float]
    /// In units of the input's scale times the channel's; empty for an operator without weights.
    package var bias: [Int32]
    package var input: Encoding
    /// Of the other summand or the factors; of no meaning for operators that read one map.
    package var second: Encoding
    package var output: Encoding

    package init(
        kernel: [Int8], scales: [Float], bias: [Int32], input: Encoding, second: Encoding? = nil, output: Encoding
    ) {
        self.kernel = kernel
        self.scales = scales
        self.bias = bias
        self.input = input
        self.second = second ?? input
        self.output = output
    }

    /// Constants to measure with, which look random.
    init(toMeasure step: Operator) {
        let weights = OperatorWeights(toMeasure: step)
        let largest = weights.kernel.lazy.map(abs).max() ?? 1
        let map = Encoding(scale: 0.05, zeroPoint: -3)
        let channels = weights.kernel.isEmpty ? 0 : step.output.channels
        self.init(
            kernel: weights.kernel.map { Int8($0 / largest * 127) },
            scales: [Float](repeating: largest / 127, count: channels), bias: [Int32](repeating: 7, count: channels),
            input: map, output: map)
    }
}
