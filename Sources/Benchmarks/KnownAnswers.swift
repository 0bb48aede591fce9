import Architectures
import Files

/// Networks of a search space whose accuracy is known, because each was trained alone: what a search should find is known
/// with them.
///
///     let known = try KnownAnswers(contentsOf: "benchmarks/nas-bench-macro.csv", space: space)
///     known.budget(macs: 60e6).percentile(of: found.accuracy)
public struct KnownAnswers: Sendable {
    /// A network.
    public struct Network: Hashable, Sendable {
        /// One for each searchable layer.
        public let choices: [LayerChoice]
        public let macs: Int
        public let parameters: Int
        /// Of the searchable layers.
        public let activations: Int
        /// The test accuracies of its trainings, in percent.
        public let accuracies: [Double]

        /// Their mean.
        public var accuracy: Double { accuracies.reduce(0, +) / Double(accuracies.count) }
    }

    /// The networks that use a budget nearly whole.
    public struct Budget: Sendable {
        /// At least one.
        public let networks: [Network]
        /// From the smallest.
        private let accuracies: [Double]

        init(_ networks: [Network]) {
            self.networks = networks
            accuracies = networks.map(\.accuracy).sorted()
        }

        public var mean: Double { accuracies.reduce(0, +) / Double(accuracies.count) }
        public var best: Double { accuracies[accuracies.count - 1] }

        /// The accuracy below which that part of the networks lies, from 0 to 1; between two networks interpolated linearly.
        public func accuracy(atPercentile part: Double) -> Double {
            let place = part * Double(accuracies.count - 1), below = Int(place)
            let above = min(below + 1, accuracies.count - 1)
            return accuracies[below] + (place - Double(below)) * (accuracies[above] - accuracies[below])
        }

        /// The part of the networks with a smaller accuracy, from 0 to 1; half of those with an equal one count.
        public func percentile(of accuracy: Double) -> Double {
            let below = accuracies.count { $0 < accuracy }, equal = accuracies.count { $0 == accuracy }
            return (Double(below) + Double(equal) / 2) / Double(accuracies.count)
        }

        /// The network of the fewest parameters: a rule that needs no search.
        public var fewestParameters: Network { networks.min { $0.parameters < $1.parameters } ?? networks[0] }
        /// The network of the most multiply-accumulates: another.
        public var mostMACs: Network { networks.max { $0.macs < $1.macs } ?? networks[0] }
        /// The network of the most activations: a third.
        public var mostActivations: Network { networks.max { $0.activations < $1.activations } ?? networks[0] }
    }

    /// All networks, in the order of the file.
    public let networks: [Network]
    private let byChoices: [[LayerChoice]: Network]

    /// The part of a budget that its networks use at the least.
    private static let leastUse = 0.97

    /// Reads a table: `layers,macs,parameters,accuracy_1,…`, where `layers` has a digit for each searchable layer, 0 for a
    /// skip and n for the n-th of its blocks; lines with # before them are comments.
    ///
    /// - Throws: `FileError`, also for a row that is no network of the space.
    public init(contentsOf path: String, space: SearchSpace) throws(FileError) {
        let layers = space.searchableLayers
        let sizes = layers.map { layer in
            layer.choices.filter { layer.size(of: $0) != nil }
        }
        var networks: [Network] = []
        for (line, text) in try TextFile.read(path, what: "known answers")
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where !text.isEmpty && !text.hasPrefix("#") && !text.hasPrefix("layers,")
        {
            func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(line + 1)", problem: problem) }
            let cells = text.split(separator: ",", omittingEmptySubsequences: false)
            let digits = cells[0].compactMap(\.wholeNumberValue)
            guard digits.count == layers.count, cells[0].count == layers.count else {
                throw problem("expected \(layers.count) digits, one for each layer, found \"\(cells[0])\"")
            }
            var choices: [LayerChoice] = []
            for (index, digit) in digits.enumerated() {
                guard digit == 0 ? layers[index].maySkip : digit <= sizes[index].count else {
                    throw problem("expected a choice of layer \(layers[index].name), found \(digit)")
                }
                choices.append(digit == 0 ? layers[index].smallest : sizes[index][digit - 1])
            }
            let numbers = cells.dropFirst().map { Double($0) ?? .nan }
            guard numbers.count > 2, numbers.allSatisfy({ $0.isFinite && $0 >= 0 && $0 < 1e15 }) else {
                throw problem("expected multiply-accumulates, parameters and accuracies, found \"\(text)\"")
            }
            networks.append(Network(
                choices: choices, macs: Int(numbers[0]), parameters: Int(numbers[1]),
                activations: zip(layers, choices).reduce(0) { $0 + $1.0.layer(with: $1.1).activations },
                accuracies: Array(numbers.dropFirst(2))))
        }
        self.networks = networks
        byChoices = Dictionary(networks.map { ($0.choices, $0) }) { first, _ in first }
    }

    /// The network with those choices; nil where it is not known.
    public func network(with choices: [LayerChoice]) -> Network? { byChoices[choices] }

    /// The networks of 97 to 100 % of so many multiply-accumulates; nil where there are none.
    public func budget(macs: Double) -> Budget? {
        let fitting = networks.filter { Double($0.macs) <= macs && Double($0.macs) >= Self.leastUse * macs }
        return fitting.isEmpty ? nil : Budget(fitting)
    }
}
