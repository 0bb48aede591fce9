import Architectures
import Engine
import Profiler
import TestSupport

extension PlainImages {
    /// The activation written out from its definition.
    func activated(_ activation: Architectures.Activation) -> PlainImages {
        switch activation {
        case .none: self
        case .relu: rectified
        case .relu6: clamped
        case .swish: swished
        case .hardSwish: hardSwished
        case .sigmoid: squashed
        case .hardSigmoid: hardSquashed
        }
    }

    private var clamped: PlainImages {
        var result = self
        for index in values.indices { result.values[index] = min(max(result.values[index], 0), 6) }
        return result
    }

    /// With a bias added to every channel.
    func plus(channels bias: [Double]) -> PlainImages {
        var result = self
        for index in values.indices { result.values[index] += bias[index % channels] }
        return result
    }
}

extension RandomSource {
    /// Drawn constants for an operator.
    mutating func weights(of step: Architectures.Operator) -> OperatorWeights {
        let count =
            switch step.kind {
            case .convolution, .fullyConnected: step.window.count * step.input.channels * step.output.channels
            case .depthwiseConvolution: step.window.count * step.input.channels
            default: 0
            }
        return OperatorWeights(
            kernel: normals(count, deviation: 0.5), bias: count > 0 ? normals(step.output.channels) : [])
    }
}
