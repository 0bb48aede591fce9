/// A number computed in double precision, with its magnitude: the same expression on the absolute values of all
/// that goes into it.
///
/// Float32 evaluates an expression, in any order, fused or not, to within `roundings` · 2⁻²⁴ · magnitude, where
/// `roundings` is how many an input passes through at most (Higham, 2002, "Accuracy and Stability of Numerical
/// Algorithms", section 3.1).
struct Bounded {
    var value: Double
    var magnitude: Double

    init(_ value: Float) {
        self.value = Double(value)
        magnitude = abs(self.value)
    }

    init(value: Double, magnitude: Double) {
        self.value = value
        self.magnitude = magnitude
    }

    static let zero = Bounded(0)

    static func + (a: Bounded, b: Bounded) -> Bounded {
        Bounded(value: a.value + b.value, magnitude: a.magnitude + b.magnitude)
    }

    static func - (a: Bounded, b: Bounded) -> Bounded {
        Bounded(value: a.value - b.value, magnitude: a.magnitude + b.magnitude)
    }

    static func * (a: Bounded, b: Bounded) -> Bounded {
        Bounded(value: a.value * b.value, magnitude: a.magnitude * b.magnitude)
    }

    static func += (a: inout Bounded, b: Bounded) { a = a + b }

    var positivePart: Bounded { value > 0 ? self : .zero }

    func atMost(_ ceiling: Float) -> Bounded { value > Double(ceiling) ? Bounded(ceiling) : self }

    /// Whether ReLU with this ceiling has a slope here.
    func isBetweenZero(and ceiling: Float) -> Bool { value > 0 && value < Double(ceiling) }
}

/// The first place where float32 results are not `expected` within the bound, in words; nil if there is none.
func deviation(of actual: some Collection<Float>, from expected: [Bounded], roundings: Int, in what: String) -> String? {
    guard actual.count == expected.count else { return "\(what): \(actual.count) values instead of \(expected.count)" }
    for (index, pair) in zip(actual, expected).enumerated() {
        // One per cent covers the second order of the bound.
        let bound = 1.01 * Double(roundings) * 0x1p-24 * pair.1.magnitude
        if !(abs(Double(pair.0) - pair.1.value) <= bound && bound.isFinite) {
            return "\(what)[\(index)]: \(pair.0) instead of \(pair.1.value) ± \(bound)"
        }
    }
    return nil
}
