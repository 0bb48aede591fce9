import Architectures
import Engine
import Glibc
import HardwareProfiles

/// A belief about the losses of all networks of a space, from those of some: a Gaussian process (Rasmussen and Williams,
/// 2006, chapter 2) over the parts that networks use.
///
/// A network's loss is the sum of a constant, of what each of its parts adds, of what each pair of its parts adds, and of
/// noise. What a part adds is believed to be its prior mean, times a factor that is unknown but near 1, and a deviation.
/// The sizes of the deviations, of the pairs and of the noise are those that make the losses most likely (chapter 5.4).
///
///     var surrogate = LossSurrogate(priorMeans: [[-0.02, -0.01], [-0.03]])
///     surrogate.fit([[1, 1, 0], [1, 0, 1], [1, 1, 1]], losses: [0.71, 0.74, 0.70])
///     surrogate.sample(&random)    // what each part adds, as it may well be
package struct LossSurrogate {
    /// The sizes of the terms, as standard deviations in units of the loss.
    package struct Sizes: Hashable {
        /// Nearly free, because the mean is taken off the losses.
        package var constant: Double
        /// Of the factor of the prior means; no loss.
        package var factor = 0.5
        package var parts: Double
        package var pairs: Double
        package var noise: Double
    }

    /// For each part, what it is believed to add before any loss is known.
    private let priorMeans: [Double]
    package private(set) var sizes: Sizes
    /// For each network, 1 for the parts that it uses, 0 for others.
    private var networks: [[Double]] = []
    /// Their losses, less the mean.
    private var losses: [Double] = []
    private var mean = 0.0
    /// What the prior says of each network, less the mean, and what it leaves of the losses.
    private var prior: [Double] = [], left: [Double] = []
    /// The covariance of the losses, and that of what the parts and the prior's factor do not explain of them.
    private var covariance: SymmetricSystem?, rest: SymmetricSystem?
    /// The inverse of the covariance, times `left`.
    private var weights: [Double] = []

    /// The sizes that are tried, in standard deviations of the losses.
    private static let triedParts = [0.02, 0.05, 0.12, 0.3, 0.75], triedPairs = [0, 0.02, 0.05, 0.12, 0.3]
    private static let triedNoise = [0.05, 0.12, 0.3, 0.75]

    /// Fewer losses cannot tell the sizes; beyond many, one more changes them little.
    private static let fewest = 6, many = 48

    /// - Parameter priorMeans: for each part.
    package init(priorMeans: [Double]) {
        self.priorMeans = priorMeans
        let size = (priorMeans.reduce(0) { $0 + $1 * $1 } / Double(max(priorMeans.count, 1))).squareRoot()
        sizes = Sizes(constant: 0, parts: max(size, 1e-6), pairs: 0, noise: max(size, 1e-6))
    }

    /// Takes the losses of networks, in place of all earlier ones.
    ///
    /// - Parameters:
    ///   - networks: for each, 1 for the parts that it uses and 0 for others.
    ///   - losses: finite.
    package mutating func fit(_ networks: [[Double]], losses: [Double]) {
        self.networks = networks
        mean = losses.reduce(0, +) / Double(losses.count)
        self.losses = losses.map { $0 - mean }
        let deviation = max((self.losses.reduce(0) { $0 + $1 * $1 } / Double(losses.count)).squareRoot(), 1e-9)
        let kernels = Kernels(networks, priorMeans: priorMeans)
        prior = kernels.prior
        left = zip(self.losses, prior).map { $0 - $1 }
        sizes.constant = deviation
        let tried: [Sizes]
        if networks.count < Self.fewest {
            tried = [Sizes(constant: deviation, parts: max(sizes.parts, 0.3 * deviation), pairs: 0, noise: 0.3 * deviation)]
        } else if networks.count <= Self.many || networks.count % 16 == 0 {
            tried = Self.triedParts.flatMap { parts in
                Self.triedPairs.flatMap { pairs in
                    Self.triedNoise.map {
                        Sizes(constant: deviation, parts: parts * deviation, pairs: pairs * deviation, noise: $0 * deviation)
                    }
                }
            }
        } else {
            tried = [sizes]
        }
        var best = -Double.infinity
        for tried in tried {
            let covariance = kernels.covariance(tried), weights = covariance.solved(left)
            let likelihood = -0.5 * (dot(left, weights) + covariance.logDeterminant)
            if likelihood > best { (best, sizes, self.covariance, self.weights) = (likelihood, tried, covariance, weights) }
        }
        var others = sizes
        (others.parts, others.factor) = (0, 0)
        rest = kernels.covariance(others)
    }

    /// What the losses of the fitted networks are believed to be without noise.
    package var expected: [Double] {
        // What is left after the noise is taken off: K · K⁻¹ r = r − noise² · weights, with K the covariance with noise.
        zip(losses, weights).map { mean + $0 - sizes.noise * sizes.noise * $1 }
    }

    /// A sample of what each part may add, from the belief; by Matheron's rule (Wilson et al., 2020, "Efficiently Sampling
    /// Functions from Gaussian Process Posteriors"): a sample of the prior, corrected by what it misses of the losses.
    package func sample(_ random: inout RandomSource) -> [Double] {
        var parts = priorMeans.map { _ in sizes.parts * Double(random.normal()) }
        var scale = sizes.factor * Double(random.normal())
        if let covariance, let rest {
            let noise = rest.product(with: networks.map { _ in Double(random.normal()) })
            let missed = networks.indices.map { index in
                left[index] - dot(networks[index], parts) - scale * prior[index] - noise[index]
            }
            let correction = covariance.solved(missed)
            for part in parts.indices {
                var sum = 0.0
                for index in networks.indices { sum += networks[index][part] * correction[index] }
                parts[part] += sizes.parts * sizes.parts * sum
            }
            scale += sizes.factor * sizes.factor * dot(prior, correction)
        }
        return zip(parts, priorMeans).map { $0 + (1 + scale) * $1 }
    }

    /// The covariances of networks by each term alone.
    private struct Kernels {
        /// What the prior says of each network, less the mean.
        let prior: [Double]
        /// How many parts two networks share.
        private let shared: [[Double]]

        init(_ networks: [[Double]], priorMeans: [Double]) {
            let sums = networks.map { dot($0, priorMeans) }, mean = sums.reduce(0, +) / Double(max(sums.count, 1))
            prior = sums.map { $0 - mean }
            shared = networks.indices.map { row in (0...row).map { dot(networks[row], networks[$0]) } }
        }

        /// The covariance of the losses.
        func covariance(_ sizes: Sizes) -> SymmetricSystem {
            let constant = sizes.constant * sizes.constant, factor = sizes.factor * sizes.factor
            let parts = sizes.parts * sizes.parts, pairs = sizes.pairs * sizes.pairs, noise = sizes.noise * sizes.noise
            let count = shared.count
            var values = [Double](repeating: 0, count: count * count)
            for (row, shares) in shared.enumerated() {
                for (column, shared) in shares.enumerated() {
                    // So many pairs of parts are used by both.
                    values[column * count + row] = constant + factor * prior[row] * prior[column] + parts * shared
                        + pairs * shared * (shared - 1) / 2 + (row == column ? noise : 0)
                }
            }
            return SymmetricSystem(count: count, values: values)
        }
    }
}
