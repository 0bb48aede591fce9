import Architectures
import Glibc

extension TransferModel {
    /// What the observations say of factors: a weight for each of them.
    package struct Learned {
        var model: TransferModel
        let weights: [Double]

        /// The factor on each part where a network runs, with the level of all of them.
        private func factors(at row: Row) -> [Double] {
            let place = row.place
            var factors = [Double](repeating: 0, count: KernelPart.allCases.count), level = 0.0
            for (observation, weight) in zip(model.observations, weights) {
                let agreement = model.agreement(place, observation.row.place)
                level += weight * agreement.levels
                for index in factors.indices {
                    factors[index] += weight * agreement.factors * observation.row.shares[index]
                }
            }
            return Self.consistent(factors.indices.map { index in
                // Beyond a factor of ten no measurement of whole networks can tell.
                let own = min(max(factors[index] * TransferPrior.weights[index], -2.3), 2.3)
                return TransferPrior.scales[index] * exp(own + level)
            }, on: row.machine)
        }

        /// How often all factors are scaled to what networks take: parts that are raised again leave less to the others.
        private static let rounds = 4

        /// The same factors, those raised that would be faster than a core's arithmetic, or let a larger window or a larger map
        /// cost less.
        private static func consistent(_ factors: [Double], on machine: TransferMachine) -> [Double] {
            var factors = factors
            func raise(_ part: KernelPart, to least: Double) {
                factors[part.rawValue] = max(factors[part.rawValue], least)
            }
            func factor(_ part: KernelPart) -> Double { factors[part.rawValue] }
            // No kernel is faster than the arithmetic of its core. Whole networks do not tell how their time divides, and what is
            // learned from them alone takes some parts for faster.
            for part in KernelPart.allCases { raise(part, to: part.least) }
            raise(.gemm, to: factor(.smallGemm))
            // A 3×3 window in Winograd's form has 36 / 16 products a pixel, a 1×1 window has one.
            raise(.winograd, to: factor(.gemm) / 2.25)
            // Its tiles reach over the edge of a map, which a 5×5 window's do not.
            let tiles = factor(.winograd) * 2.25 / 25
            raise(.stem, to: max(factor(.gemm) / 9, 1.25 * tiles))
            // The first convolution of up to four channels runs at the rate of float32, one of five at that of the data type.
            let faster = max(1, 0.8 * machine.multiplyAdds / machine.multiplyAddsF32)
            raise(.convolution, to: max(factor(.gemm) / 9, tiles, faster * factor(.stem)))
            // A little more than 25 / 49, because a profile keeps five digits of a factor.
            raise(.largeDepthwise, to: 25.01 / 49 * max(factor(.depthwise), factor(.stridedDepthwise)))
            return factors
        }

        /// The mean of the logarithm of a row's latency, milliseconds.
        func mean(of row: Row) -> Double {
            zip(model.observations, weights).reduce(row.ideal) { $0 + $1.1 * model.covariance(row, $1.0.row) }
        }

        /// The latency of a row as a cost model with this answer would give it, milliseconds.
        ///
        /// - Parameter known: the networks that the correction refers to.
        package func latencyMs(of row: Row, known: [Int]) -> Double {
            answer(at: row, known: known).latencyMs(of: row, likeness: model.likeness)
        }

        /// What a cost model is given for the place of a row.
        ///
        /// - Parameter known: the networks that the correction refers to.
        func answer(at row: Row, known: [Int]) -> Answer {
            var factors = factors(at: row)
            // The sum of the parts by factors is near to what is expected of a network, but not the same: the logarithm of a
            // sum is no sum of logarithms. The correction takes each known network to what is expected of it.
            let rows = known.map { network in
                Row(model.referenceOperators[network], on: row.machine, place: row.place, network: network)
            }
            let expected = rows.map(mean)
            func gaps() -> [Double] { zip(rows, expected).map { $1 - log(Answer.sum(of: $0, factors)) } }
            // What mobile networks have in common holds for layers alone too, as far as their parts can be as fast as that.
            let mobile = known.indices.filter { TransferPrior.mobileNetworks.contains(model.knownNames[known[$0]]) }
            for _ in 0..<Self.rounds {
                let left = gaps(), common = mobile.reduce(0) { $0 + left[$1] } / Double(max(mobile.count, 1))
                factors = Self.consistent(factors.map { $0 * exp(common) }, on: row.machine)
            }
            let count = known.count
            var matrix = [Double](repeating: 0, count: count * count)
            for (column, one) in known.enumerated() {
                for (place, other) in known.enumerated() { matrix[column * count + place] = model.likeness[one][other] }
                // Networks that are nearly alike would otherwise get huge weights of both signs.
                matrix[column * (count + 1)] += 1e-3
            }
            return Answer(
                factors: factors, weights: SymmetricSystem(count: count, values: matrix).solved(gaps()), known: known)
        }
    }

    /// A factor for each part, and the weights of known networks in the correction of a whole one.
    struct Answer {
        let factors: [Double]
        let weights: [Double]
        let known: [Int]

        /// The sum of a row's parts by factors, milliseconds.
        static func sum(of row: Row, _ factors: [Double]) -> Double {
            var sum = 0.0
            for index in factors.indices {
                sum += row.shares[index] / TransferPrior.weights[index] * factors[index] / TransferPrior.scales[index]
            }
            return exp(row.ideal) * sum
        }

        /// The latency of a row, as a cost model would give it, milliseconds.
        ///
        /// - Parameter likeness: of the networks of the model.
        func latencyMs(of row: Row, likeness: [[Double]]) -> Double {
            let correction = zip(weights, known).reduce(0) { $0 + $1.0 * likeness[row.network][$1.1] }
            return Self.sum(of: row, factors) * exp(TransferredParameters.bounded(correction))
        }
    }
}
