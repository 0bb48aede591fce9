import Architectures
import Glibc

/// What a few networks of a search space on a new device say of all its networks, where the space is known on other devices.
///
/// A network's latency is the sum of what its choices take. The table of a new device is a Gaussian process whose covariance
/// has three parts: any mixture of the known devices' tables; any mixture of the mechanistic parts of the work; and a
/// correction of each choice that is alike for choices of alike shapes (multi-task regression; Bonilla, Chai and Williams,
/// 2007). A few measured networks move all of them at once.
///
///     let transfer = SpaceTransfer(networks: networks, operators: operators, known: latencies)
///     let latencies = transfer.predicted(from: [3, 141, 59], latenciesMs: [12.1, 9.8, 15.2])
public struct SpaceTransfer: Sendable {
    private let networks: [[Int]]
    /// Where the choices of each layer begin among all choices of all layers.
    private let starts: [Int]
    /// The share of networks that have a choice.
    private let frequencies: [Double]
    /// The covariance of what choices take, relative to a mean network; row by row.
    private let covariance: [Double]
    private var count: Int { frequencies.count }

    /// The deviations: of the weight of a known device's table, of that of a mechanistic part, of the share that large weights
    /// take, of a correction of one choice, and of a measurement. They were chosen on known devices that were left out;
    /// that of large weights, which known devices hardly say anything of, by what slow memories do.
    private static let table = 0.4, part = 0.2, largeWeights = 0.05, correction = 0.4, noise = 0.04
    /// The bytes of weights that a usual second level keeps.
    private static let cache = 524_288.0
    /// The octaves over which two shapes lose their likeness.
    private static let octaves = 2.0

    /// - Parameters:
    ///   - networks: each a choice for every layer, as numbers from 0.
    ///   - operators: what each choice of each layer launches.
    ///   - known: the latencies of all networks on each known device, milliseconds.
    public init(networks: [[Int]], operators: [[[Operator]]], known: [[Double]]) {
        self.networks = networks
        var starts: [Int] = [], count = 0
        for layer in operators {
            starts.append(count)
            count += layer.count
        }
        self.starts = starts
        var frequencies = [Double](repeating: 0, count: count)
        for network in networks {
            for (layer, choice) in network.enumerated() { frequencies[starts[layer] + choice] += 1 / Double(networks.count) }
        }
        self.frequencies = frequencies
        let all = operators.flatMap { $0 }
        /// A table relative to what a mean network takes.
        func relative(_ table: [Double]) -> [Double] {
            let mean = zip(table, frequencies).reduce(0) { $0 + $1.0 * $1.1 }
            return mean > 0 ? table.map { $0 / mean } : table
        }
        let tables = known.map { latencies in
            relative(Self.fromLeast(Self.table(of: latencies, networks, starts, frequencies), starts))
        }
        let parts = all.map(Parts.init)
        let work = relative(parts.map(\.total))
        let scale = zip(work, parts).first { $0.1.total > 0 }.map { $0.0 / $0.1.total } ?? 1
        let mixtures = tables.map { $0.map { Self.table * $0 } }
            + Parts.names.map { name in parts.map { Self.part * scale * $0[keyPath: name] } }
            + [relative(parts.map { max(0, $0.weightBytes - Self.cache) }).map { Self.largeWeights * $0 }]
        let bases = tables + [work]
        let shapes = all.map(Self.shape)
        var values = [Double](repeating: 0, count: count * count)
        for one in 0..<count {
            for other in one..<count {
                var value = mixtures.reduce(0) { $0 + $1[one] * $1[other] }
                if let left = shapes[one], let right = shapes[other] {
                    let square = zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                    let likeness = exp(-square / (2 * Self.octaves * Self.octaves))
                    let size = bases.reduce(0) { $0 + $1[one] * $1[other] } / Double(bases.count)
                    value += Self.correction * Self.correction * likeness * size
                }
                values[one * count + other] = value
                values[other * count + one] = value
            }
        }
        covariance = values
    }

    /// The latencies of all networks, milliseconds, from those of some.
    ///
    /// - Parameters:
    ///   - measured: indices of networks, at least one.
    ///   - latenciesMs: theirs, above 0.
    public func predicted(from measured: [Int], latenciesMs: [Double]) -> [Double] {
        let mean = latenciesMs.reduce(0, +) / Double(latenciesMs.count)
        // How often a measured network has each choice, more than others do.
        let rows = measured.map { index in
            var row = frequencies.map { -$0 }
            for (layer, choice) in networks[index].enumerated() { row[starts[layer] + choice] += 1 }
            return row
        }
        let products = rows.map { row in
            (0..<count).map { one in (0..<count).reduce(0) { $0 + covariance[one * count + $1] * row[$1] } }
        }
        let side = measured.count
        var matrix = [Double](repeating: 0, count: side * side)
        for one in 0..<side {
            for other in 0..<side {
                matrix[one * side + other] = 1 + zip(rows[one], products[other]).reduce(0) { $0 + $1.0 * $1.1 }
            }
            matrix[one * (side + 1)] += Self.noise * Self.noise
        }
        let weights = SymmetricSystem(count: side, values: matrix).solved(latenciesMs.map { $0 / mean - 1 })
        let table = (0..<count).map { place in zip(weights, products).reduce(0) { $0 + $1.0 * $1.1[place] } }
        let level = 1 + weights.reduce(0, +) - zip(table, frequencies).reduce(0) { $0 + $1.0 * $1.1 }
        return networks.map { network in
            mean * network.enumerated().reduce(level) { $0 + table[starts[$1.offset] + $1.element] }
        }
    }

    /// What each choice takes on a device, by least squares over its networks.
    private static func table(
        of latencies: [Double], _ networks: [[Int]], _ starts: [Int], _ frequencies: [Double]
    ) -> [Double] {
        let count = frequencies.count
        let mean = latencies.reduce(0, +) / Double(max(latencies.count, 1))
        var matrix = [Double](repeating: 0, count: count * count), right = [Double](repeating: 0, count: count)
        for (network, latency) in zip(networks, latencies) {
            let places = network.enumerated().map { starts[$0.offset] + $0.element }
            for one in places {
                right[one] += latency - mean
                for other in places { matrix[one * count + other] += 1 }
            }
        }
        // Choices of a layer add up to one: without this, only their differences would be determined.
        for place in 0..<count { matrix[place * (count + 1)] += 1 }
        return SymmetricSystem(count: count, values: matrix).solved(right)
    }

    /// The table with the cheapest choice of every layer at 0, as a skip is.
    private static func fromLeast(_ table: [Double], _ starts: [Int]) -> [Double] {
        var table = table
        for (layer, start) in starts.enumerated() {
            let end = layer + 1 < starts.count ? starts[layer + 1] : table.count
            let least = table[start..<end].min() ?? 0
            for place in start..<end { table[place] -= least }
        }
        return table
    }

    /// The work of a choice, in cycles of a core with four multiply-adds and eight bytes a cycle.
    private struct Parts {
        var products = 0.0, groupedProducts = 0.0, depthwise = 0.0, largeDepthwise = 0.0, maps = 0.0, weights = 0.0
        var launches = 0.0
        var weightBytes: Double { 4 * weights }
        var total: Double { Self.names.reduce(0) { $0 + self[keyPath: $1] } }

        static var names: [KeyPath<Parts, Double>] {
            [\.products, \.groupedProducts, \.depthwise, \.largeDepthwise, \.maps, \.weights, \.launches]
        }

        init(_ operators: [Operator]) {
            for step in operators {
                let macs = Double(step.macs)
                switch step.kind {
                case .depthwiseConvolution:
                    // A load for each multiply-add.
                    if step.window.count > 9 { largeDepthwise += macs } else { depthwise += macs }
                case .groupedConvolution: groupedProducts += macs / 4
                default: products += macs / 4
                }
                maps += Double(step.inputBytes + step.outputBytes) / 8
                weights += Double(step.weightBytes) / 4
                launches += 2000
            }
        }
    }

    /// The logarithms that tell choices apart; nil for one that launches nothing.
    private static func shape(of operators: [Operator]) -> [Double]? {
        guard let first = operators.first, let last = operators.last else { return nil }
        let window = operators.map(\.window.count).max() ?? 1
        let widest = operators.map(\.output.channels).max() ?? 1
        return [
            log2(Double(last.output.height * last.output.width)) / 2, log2(Double(first.input.channels)),
            log2(Double(last.output.channels)), log2(Double(window)) / 2,
            log2(Double(widest) / Double(first.input.channels)), Double((operators.map(\.groups).max() ?? 1) - 1),
        ]
    }
}
