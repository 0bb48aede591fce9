import Glibc

/// The decision whether a part of a superkernel is used: the part's norm against a trained threshold.
///
/// The norm is the mean of the squares of the part's elements. It is a mean because the sum over the thousands of
/// elements of a wide layer would push every argument to where the sigmoid is flat and has no gradient.
///
/// Forward, an indicator is 1 where its argument, norm − threshold, is positive, else 0; backward its derivative is
/// that of the sigmoid at the same argument (Stamoulis et al., 2019, section 3).
enum Indicator {
    static func value(_ argument: Double) -> Double { argument > 0 ? 1 : 0 }

    static func derivative(_ argument: Double) -> Double {
        let sigmoid = 1 / (1 + exp(-argument))
        return sigmoid * (1 - sigmoid)
    }

    /// The norm of a part whose squares sum to `squares`.
    static func norm(squares: Double, count: Int) -> Double { squares / Double(count) }

    /// The norm's derivative with respect to an element.
    static func normDerivative(element: Float, count: Int) -> Double { 2 * Double(element) / Double(count) }
}
