import Engine

extension RandomSource {
    /// Draws values from a normal distribution.
    public mutating func normals(_ count: Int, mean: Float = 0, deviation: Float = 1) -> [Float] {
        (0..<count).map { _ in mean + deviation * normal() }
    }

    /// Draws multiples of `unit` from −steps · unit to steps · unit: with few enough bits that float32 sums and
    /// products of a few of them are exact.
    public mutating func multiples(of unit: Float, steps: Int) -> Float {
        Float(below(2 * steps + 1) - steps) * unit
    }
}

extension Storage {
    public func draw(_ random: inout RandomSource, mean: Float = 0, deviation: Float = 1) {
        write(random.normals(count, mean: mean, deviation: deviation))
    }

    /// The values in double precision.
    public var doubles: [Double] { values.map(Double.init) }

    /// The bits of the values: equal for equal bits only, zeros of different sign and NaN included.
    public var bits: [UInt32] { values.map(\.bitPattern) }
}

extension [Parameter] {
    /// Draws weights whose sums are of order 1, normalisation scales around 1 (a few of them negative), and
    /// offsets; and fills the gradients with what a backward pass must overwrite.
    public func draw(_ random: inout RandomSource) {
        for parameter in self {
            let isScale = parameter.name.hasSuffix(".scale")
            parameter.value.draw(&random, mean: isScale ? 1 : 0, deviation: 0.6)
            parameter.gradient.fill(1000)
        }
    }
}
