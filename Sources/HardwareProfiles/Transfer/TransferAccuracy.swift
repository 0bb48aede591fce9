import Architectures
import Glibc

/// How well the measured devices teach what none of them shows: every figure is of a device that was left out.
public struct TransferAccuracy {
    /// Errors of one kind of prediction, |predicted / measured − 1|.
    public struct Figures: Sendable {
        public let name: String
        public let errors: [Double]
        /// What was asked of it, for people.
        public let asked: String
        public var mean: Double { errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count) }
        public var median: Double { errors.isEmpty ? 0 : errors.median }
        public var worst: Double { errors.max() ?? 0 }
        /// The share that is at most so far off.
        public func share(within limit: Double) -> Double {
            errors.isEmpty ? 0 : Double(errors.count { $0 <= limit }) / Double(errors.count)
        }
    }

    public let figures: [Figures]
    /// The mean over configurations of Spearman's rank correlation of the seven networks, from facts alone.
    public let rankCorrelation: Double
    /// The share of left-out latencies that lie in intervals of 90 % calibrated on the other devices, over all of them, and
    /// in the family where it is least.
    public let coverage, leastCoverage: Double

    /// - Parameters:
    ///   - model: with everything that was measured in float32.
    ///   - int8: the one that predicts int8 besides; nil where that is not asked.
    ///   - olderInt8: the one that predicts int8 by TensorFlow Lite's own kernels; nil where that is not asked.
    ///   - known: the names of the networks that corrections refer to.
    public init(
        _ model: TransferModel, int8: TransferModel? = nil, olderInt8: TransferModel? = nil, known names: [String]
    ) {
        let known = model.indices(ofKnown: names)
        let leftOut = model.leavingOut()
        let observations = model.observations
        func isMobile(_ index: Int) -> Bool {
            observations[index].runtime.name == .ncnn && observations[index].runtime.dataType == .float32
                && TransferPrior.mobileNetworks.contains(observations[index].name)
        }
        // What was asked was asked of Arm cores.
        func isWanted(_ index: Int) -> Bool { isMobile(index) && Self.isArm(observations[index]) }
        func error(_ predicted: Double, _ index: Int) -> Double { abs(predicted / observations[index].latencyMs - 1) }

        var facts: [Double] = [], usual: [Double] = [], others: [Double] = [], ranks: [Double] = []
        var fewShot: [Int: (planned: [Double], random: [Double])] = [1: ([], []), 3: ([], [])]
        var xnnpack: [(device: String, error: Double)] = [], threads: [Double] = []
        var scores: [Conformal.Score] = []
        for left in leftOut {
            let (indices, prediction) = (left.indices, left.prediction)
            var told: [Int: Double] = [:]
            var answers: [TransferModel.Place: TransferModel.Answer] = [:]
            for index in indices where isMobile(index) || observations[index].runtime.name == .xnnpack {
                let row = observations[index].row
                let answer = answers[row.place] ?? left.learned.answer(at: row, known: known)
                answers[row.place] = answer
                told[index] = answer.latencyMs(of: row, likeness: model.likeness)
            }
            for (place, index) in indices.enumerated() {
                if observations[index].runtime.name == .xnnpack {
                    xnnpack.append((left.device, error(told[index] ?? 0, index)))
                }
                if isMobile(index), !Self.isArm(observations[index]), observations[index].extra == 0 {
                    others.append(error(told[index] ?? 0, index))
                }
                guard isWanted(index) else { continue }
                facts.append(error(told[index] ?? 0, index))
                guard observations[index].extra == 0 else { continue }
                usual.append(error(told[index] ?? 0, index))
                scores.append(
                    .init(
                        device: left.device, family: observations[index].row.place.family,
                        value: abs(prediction.mean[place] - log(observations[index].latencyMs)) / prediction.deviation(place)))
            }
            let wanted = indices.indices.filter { isWanted(indices[$0]) }
            let residuals = ResidualCovariance(leftOut, observations, without: left.device)
            for places in Dictionary(grouping: wanted, by: { Self.configuration(observations[indices[$0]]) }).values {
                let places = places.sorted()
                if places.count > 4 {
                    ranks.append(
                        RankCorrelation.spearman(places.map { told[indices[$0]] ?? 0 }, places.map { observations[indices[$0]].latencyMs }))
                }
                guard places.count > 3, observations[indices[places[0]]].extra == 0 else { continue }
                let part = Prediction(prediction, places)
                let truth = places.map { log(observations[indices[$0]].latencyMs) }
                for count in [1, 3] {
                    func errors(_ chosen: [Int]) -> [Double] {
                        let now = part.given(chosen, chosen.map { truth[$0] })
                        return places.indices.filter { !chosen.contains($0) }.map { abs(exp(now.mean[$0] - truth[$0]) - 1) }
                    }
                    let planned = MeasurementChoice.variance.choose(
                        count,
                        of: residuals.added(
                            to: part.covariance, of: places.map { observations[indices[$0]].name },
                            on: observations[indices[places[0]]].row.place.architecture))
                    fewShot[count]?.planned += errors(planned)
                    for chosen in Self.subsets(of: places.count, count) { fewShot[count]?.random += errors(chosen) }
                }
            }
            threads += Self.errors(
                left, observations, given: { $0.runtime.name == .xnnpack && $0.threads == 1 },
                of: { $0.runtime.name == .xnnpack && $0.threads > 1 })
        }
        /// The errors in int8 under a runtime, from the float figures of the device that is left out.
        func fromFloat(_ model: TransferModel?, _ runtime: Runtime.Name) -> [Double] {
            guard let model else { return [] }
            return model.leavingOut().flatMap {
                Self.errors(
                    $0, model.observations, given: { $0.runtime.name == runtime && $0.runtime.dataType == .float32 },
                    of: { Self.isArm($0) && $0.runtime.name == runtime && $0.runtime.dataType == .int8 && $0.extra == 0 })
            }
        }
        var covered: [Int: (inside: Int, all: Int)] = [:]
        for device in Set(scores.map(\.device)) {
            let scales = Conformal.Scales(scores.filter { $0.device != device })
            for score in scores where score.device == device {
                covered[score.family, default: (0, 0)].all += 1
                if score.value <= scales.scale(ofFamily: score.family) { covered[score.family]?.inside += 1 }
            }
        }
        let all = covered.values.reduce(0) { $0 + $1.all }, inside = covered.values.reduce(0) { $0 + $1.inside }
        coverage = all == 0 ? 0 : Double(inside) / Double(all)
        leastCoverage = covered.values.map { Double($0.inside) / Double($0.all) }.min() ?? 0
        rankCorrelation = ranks.isEmpty ? 0 : ranks.reduce(0, +) / Double(ranks.count)
        let worstDevice = Dictionary(grouping: xnnpack, by: \.device).mapValues { group in
            group.reduce(0) { $0 + $1.error } / Double(group.count)
        }.max { $0.value < $1.value }
        figures = [
            Figures(name: "ncnn, from facts alone", errors: facts, asked: "median 15"),
            Figures(name: "  without odd ones", errors: usual, asked: ""),
            Figures(name: "  one measured, planned", errors: fewShot[1]?.planned ?? [], asked: "mean 8"),
            Figures(name: "  one measured, any", errors: fewShot[1]?.random ?? [], asked: ""),
            Figures(name: "  three measured, planned", errors: fewShot[3]?.planned ?? [], asked: "mean 6"),
            Figures(name: "  three measured, any", errors: fewShot[3]?.random ?? [], asked: ""),
            Figures(name: "XNNPACK, from facts", errors: xnnpack.map(\.error), asked: "mean 12"),
            Figures(
                name: "  \(worstDevice?.key ?? "-")",
                errors: xnnpack.filter { $0.device == worstDevice?.key }.map(\.error), asked: "mean 25"),
            Figures(name: "XNNPACK, from one thread", errors: threads, asked: "mean 12"),
            Figures(name: "ncnn int8, from float", errors: fromFloat(int8, .ncnn), asked: "mean 15"),
            Figures(name: "TFLite int8, from float", errors: fromFloat(olderInt8, .tflite), asked: "mean 15"),
            Figures(name: "ncnn, not on Arm, from facts", errors: others, asked: ""),
        ]
    }

    private typealias Prediction = TransferModel.Prediction

    /// The errors of some measurements of a device that was left out, once others of it are known.
    private static func errors(
        _ left: TransferModel.LeftOut, _ observations: [TransferModel.Observation],
        given condition: (TransferModel.Observation) -> Bool, of target: (TransferModel.Observation) -> Bool
    ) -> [Double] {
        let from = left.indices.indices.filter { condition(observations[left.indices[$0]]) }
        guard !from.isEmpty else { return [] }
        let now = left.prediction.given(from, from.map { log(observations[left.indices[$0]].latencyMs) })
        return left.indices.indices.filter { target(observations[left.indices[$0]]) }.map {
            abs(exp(now.mean[$0]) / observations[left.indices[$0]].latencyMs - 1)
        }
    }

    private static func isArm(_ observation: TransferModel.Observation) -> Bool {
        observation.row.machine.architecture == Core.armArchitecture
    }

    private static func configuration(_ observation: TransferModel.Observation) -> String {
        "\(observation.row.place.configuration) \(observation.extra) \(observation.threads)"
    }

    /// All subsets of so many of the first `count` numbers.
    private static func subsets(of count: Int, _ size: Int) -> [[Int]] {
        if size == 0 { return [[]] }
        return (0..<count).flatMap { last in subsets(of: last, size - 1).map { $0 + [last] } }
    }
}

extension TransferModel.Prediction {
    /// Of some of the values alone.
    fileprivate init(_ whole: TransferModel.Prediction, _ indices: [Int]) {
        self.init(
            mean: indices.map { whole.mean[$0] },
            covariance: indices.map { one in indices.map { whole.covariance[one][$0] } })
    }
}
