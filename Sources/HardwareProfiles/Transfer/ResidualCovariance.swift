/// How the errors of networks went together on devices that were left out: which of them the model knows least, and which
/// tell of each other. What a measurement is worth depends on it as much as on what the model believes of itself.
struct ResidualCovariance {
    private let index: [String: Int]
    /// Of all devices, and of those of each instruction set with enough of them: kernels of one err in their own way.
    private let all: Sums
    private let byArchitecture: [Int: Sums]

    /// So many devices tell how errors go together; with fewer, all others tell more.
    private static let enough = 10

    /// Products of errors of two networks, by the indices of both.
    private struct Sums {
        var sums, counts: [[Double]]
        var devices: Set<String> = []

        init(_ networks: Int) {
            sums = Array(repeating: Array(repeating: 0, count: networks), count: networks)
            counts = sums
        }

        mutating func add(_ errors: [(index: Int, error: Double)], of device: String) {
            devices.insert(device)
            for (one, error) in errors {
                for (other, second) in errors {
                    sums[one][other] += error * second
                    counts[one][other] += 1
                }
            }
        }

        /// The mean product; nil where there is none.
        func mean(_ one: Int, _ other: Int) -> Double? {
            counts[one][other] > 0 ? sums[one][other] / counts[one][other] : nil
        }
    }

    /// - Parameters:
    ///   - leftOut: what the others said of each device.
    ///   - observations: those of the model.
    ///   - device: whose errors do not count; nil for none.
    init(_ leftOut: [TransferModel.LeftOut], _ observations: [TransferModel.Observation], without device: String? = nil) {
        var index: [String: Int] = [:]
        for observation in observations where index[observation.name] == nil { index[observation.name] = index.count }
        var all = Sums(index.count), byArchitecture: [Int: Sums] = [:]
        for left in leftOut where left.device != device {
            let usual = left.indices.indices.filter { observations[left.indices[$0]].extra == 0 }
            let groups = Dictionary(grouping: usual) { observations[left.indices[$0]].row.place.configuration }
            for group in groups.values {
                let errors = group.map { place in
                    let observation = observations[left.indices[place]]
                    return (
                        index: index[observation.name] ?? 0,
                        error: observation.residual + observation.row.ideal - left.prediction.mean[place]
                    )
                }
                all.add(errors, of: left.device)
                guard let first = group.first else { continue }
                let architecture = observations[left.indices[first]].row.place.architecture
                byArchitecture[architecture, default: Sums(index.count)].add(errors, of: left.device)
            }
        }
        (self.index, self.all) = (index, all)
        self.byArchitecture = byArchitecture.filter { $0.value.devices.count >= Self.enough }
    }

    /// A covariance that counts both: the model's own, and as much again of what was seen.
    ///
    /// - Parameters:
    ///   - covariance: of some networks, by the model.
    ///   - names: theirs; of one that was never measured nothing was seen.
    ///   - architecture: the number of the device's instruction set.
    func added(to covariance: [[Double]], of names: [String], on architecture: Int) -> [[Double]] {
        let sums = byArchitecture[architecture] ?? all
        let seen = names.indices.compactMap { place in
            index[names[place]].flatMap { index in sums.mean(index, index).map { (place: place, index: index, square: $0) } }
        }
        let own = seen.reduce(0) { $0 + covariance[$1.place][$1.place] }
        let found = seen.reduce(0) { $0 + $1.square }
        guard found > 0 else { return covariance }
        var result = covariance
        for one in seen {
            for other in seen {
                result[one.place][other.place] += own / found * (sums.mean(one.index, other.index) ?? 0)
            }
        }
        return result
    }
}
