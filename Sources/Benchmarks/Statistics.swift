import Glibc
import SupernetSearch

/// A mean with its confidence interval.
public struct SampleMean: Hashable, Sendable {
    public let mean: Double
    /// Half of the 95 % confidence interval by Student's t; nil for a single value.
    public let halfWidth: Double?

    /// - Parameter values: at least one.
    public init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        guard values.count > 1 else {
            halfWidth = nil
            return
        }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        halfWidth = Self.quantile(freedom: values.count - 1) * (variance / count).squareRoot()
    }

    /// The 0.975 quantile of Student's t, by the expansion around the normal quantile (Abramowitz and Stegun, 1964,
    /// 26.7.5), and exact for few degrees of freedom.
    static func quantile(freedom: Int) -> Double {
        let exact = [12.706, 4.303, 3.182, 2.776]
        if freedom <= exact.count { return exact[freedom - 1] }
        let z = 1.959964, n = Double(freedom), z3 = z * z * z, z5 = z3 * z * z
        return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
    }
}

/// Kendall's τ-b, the rank correlation of two lists: 1 for the same order, −1 for the opposite one, 0 for no relation;
/// ties count for neither (Kendall, 1945).
///
/// - Returns: NaN where all values of either are equal.
public func kendallTau(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "kendallTau: \(first.count) and \(second.count) values")
    var balance = 0.0, untiedFirst = 0.0, untiedSecond = 0.0
    for one in first.indices {
        for other in first.indices where other > one {
            let a = sign(first[one] - first[other]), b = sign(second[one] - second[other])
            balance += a * b
            untiedFirst += abs(a)
            untiedSecond += abs(b)
        }
    }
    return balance / (untiedFirst * untiedSecond).squareRoot()
}

/// The losses of networks less the credit for their activations, as a search compares them: in standard deviations of the
/// losses, of which one of the activations is worth one.
public func creditedLosses(_ losses: [Double], activations: [Double]) -> [Double] {
    func inDeviations(_ values: [Double]) -> [Double] {
        let spread = deviation(of: values)
        return values.map { spread > 0 ? $0 / spread : 0 }
    }
    return zip(inDeviations(losses), inDeviations(activations)).map { $0 - $1 }
}

private func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }
