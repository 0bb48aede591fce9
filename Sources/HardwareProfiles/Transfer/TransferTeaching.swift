import Architectures
import Files
import Glibc

extension TransferModel {
    /// How well the devices are predicted from the others, and the parameters that this gives to any device.
    public struct Teaching {
        private var fitted: Fitted
        /// How many times the usual deviation holds 90 % of the predictions of devices that are left out.
        private let scales: Conformal.Scales
        /// The same over all devices.
        public var conformalScale: Double { scales.all }
        /// How the errors of networks went together where devices were left out.
        let residuals: ResidualCovariance
        private let known: [String]
        private let qualities: [String: TransferredParameters.Quality]
        /// The names of the devices that teach.
        private let teachers: Set<String>

        /// - Parameters:
        ///   - model: with everything that was measured.
        ///   - known: the names of the networks that corrections refer to.
        public init(_ model: TransferModel, known: [String]) {
            let leftOut = model.leavingOut()
            var scores: [Conformal.Score] = []
            var errors: [String: [Double]] = [:]
            for left in leftOut {
                let (indices, prediction) = (left.indices, left.prediction)
                for (place, index) in indices.enumerated() {
                    let observation = model.observations[index]
                    let error = prediction.mean[place] - log(observation.latencyMs)
                    let key = Self.key(observation.device, observation.runtime)
                    errors[key, default: []].append(abs(exp(error) - 1))
                    if observation.extra == 0, TransferPrior.mobileNetworks.contains(observation.name) {
                        scores.append(
                            .init(
                                device: left.device, family: observation.row.place.family,
                                value: abs(error) / prediction.deviation(place)))
                    }
                }
            }
            scales = Conformal.Scales(scores)
            residuals = ResidualCovariance(leftOut, model.observations)
            qualities = errors.mapValues { errors in
                .init(
                    mean: errors.reduce(0, +) / Double(errors.count), median: errors.median, worst: errors.max() ?? 0,
                    count: errors.count)
            }
            self.known = model.knownNames.filter(known.contains)
            teachers = Set(model.observations.map(\.device))
            fitted = model.fitted()
        }

        mutating func row(of candidate: Candidate, on machine: TransferMachine, _ device: DeviceProfile) -> Row {
            fitted.row(of: candidate.operators, named: candidate.name, on: machine, device)
        }

        /// Half of the interval that holds 90 % of such predictions, in logarithms.
        func interval(_ deviation: Double, of row: Row) -> Double {
            scales.scale(ofFamily: row.place.family) * deviation
        }

        func prediction(of rows: [Row]) -> Prediction { fitted.prediction(of: rows) }

        /// The latencies of networks in one place, as the cost model of a device with these parameters tells them,
        /// milliseconds.
        func latenciesMs(of rows: [Row]) -> [Double] {
            guard let first = rows.first else { return [] }
            let model = fitted.learned.model
            let answer = fitted.learned.answer(at: first, known: model.indices(ofKnown: known))
            return rows.map { answer.latencyMs(of: $0, likeness: model.likeness) }
        }

        private static func key(_ device: String, _ runtime: Runtime) -> String {
            "\(device) \(runtime.name.rawValue) \(runtime.dataType.rawValue)"
        }

        /// What all measurements say of a device.
        ///
        /// - Parameters:
        ///   - device: its hardware and runtime.
        ///   - threads: the numbers of threads to answer for, each at least 1.
        ///   - operators: returns the operators of a known network.
        public mutating func parameters(
            of device: DeviceProfile, threads: [Int], operators: (String) throws -> [Operator]
        ) rethrows -> TransferredParameters {
            let lists = try known.map { (name: $0, operators: try operators($0)) }
            let mobile = lists.filter { TransferPrior.mobileNetworks.contains($0.name) }
            let entries = threads.sorted().map { threads in
                let cores = device.usualCores
                let machine = device.transferMachine(threads: threads, cores: cores)
                let rows = (mobile.isEmpty ? lists : mobile).map {
                    fitted.row(of: $0.operators, named: $0.name, on: machine, device)
                }
                let places = lists.map { fitted.row(of: $0.operators, named: $0.name, on: machine, device) }
                let answer = places.first.map { fitted.learned.answer(at: $0, known: places.map(\.network)) }
                let prediction = fitted.prediction(of: rows)
                let deviation = rows.indices.reduce(0) { $0 + prediction.deviation($1) } / Double(max(rows.count, 1))
                return TransferredParameters.Entry(
                    threads: threads, cores: cores ?? .big, factors: answer?.factors ?? [], weights: answer?.weights ?? [],
                    interval: scales.scale(ofFamily: places.first?.place.family) * deviation)
            }
            let measured = device.networks.count, quality = qualities[Self.key(device.hardware.name, device.runtime)]
            let own = measured == 0 ? "its facts" : "its facts, \(measured.counted("measured network"))"
            // What was measured on the device itself is told apart from what others teach.
            let isTeacher = teachers.contains(device.hardware.name), others = teachers.count - (isTeacher ? 1 : 0)
            return TransferredParameters(
                entries: entries,
                known: lists.map { .init(name: $0.name, shares: TransferPrior.referenceShares(of: $0.operators)) },
                dataType: device.runtime.dataType, basis: "\(own) and \(others) \(isTeacher ? "other " : "")devices",
                leftOut: measured == 0 ? nil : quality)
        }
    }

    /// The measurements that are unlike what all other devices suggest, by device, threads and cores: whole
    /// configurations that are off by more than three times what was expected, or by twice if their networks disagree by
    /// more than three times too. Nobody can tell what ran on the device besides.
    public func oddConfigurations() -> Set<Int> {
        var odd: Set<Int> = []
        for left in leavingOut() {
            let (indices, prediction) = (left.indices, left.prediction)
            let groups = Dictionary(grouping: indices.indices) { observations[indices[$0]].row.place.configuration }
            for places in groups.values {
                let count = Double(places.count)
                let errors = places.map { prediction.mean[$0] - log(observations[indices[$0]].latencyMs) }
                let covariance = places.flatMap { one in places.map { prediction.covariance[one][$0] } }
                let mean = errors.reduce(0, +) / count, variance = covariance.reduce(0, +) / (count * count)
                // The squared error of a network in expected ones, once the covariance between networks is taken out.
                let whitened = SymmetricSystem(count: places.count, values: covariance).halfSolved(errors, columns: 1)
                let square = whitened.reduce(0) { $0 + $1 * $1 } / count
                if mean * mean > (square > 9 ? 4 : 9) * variance { odd.formUnion(places.map { indices[$0] }) }
            }
        }
        return odd
    }
}

/// Split-conformal quantiles (Vovk et al., 2005; Lei et al., 2018): what was left out says how wide an interval must be.
enum Conformal {
    /// How far off the prediction of a device that was left out was, in expected deviations.
    struct Score {
        let device: String
        let family: Int
        let value: Double
    }

    /// How many deviations hold 90 %: of all devices, and of those families of cores that are predicted less well.
    struct Scales {
        let all: Double
        private let families: [Int: Double]
        /// Two devices with the seven networks.
        private static let least = 14

        init(_ scores: [Score]) {
            let all = Conformal.quantile(of: scores.map(\.value), 0.9) ?? 1.645
            self.all = all
            families = Dictionary(grouping: scores, by: \.family).compactMapValues { scores in
                guard scores.count >= Self.least, Set(scores.map(\.device)).count > 1 else { return nil }
                return max(all, Conformal.quantile(of: scores.map(\.value), 0.9) ?? all)
            }
        }

        /// Of a family of which too little is known, half as much again as of all.
        func scale(ofFamily family: Int?) -> Double { family.flatMap { families[$0] } ?? 1.5 * all }
    }

    /// The value that so large a share of new scores will not exceed; nil for too few scores to say.
    static func quantile(of scores: [Double], _ share: Double) -> Double? {
        let rank = Int((Double(scores.count + 1) * share).rounded(.up))
        return rank <= scores.count && rank > 0 ? scores.sorted()[rank - 1] : nil
    }
}
