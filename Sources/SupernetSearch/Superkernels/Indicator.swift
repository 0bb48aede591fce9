/// The decision whether a part of a superkernel is used: the part's norm against a threshold (Stamoulis et al.,
/// 2019, section 3). An indicator is 1 where its argument, norm − threshold, is positive, else 0.
///
/// The norm is the mean of the squares of the part's elements, so that it does not depend on the width of the layer.
enum Indicator {
    static func value(_ argument: Double) -> Double { argument > 0 ? 1 : 0 }

    /// The norm of a part whose squares sum to `squares`.
    static func norm(squares: Double, count: Int) -> Double { squares / Double(count) }

    /// The largest magnitude of an argument, as a part of the norm: a part that has been on for long is switched off as
    /// soon as one that has just come on.
    static let reach = 0.1
}
