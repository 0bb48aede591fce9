import Glibc

/// How far the sums of a table are off whole networks, from a few whole runs (active testing; Kossen et al., 2021).
public struct TableBias: Hashable, Sendable {
    /// The factor that whole networks take over the sums, and the interval that holds it with 90 % confidence.
    public let factor: Double
    public let interval: ClosedRange<Double>
    public let count: Int

    /// Pairs of what was measured and what the table says, milliseconds; nil for fewer than two.
    ///
    /// The logarithms of the ratios are taken as normal, so the interval is Student's.
    public init?(_ pairs: [(measuredMs: Double, tableMs: Double)]) {
        guard pairs.count > 1 else { return nil }
        let ratios = pairs.map { log($0.measuredMs / $0.tableMs) }
        let mean = ratios.reduce(0, +) / Double(ratios.count)
        let variance = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ratios.count - 1)
        let half = Self.student90(degrees: ratios.count - 1) * (variance / Double(ratios.count)).squareRoot()
        factor = exp(mean)
        interval = exp(mean - half)...exp(mean + half)
        count = ratios.count
    }

    /// The value that the magnitude of Student's t stays below with probability 0.9, by integration of its density.
    package static func student90(degrees: Int) -> Double {
        let nu = Double(degrees)
        let scale = exp(lgamma((nu + 1) / 2) - lgamma(nu / 2)) / (nu * .pi).squareRoot()
        var sum = 0.0, value = 0.0
        let step = 1e-3
        while sum < 0.45 {
            let middle = value + step / 2
            sum += step * scale * pow(1 + middle * middle / nu, -(nu + 1) / 2)
            value += step
        }
        return value
    }

    /// The indices of the networks to run whole: spread over what the table says, from the least to the most, because a
    /// bias that grows with size shows there first.
    public static func choice(_ count: Int, of tableMs: [Double]) -> [Int] {
        let order = tableMs.indices.sorted { tableMs[$0] < tableMs[$1] }
        guard count < order.count else { return order }
        guard count > 1 else { return [order[order.count / 2]] }
        return (0..<count).map { order[$0 * (order.count - 1) / (count - 1)] }
    }
}
