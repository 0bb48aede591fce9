import Glibc

/// An axis: values between two round numbers, and where they stand in a picture.
struct LinearScale {
    /// Round numbers at equal distances, ascending, the first and the last being the axis's ends.
    let ticks: [Double]
    private let digits: Int
    private let step: Double
    private let start: Double
    private let end: Double

    /// - Parameters:
    ///   - values: what the axis must hold; none makes an axis from 0 to 1.
    ///   - count: about how many steps the axis has between ticks.
    ///   - range: where in the picture its first and its last value stand.
    init(covering values: [Double], steps count: Int, in range: (start: Double, end: Double)) {
        var least = values.min() ?? 0, most = values.max() ?? 1
        if least == most {
            let margin = abs(least) / 10
            (least, most) = least == 0 ? (0, 1) : (least - margin, most + margin)
        }
        let raw = (most - least) / Double(count)
        let magnitude = pow(10, log10(raw).rounded(.down))
        // A hair of tolerance, or rounding would pick the next step where the raw one is round already.
        let step = ([1, 2, 5].first { $0 * magnitude >= raw * 0.999 } ?? 10) * magnitude
        let first = (least / step + 1e-9).rounded(.down), last = (most / step - 1e-9).rounded(.up)
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
        digits = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
        self.step = step
        (start, end) = range
    }

    func position(of value: Double) -> Double {
        let least = ticks[0], most = ticks[ticks.count - 1]
        return start + (value - least) / (most - least) * (end - start)
    }

    /// The tick's value with the digits that tell it from its neighbours, as a power of ten where it would be long.
    func label(_ tick: Double) -> String {
        if tick == 0, digits > 4 { return "0" }
        guard digits > 4 || tick.magnitude >= 1e5 else {
            return digits == 0 ? Int(tick).grouped : tick.fixed(digits)
        }
        let exponent = Int((log10(tick.magnitude) + 1e-9).rounded(.down))
        let places = max(0, exponent - Int((log10(step) + 1e-9).rounded(.down)))
        return "\((tick / pow(10, Double(exponent))).fixed(places))e\(exponent)"
    }

    /// The width of the widest label.
    var labelWidth: Double { ticks.map { TextWidth.of(label($0), size: Markup.textSize) }.max() ?? 0 }
}
