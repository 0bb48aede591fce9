import Architectures
import Glibc

/// Which networks to measure next on a device, so that the rest is known best.
public enum MeasurementChoice: String, Sendable, CaseIterable {
    /// The one that leaves the least deviation in all others, again and again (after A-optimal design).
    case variance
    /// The one whose own variance, given those chosen, is largest: greedy volume sampling, the mode of a determinantal
    /// point process (Chen, Zhang and Zhou, 2018).
    case volume
    /// The one farthest from those chosen in the model's own features (maximum-distance batch selection; Holzmüller et
    /// al., 2023).
    case distance

    /// The indices of `count` candidates in the order in which to measure them.
    ///
    /// - Parameters:
    ///   - covariance: of the logarithms of the candidates' latencies.
    ///   - targets: the indices of what is to be known; all where nil.
    package func choose(_ count: Int, of covariance: [[Double]], targets: [Int]? = nil) -> [Int] {
        var rest = TransferModel.Prediction(mean: covariance.map { _ in 0 }, covariance: covariance)
        var chosen: [Int] = []
        let targets = targets ?? Array(covariance.indices)
        while chosen.count < min(count, covariance.count) {
            let left = covariance.indices.filter { !chosen.contains($0) }
            let best: Int?
            switch self {
            case .variance:
                best = left.min { remaining(rest, after: $0, targets) < remaining(rest, after: $1, targets) }
            case .volume:
                best = left.max { rest.covariance[$0][$0] < rest.covariance[$1][$1] }
            case .distance:
                func distance(_ index: Int) -> Double {
                    chosen.map {
                        covariance[index][index] + covariance[$0][$0] - 2 * covariance[index][$0]
                    }.min() ?? covariance[index][index]
                }
                best = left.max { distance($0) < distance($1) }
            }
            guard let best else { break }
            chosen.append(best)
            rest = rest.given([best], [0])
        }
        return chosen
    }

    /// The deviation that is left in the targets once one more is measured.
    private func remaining(_ rest: TransferModel.Prediction, after index: Int, _ targets: [Int]) -> Double {
        let own = max(rest.covariance[index][index], 1e-12)
        return targets.reduce(0) { sum, target in
            let shared = rest.covariance[target][index]
            let left = rest.covariance[target][target] - shared * shared / own
            return target == index ? sum : sum + max(left, 0).squareRoot()
        }
    }
}

extension TransferModel.Teaching {
    /// A network that could be measured.
    public struct Candidate: Sendable {
        public let name: String
        public let operators: [Operator]
        public init(name: String, operators: [Operator]) {
            self.name = name
            self.operators = operators
        }
    }

    /// What is expected of a candidate: its latency, and half of the interval that holds 90 %, in logarithms.
    public struct Expectation: Sendable {
        public let latencyMs: Double
        public let interval: Double
    }

    /// The candidates to measure next on a device, best first, with what is expected of each before anything is measured.
    ///
    /// - Parameters:
    ///   - threads: of the measurement.
    ///   - count: how many, at least 1.
    public mutating func plan(
        for device: DeviceProfile, threads: Int, count: Int, candidates: [Candidate], by choice: MeasurementChoice
    ) -> [(candidate: Candidate, expectation: Expectation)] {
        let machine = device.transferMachine(threads: threads, cores: device.usualCores)
        let rows = candidates.map { row(of: $0, on: machine, device) }
        let prediction = prediction(of: rows), latenciesMs = latenciesMs(of: rows)
        let covariance = residuals.added(
            to: prediction.covariance, of: candidates.map(\.name), on: rows.first?.place.architecture ?? 0)
        return choice.choose(count, of: covariance).map { index in
            (
                candidates[index],
                Expectation(
                    latencyMs: latenciesMs[index], interval: interval(prediction.deviation(index), of: rows[index]))
            )
        }
    }
}
