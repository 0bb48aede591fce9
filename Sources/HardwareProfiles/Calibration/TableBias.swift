import Glibc

/// How far the sums of a table are off whole networks, from a few whole runs (active testing; Kossen et al., 2021, "Active
/// testing: sample-efficient model evaluation").
///
/// The logarithms of the ratios are taken as normal. What they usually stray is known before the first run: that counts
/// as two more degrees of freedom of Student's distribution (a conjugate prior of the variance), so that one network has
/// an interval too, and two have one that is of use. On FBNet's networks as they were measured on five devices
/// (HW-NAS-Bench), priced by fitted tables, and by such with entries 20 and 40 % off, intervals from 1, 2, 3, 5 and 10
/// networks hold the mean of 200 in 87 to 96 % of the draws. Student's own is nearly three times as wide for two networks
/// and entries 20 % off.
public struct TableBias: Hashable, Sendable {
    /// How the factor changes with what the table says.
    public struct Trend: Hashable, Sendable {
        /// What the table says of the fastest and the slowest network, milliseconds, and the factors there.
        public let fastestMs, slowestMs, fastestFactor, slowestFactor: Double
    }

    /// The factor that whole networks take over the sums, and the interval that holds its mean over the networks of the
    /// space with 90 % confidence.
    public let factor: Double
    public let interval: ClosedRange<Double>
    /// What holds the factor of one more network with 90 % confidence.
    public let spread: ClosedRange<Double>
    /// nil where the factor does not surely change; then one factor is not the whole truth.
    public let trend: Trend?
    public let count: Int
    /// How far ratios stray, in logarithms.
    private let deviation: Double

    /// What ratios stray from their mean, in logarithms, before any is known, and how many ratios that counts as.
    private static let usualDeviation = 0.06, usualDegrees = 2

    /// Pairs of what was measured and what the table says, milliseconds, above 0; nil for none.
    public init?(_ pairs: [(measuredMs: Double, tableMs: Double)]) {
        guard !pairs.isEmpty else { return nil }
        let ratios = pairs.map { log($0.measuredMs / $0.tableMs) }, sizes = pairs.map { log($0.tableMs) }
        let number = Double(ratios.count)
        let mean = ratios.reduce(0, +) / number
        let squares = ratios.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
        let degrees = Self.usualDegrees + ratios.count - 1
        deviation = Self.deviation(squares, degrees: degrees)
        let reach = Self.student90(degrees: degrees) * deviation
        let half = reach / number.squareRoot(), wide = reach * (1 + 1 / number).squareRoot()
        factor = exp(mean)
        interval = exp(mean - half)...exp(mean + half)
        spread = exp(mean - wide)...exp(mean + wide)
        count = ratios.count
        trend = Self.trend(ratios, sizes)
    }

    private static func deviation(_ squares: Double, degrees: Int) -> Double {
        let usual = Double(usualDegrees) * usualDeviation * usualDeviation
        return ((usual + squares) / Double(degrees)).squareRoot()
    }

    /// The line through the ratios by the table's logarithms, where its slope is surely not 0; nil for fewer than three.
    private static func trend(_ ratios: [Double], _ sizes: [Double]) -> Trend? {
        guard ratios.count > 2, let least = sizes.min(), let most = sizes.max() else { return nil }
        let number = Double(ratios.count)
        let mean = ratios.reduce(0, +) / number, middle = sizes.reduce(0, +) / number
        let width = sizes.reduce(0.0) { $0 + ($1 - middle) * ($1 - middle) }
        guard width > 1e-9 else { return nil }
        let slope = zip(ratios, sizes).reduce(0.0) { $0 + ($1.0 - mean) * ($1.1 - middle) } / width
        func line(_ size: Double) -> Double { mean + slope * (size - middle) }
        let squares = zip(ratios, sizes).reduce(0.0) { $0 + ($1.0 - line($1.1)) * ($1.0 - line($1.1)) }
        let degrees = usualDegrees + ratios.count - 2
        guard abs(slope) > student90(degrees: degrees) * deviation(squares, degrees: degrees) / width.squareRoot() else { return nil }
        return Trend(
            fastestMs: exp(least), slowestMs: exp(most), fastestFactor: exp(line(least)), slowestFactor: exp(line(most)))
    }

    /// How many networks in all leave an interval of that half width, in logarithms, if more stray as these do; nil for
    /// more than a hundred.
    public func count(forHalfWidth half: Double) -> Int? {
        (count...max(count, 100)).first { number in
            Self.student90(degrees: Self.usualDegrees + number - 1) * deviation <= half * Double(number).squareRoot()
        }
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
    /// bias that grows with size shows there first. Twice as many less one are the same and those between.
    ///
    /// They stand for all networks alike, so that their mean needs no weights. Choosing by how far the table and another
    /// device's model disagree, or by a Gaussian process over the shares of layers, was no better on FBNet's networks.
    public static func choice(_ count: Int, of tableMs: [Double]) -> [Int] {
        let order = tableMs.indices.sorted { tableMs[$0] < tableMs[$1] }
        guard count < order.count else { return order }
        guard count > 1 else { return [order[order.count / 2]] }
        return (0..<count).map { order[$0 * (order.count - 1) / (count - 1)] }
    }
}
