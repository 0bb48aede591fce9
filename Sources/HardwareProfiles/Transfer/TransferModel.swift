import Architectures
import Files
import Glibc

/// What the whole networks that were measured on all known devices teach of any device.
///
/// A prediction is the sum of the mechanistic parts (`PartTimes`) at usual factors; its logarithm is corrected by a
/// Gaussian process whose features are the shares of the parts. A factor has a part that all devices share, one of its
/// group of cores, of its family, of its core, of its chip, and of the device itself, for each runtime (multi-task
/// regression; Bonilla, Chai and Williams, 2007), so that a device of a known core starts from what that core does
/// elsewhere, and a few measurements move what they speak of and no more.
///
///     let model = try TransferModel(devices, operators: operators(named:))
///     let parameters = model.parameters(of: device, …)
public struct TransferModel {
    /// One measured network, or one that could be.
    package struct Row {
        /// The shares of the parts in the ideal time, each times its weight.
        let shares: [Double]
        /// The logarithm of the ideal time, milliseconds.
        let ideal: Double
        let place: Place
        /// The index of the network among `references`.
        package let network: Int
        let machine: TransferMachine

        init(_ operators: [Operator], on machine: TransferMachine, place: Place, network: Int) {
            let times = zip(PartTimes.sums(operators, on: machine), TransferPrior.scales).map { $0 * $1 }
            let total = times.reduce(0, +)
            shares = zip(times, TransferPrior.weights).map { $0 / total * $1 }
            ideal = log(total)
            self.place = place
            self.network = network
            self.machine = machine
        }
    }

    /// Where a network runs: all that rows of one device and one number of threads have in common.
    struct Place: Hashable {
        let architecture, group, family, core, chip, device, configuration, runtime: Int
        /// The runtime in any data type, and the threads on those cores under it.
        let kernels, setup: Int
        /// What its int8 kernels are made of; nil in other data types.
        let int8Instructions: Core.Int8Instructions?
        let covariates: SIMD4<Double>
        let isParallel: Bool
    }

    /// A measurement that teaches.
    package struct Observation {
        package let row: Row
        let residual: Double
        /// The variance of the measurement itself, beyond that of usual ones.
        package let extra: Double
        let device: String
        let name: String
        let threads: Int
        let latencyMs: Double
        let runtime: Runtime
    }

    package private(set) var observations: [Observation] = []
    /// The shares of each known network's parts on the reference machine.
    private(set) var references: [[Double]] = []
    private var referenceNames: [String] = []
    private(set) var referenceOperators: [[Operator]] = []
    private var names: [String: Int] = [:]
    private(set) var likeness: [[Double]] = []

    /// - Parameters:
    ///   - devices: of which the measured networks teach.
    ///   - dataType: of what is to be predicted. What int8 does depends on the kernels of a runtime's version more than on
    ///     the device, so that it teaches nothing of float32; float32 teaches of int8.
    ///   - known: the names of the networks that corrections refer to, measured or not. What is expected of one that nobody
    ///     measured follows from its operators.
    ///   - operators: returns the operators of a network by its name.
    /// - Throws: what `operators` throws.
    public init(
        _ devices: [DeviceProfile], for dataType: Runtime.DataType = .float32, known: [String] = [],
        operators: (String) throws -> [Operator]
    ) throws {
        var lists: [String: [Operator]] = [:]
        for device in devices where dataType == .int8 || device.runtime.dataType == .float32 {
            for network in device.networks {
                let list = try lists[network.architecture] ?? operators(network.architecture)
                lists[network.architecture] = list
                add(network, list, on: device)
            }
            addParts(of: device)
        }
        for name in known where lists[name] == nil { _ = reference(of: try operators(name), named: name) }
    }

    /// Adds a measured network.
    mutating func add(_ network: MeasuredNetwork, _ operators: [Operator], on device: DeviceProfile) {
        let machine = device.transferMachine(threads: network.threads, cores: network.cores ?? device.usualCores)
        let row = row(of: operators, named: network.architecture, on: machine, device)
        let odd = machine.isOversubscribed || network.isOdd
        observations.append(
            Observation(
                row: row, residual: log(network.latencyMs) - row.ideal, extra: odd ? 1 : 0, device: device.hardware.name,
                name: network.architecture, threads: network.threads, latencyMs: network.latencyMs,
                runtime: device.runtime))
    }

    /// Adds the blocks and operators of a device's tables.
    private mutating func addParts(of device: DeviceProfile) {
        guard device.runtime.name != .tflite else { return }
        let machine = device.transferMachine(threads: device.runtime.threads, cores: device.usualCores)
        let blocks = device.tables.flatMap(\.entries).map {
            (name: $0.key, operators: $0.block.operators(input: $0.input), latencyMs: $0.latencyMs)
        }
        let operators = device.tables.flatMap(\.operators).map {
            (name: $0.step.key, operators: [$0.step], latencyMs: $0.latencyMs)
        }
        for part in blocks + operators {
            let row = row(of: part.operators, named: part.name, on: machine, device)
            observations.append(
                Observation(
                    row: row, residual: log(part.latencyMs) - row.ideal, extra: TransferPrior.partVariance,
                    device: device.hardware.name, name: part.name, threads: device.runtime.threads,
                    latencyMs: part.latencyMs, runtime: device.runtime))
        }
    }

    /// The row of a network on a device.
    mutating func row(
        of operators: [Operator], named name: String, on machine: TransferMachine, _ device: DeviceProfile
    ) -> Row {
        Row(operators, on: machine, place: place(machine, device), network: reference(of: operators, named: name))
    }

    private mutating func number(_ name: String) -> Int {
        if let number = names[name] { return number }
        names[name] = names.count
        return names.count - 1
    }

    private mutating func place(_ machine: TransferMachine, _ device: DeviceProfile) -> Place {
        let runtime = "\(device.runtime.name.rawValue) \(device.runtime.dataType.rawValue)"
        let hardware = device.hardware.name
        return Place(
            architecture: number("architecture \(machine.architecture)"), group: number("group \(machine.group)"),
            family: number("family \(machine.family)"), core: number("core \(machine.core)"),
            chip: number("chip \(device.hardware.chip)"), device: number("device \(hardware)"),
            configuration: number("configuration \(hardware) \(runtime) \(machine.threads) \(machine.core)"),
            runtime: number("runtime \(runtime)"), kernels: number("kernels \(device.runtime.name.rawValue)"),
            setup: number("setup \(hardware) \(device.runtime.name.rawValue) \(machine.threads) \(machine.core)"),
            int8Instructions: machine.int8Instructions,
            covariates: machine.covariates, isParallel: machine.threads > 1)
    }

    private mutating func reference(of operators: [Operator], named name: String) -> Int {
        if let known = referenceNames.firstIndex(of: name) { return known }
        let shares = TransferPrior.referenceShares(of: operators)
        for index in likeness.indices { likeness[index].append(TransferPrior.likeness(references[index], shares)) }
        references.append(shares)
        referenceNames.append(name)
        referenceOperators.append(operators)
        likeness.append(references.map { TransferPrior.likeness($0, shares) })
        return references.count - 1
    }

    // MARK: Covariances

    /// How far the factors of two places agree, how far their levels do, and how far what they do to a network does.
    func agreement(_ one: Place, _ other: Place) -> (factors: Double, levels: Double, networks: Double) {
        let prior = TransferPrior.self
        let sameRuntime = one.runtime == other.runtime
        var factors = prior.common, levels = 0.0, networks = prior.networkCommon
        if one.group == other.group { factors += prior.group; levels += prior.groupLevel; networks += prior.networkGroup }
        if one.family == other.family {
            factors += prior.family + (one.isParallel && other.isParallel ? prior.parallelFamily : 0)
            levels += prior.familyLevel
            networks += prior.networkFamily
        }
        if one.core == other.core { factors += prior.core; levels += prior.coreLevel; networks += prior.networkCore }
        if one.chip == other.chip { factors += prior.chip; levels += prior.chipLevel }
        if one.device == other.device {
            factors += prior.device + (one.isParallel && other.isParallel ? prior.parallelDevice : 0)
            levels += prior.deviceLevel
            networks += prior.networkDevice
        }
        if let instructions = one.int8Instructions, instructions == other.int8Instructions { factors += prior.int8Instructions }
        // What else ran, how the threads were bound and how warm the chip was: it holds for all data types.
        let sameSetup = one.setup == other.setup
        if sameSetup { factors += prior.setup; levels += prior.setupLevel }
        if sameRuntime {
            factors += prior.runtime
            levels += prior.runtimeLevel + (one.isParallel && other.isParallel ? prior.parallelRuntimeLevel : 0)
        } else if one.kernels == other.kernels {
            factors *= prior.factorsAcrossTypes
            levels *= prior.levelsAcrossTypes
            networks *= prior.networksAcrossTypes
        } else {
            factors *= prior.factorsAcrossRuntimes
            levels *= prior.levelsAcrossRuntimes
            networks *= prior.networksAcrossRuntimes
        }
        if sameSetup { networks += prior.networkSetup }
        let covariates = (one.covariates * other.covariates * prior.covariates).sum()
        let shared = one.architecture == other.architecture ? 1 : prior.acrossArchitectures
        return (shared * (factors + covariates), shared * (levels + covariates / 2), shared * networks)
    }

    func covariance(_ one: Row, _ other: Row) -> Double {
        let (factors, levels, networks) = agreement(one.place, other.place)
        var product = 0.0
        for index in one.shares.indices { product += one.shares[index] * other.shares[index] }
        return product * factors + levels + networks * likeness[one.network][other.network]
    }

    private func system(_ rows: [Observation]) -> SymmetricSystem {
        let count = rows.count
        let places = Array(Set(rows.map(\.row.place)))
        let index = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
        let table = places.map { one in places.map { agreement(one, $0) } }
        let placeOf = rows.map { index[$0.row.place] ?? 0 }
        let width = KernelPart.allCases.count
        let flat = rows.flatMap(\.row.shares)
        var values = [Double](repeating: 0, count: count * count)
        values.withUnsafeMutableBufferPointer { values in
            flat.withUnsafeBufferPointer { flat in
                for column in 0..<count {
                    let network = rows[column].row.network, place = placeOf[column]
                    for row in column..<count {
                        var product = 0.0
                        for part in 0..<width { product += flat[column * width + part] * flat[row * width + part] }
                        let (factors, levels, networks) = table[place][placeOf[row]]
                        values[column * count + row] = product * factors + levels
                            + networks * likeness[network][rows[row].row.network]
                    }
                    values[column * count + column] += TransferPrior.noise + rows[column].extra
                }
            }
        }
        return SymmetricSystem(count: count, values: values)
    }

    // MARK: Predictions

    /// A Gaussian over the logarithms of latencies.
    package struct Prediction {
        package var mean: [Double]
        /// Row by row; with the noise of a measurement.
        package var covariance: [[Double]]

        /// What is known of all once some of them were measured.
        ///
        /// - Parameters:
        ///   - measured: indices.
        ///   - values: the logarithms of their latencies.
        package func given(_ measured: [Int], _ values: [Double]) -> Prediction {
            guard !measured.isEmpty else { return self }
            let count = measured.count
            var matrix = [Double](repeating: 0, count: count * count)
            for (column, one) in measured.enumerated() {
                for (row, other) in measured.enumerated() { matrix[column * count + row] = covariance[one][other] }
            }
            let system = SymmetricSystem(count: count, values: matrix)
            let weights = system.solved(zip(measured, values).map { $1 - mean[$0] })
            let cross = mean.indices.map { index in measured.map { covariance[index][$0] } }
            let half = system.halfSolved(cross.flatMap { $0 }, columns: mean.count)
            var result = self
            for index in mean.indices {
                result.mean[index] += zip(cross[index], weights).reduce(0) { $0 + $1.0 * $1.1 }
                for other in mean.indices {
                    var shared = 0.0
                    for inner in 0..<count { shared += half[index * count + inner] * half[other * count + inner] }
                    result.covariance[index][other] -= shared
                }
            }
            return result
        }

        /// The standard deviation of one value.
        package func deviation(_ index: Int) -> Double { max(covariance[index][index], 1e-9).squareRoot() }
    }

    /// What the others alone say of a device.
    package struct LeftOut {
        package let device: String
        /// Of its measurements, among `observations`.
        package let indices: [Int]
        package let prediction: Prediction
        /// What is learned from the others.
        package let learned: Learned
    }

    /// For each device, what the others alone say of its measurements.
    package func leavingOut() -> [LeftOut] {
        let count = observations.count
        guard count > 0 else { return [] }
        let inverse = system(observations).inverse
        let weights = (0..<count).map { row in
            (0..<count).reduce(0.0) { $0 + inverse[row * count + $1] * observations[$1].residual }
        }
        var order: [String] = [], groups: [String: [Int]] = [:]
        for (index, observation) in observations.enumerated() {
            if groups[observation.device] == nil { order.append(observation.device) }
            groups[observation.device, default: []].append(index)
        }
        return order.map { device in
            let indices = groups[device] ?? []
            // The block of the inverse is the inverse of what is left once all others are known.
            let side = indices.count
            var block = [Double](repeating: 0, count: side * side)
            for (column, one) in indices.enumerated() {
                for (row, other) in indices.enumerated() { block[column * side + row] = inverse[one * count + other] }
            }
            let system = SymmetricSystem(count: side, values: block)
            let covariance = system.inverse
            let shift = system.solved(indices.map { weights[$0] })
            let mean = zip(indices, shift).map { log(observations[$0].latencyMs) - $1 }
            var others = weights
            for (index, value) in zip(indices, shift) {
                for other in 0..<count { others[other] -= inverse[index * count + other] * value }
            }
            for index in indices { others[index] = 0 }
            return LeftOut(
                device: device, indices: indices,
                prediction: Prediction(
                    mean: mean, covariance: (0..<side).map { Array(covariance[$0 * side..<($0 + 1) * side]) }),
                learned: Learned(model: self, weights: others))
        }
    }

    /// What all observations say, ready to answer.
    package func fitted() -> Fitted {
        let system = system(observations)
        return Fitted(learned: Learned(model: self, weights: system.solved(observations.map(\.residual))), system: system)
    }

    /// The model with all its observations taken in.
    package struct Fitted {
        package private(set) var learned: Learned
        private let system: SymmetricSystem

        init(learned: Learned, system: SymmetricSystem) {
            self.learned = learned
            self.system = system
        }

        /// The row of a measured network.
        package mutating func row(of network: MeasuredNetwork, _ operators: [Operator], on device: DeviceProfile) -> Row {
            row(
                of: operators, named: network.architecture,
                on: device.transferMachine(threads: network.threads, cores: network.cores ?? device.usualCores), device)
        }

        mutating func row(
            of operators: [Operator], named name: String, on machine: TransferMachine, _ device: DeviceProfile
        ) -> Row {
            learned.model.row(of: operators, named: name, on: machine, device)
        }

        /// Predicts rows, of any device.
        package func prediction(of rows: [Row]) -> Prediction {
            let model = learned.model, weights = learned.weights, observations = model.observations
            let cross = rows.flatMap { row in observations.map { model.covariance(row, $0.row) } }
            let count = observations.count
            let half = system.halfSolved(cross, columns: rows.count)
            let mean = rows.indices.map { index in
                rows[index].ideal + (0..<count).reduce(0.0) { $0 + cross[index * count + $1] * weights[$1] }
            }
            let covariance = rows.indices.map { one in
                rows.indices.map { other in
                    var shared = 0.0
                    for inner in 0..<count { shared += half[one * count + inner] * half[other * count + inner] }
                    let own = one == other ? TransferPrior.noise : 0
                    return model.covariance(rows[one], rows[other]) - shared + own
                }
            }
            return Prediction(mean: mean, covariance: covariance)
        }
    }

    /// The names of the known networks, in the order of `references`.
    var knownNames: [String] { referenceNames }

    /// The indices of those networks among `references` that have these names.
    func indices(ofKnown names: [String]) -> [Int] { knownNames.indices.filter { names.contains(knownNames[$0]) } }
}

extension DeviceProfile {
    /// The cores that its threads may use where nothing else is said.
    var usualCores: TransferMachine.Cores? {
        let isCluster = hardware.clusters.contains { $0.name == runtime.cluster }
        return isCluster ? nil : TransferMachine.Cores(rawValue: runtime.cluster)
    }

    /// The machine for some threads.
    ///
    /// - Parameter cores: nil for those of the runtime's cluster.
    func transferMachine(threads: Int, cores: TransferMachine.Cores?) -> TransferMachine {
        TransferMachine(
            hardware: hardware, clusters: cores.map(hardware.clusters) ?? [cluster], runtime: runtime, threads: threads)
    }
}
