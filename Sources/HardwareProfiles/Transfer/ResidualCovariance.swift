/// How the errors of networks went together on devices that were left out: which of them the model knows least, and which
/// tell of each other. What a measurement is worth depends on it as much as on what the model believes of itself.
struct ResidualCovariance {
    private let index: [String: Int]
    private let sums, counts: [[Double]]

    /// - Parameters:
    ///   - leftOut: what the others said of each device.
    ///   - observations: those of the model.
    ///   - device: whose errors do not count; nil for none.
    init(_ leftOut: [TransferModel.LeftOut], _ observations: [TransferModel.Observation], without device: String? = nil) {
        var index: [String: Int] = [:]
        for observation in observations where index[observation.name] == nil { index[observation.name] = index.count }
        var sums = index.map { _ in [Double](repeating: 0, count: index.count) }, counts = sums
        for left in leftOut where left.device != device {
            let usual = left.indices.indices.filter { observations[left.indices[$0]].extra == 0 }
            let groups = Dictionary(grouping: usual) { observations[left.indices[$0]].row.place.configuration }
            for group in groups.values {
                let errors = group.map { place in
                    let observation = observations[left.indices[place]]
                    return (index[observation.name] ?? 0, observation.residual + observation.row.ideal - left.prediction.mean[place])
                }
                for (one, error) in errors {
                    for (other, second) in errors {
                        sums[one][other] += error * second
                        counts[one][other] += 1
                    }
                }
            }
        }
        (self.index, self.sums, self.counts) = (index, sums, counts)
    }

    /// A covariance that counts both: the model's own, and as much again of what was seen.
    ///
    /// - Parameters:
    ///   - covariance: of some networks, by the model.
    ///   - names: theirs; of one that was never measured nothing was seen.
    func added(to covariance: [[Double]], of names: [String]) -> [[Double]] {
        let seen = names.indices.compactMap { place in
            index[names[place]].flatMap { counts[$0][$0] > 0 ? (place: place, index: $0) : nil }
        }
        let own = seen.reduce(0) { $0 + covariance[$1.place][$1.place] }
        let found = seen.reduce(0) { $0 + sums[$1.index][$1.index] / counts[$1.index][$1.index] }
        guard found > 0 else { return covariance }
        var result = covariance
        for one in seen {
            for other in seen where counts[one.index][other.index] > 0 {
                result[one.place][other.place] += own / found * sums[one.index][other.index] / counts[one.index][other.index]
            }
        }
        return result
    }
}
