import Glibc

/// What operators make of one number, where a shape follows from constants (github.com/onnx/onnx, docs/Operators.md).
extension ONNXNode {
    /// nil for an operator of which no constant is computed.
    var functionOfNumber: ((Double) -> Double)? {
        switch kind {
        case "Ceil": return { $0.rounded(.up) }
        case "Floor": return { $0.rounded(.down) }
        case "Round": return { $0.rounded(.toNearestOrEven) }
        case "Neg": return { -$0 }
        case "Abs": return { abs($0) }
        case "Sign": return { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        case "Not": return { $0 == 0 ? 1 : 0 }
        case "IsNaN": return { $0.isNaN ? 1 : 0 }
        case "Sqrt": return { $0.squareRoot() }
        case "Reciprocal": return { 1 / $0 }
        case "Exp": return { exp($0) }
        case "Log": return { log($0) }
        case "Erf": return { erf($0) }
        case "Sin": return { sin($0) }
        case "Cos": return { cos($0) }
        case "Tan": return { tan($0) }
        case "Asin": return { asin($0) }
        case "Acos": return { acos($0) }
        case "Atan": return { atan($0) }
        case "Sinh": return { sinh($0) }
        case "Cosh": return { cosh($0) }
        case "Tanh": return { tanh($0) }
        case "Asinh": return { asinh($0) }
        case "Acosh": return { acosh($0) }
        case "Atanh": return { atanh($0) }
        default: return activationOfNumber
        }
    }

    private var activationOfNumber: ((Double) -> Double)? {
        func attribute(_ name: String, _ value: Double) -> Double { proto.number(name, default: value) }
        switch kind {
        case "Relu": return { max(0, $0) }
        case "Sigmoid": return { Self.sigmoid($0) }
        case "HardSwish": return { $0 * min(max($0 / 6 + 0.5, 0), 1) }
        case "Softplus": return { Self.softplus($0) }
        case "Softsign": return { $0 / (1 + abs($0)) }
        case "Mish": return { $0 * tanh(Self.softplus($0)) }
        case "Gelu":
            let isApproximate = proto.text("approximate") == "tanh"
            return { number in
                let cube: Double = number * number * number
                let tanhArgument: Double = (2 / Double.pi).squareRoot() * (number + 0.044715 * cube)
                let inner: Double = isApproximate ? tanh(tanhArgument) : erf(number / 2.0.squareRoot())
                return 0.5 * number * (1 + inner)
            }
        case "HardSigmoid":
            let slope = attribute("alpha", 0.2), offset = attribute("beta", 0.5)
            return { min(max(slope * $0 + offset, 0), 1) }
        case "LeakyRelu":
            let slope = attribute("alpha", 0.01)
            return { $0 < 0 ? slope * $0 : $0 }
        case "Elu":
            let scale = attribute("alpha", 1)
            return { $0 < 0 ? scale * expm1($0) : $0 }
        case "Celu":
            let scale = attribute("alpha", 1)
            return { $0 < 0 ? scale * expm1($0 / scale) : $0 }
        case "Selu":
            let scale = attribute("alpha", 1.67326319217681884765625), factor = attribute("gamma", 1.05070102214813232421875)
            return { factor * ($0 < 0 ? scale * expm1($0) : $0) }
        case "Swish":
            let factor = attribute("alpha", 1)
            return { $0 * Self.sigmoid(factor * $0) }
        case "ThresholdedRelu":
            let least = attribute("alpha", 1)
            return { $0 > least ? $0 : 0 }
        case "Shrink":
            let limit = attribute("lambd", 0.5), offset = attribute("bias", 0)
            return { $0 < -limit ? $0 + offset : $0 > limit ? $0 - offset : 0 }
        case "IsInf":
            let hasPositive = proto.int("detect_positive", default: 1) != 0
            let hasNegative = proto.int("detect_negative", default: 1) != 0
            return { $0.isInfinite && ($0 > 0 ? hasPositive : hasNegative) ? 1 : 0 }
        default: return nil
        }
    }

    private static func sigmoid(_ number: Double) -> Double { 1 / (1 + exp(-number)) }
    private static func softplus(_ number: Double) -> Double { max(number, 0) + log1p(exp(-abs(number))) }
}
