import Architectures
import Files

/// All distinct blocks and operators of a search space or of some architectures, each once, and the networks in which
/// they are measured.
///
///     let plan = ProfilingPlan(space: try SearchSpace(contentsOf: "searchspaces/fashion-mnist.json"))
///     print("\(plan.blocks.count) blocks, \(plan.operators.count) operators")
public struct ProfilingPlan {
    private enum Source {
        /// For each searchable layer, its choices with the index of their blocks among the subjects; nil for the skip.
        case space(SearchSpace, [[(choice: LayerChoice, subject: Int?)]])
        case architectures([Network])
    }

    /// In the order of a network.
    public let subjects: [MeasuredSubject]
    private let source: Source
    private let places: [String: Int]

    /// The plan for all architectures of a space.
    public init(space: SearchSpace) {
        let layers = space.searchableLayers
        let count = layers.map(\.choices.count).max() ?? 1
        // The n-th of these makes the n-th choice everywhere, so together they have every choice of every layer.
        let networks = (0..<count).map { index in
            Self.network(of: space, layers.map { $0.choices[min(index, $0.choices.count - 1)] })
        }
        let (subjects, places) = Self.subjects(of: networks)
        self.subjects = subjects
        self.places = places
        source = .space(
            space,
            layers.map { layer in
                layer.choices.enumerated().map { index, choice in
                    let key = networks[index].layers.first { $0.name == layer.name }?.key
                    return (choice, key.flatMap { places[$0] })
                }
            })
    }

    /// The plan for these architectures.
    public init(architectures: [Architecture]) {
        precondition(!architectures.isEmpty, "a plan needs an architecture")
        let networks = architectures.map(\.network)
        (subjects, places) = Self.subjects(of: networks)
        source = .architectures(networks)
    }

    public var blocks: [MeasuredSubject] {
        subjects.filter { if case .block = $0 { true } else { false } }
    }

    public var operators: [MeasuredSubject] {
        subjects.filter { if case .operator = $0 { true } else { false } }
    }

    private static func network(of space: SearchSpace, _ choices: [LayerChoice]) -> Network {
        do {
            return try space.architecture(name: space.name, choices: choices).network
        } catch {
            preconditionFailure("a choice of the space's own: \(error)")
        }
    }

    private static func subjects(of networks: [Network]) -> ([MeasuredSubject], [String: Int]) {
        var subjects: [MeasuredSubject] = []
        var places: [String: Int] = [:]
        func add(_ subject: MeasuredSubject) {
            if places[subject.key] != nil { return }
            places[subject.key] = subjects.count
            subjects.append(subject)
        }
        for layer in networks.flatMap(\.layers) {
            if case .block(let block) = layer.content { add(.block(block, input: layer.input)) }
            for step in layer.operators { add(.operator(step)) }
        }
        return (subjects, places)
    }

    /// The network with the most multiply-accumulates, which is roughly the slowest.
    var heaviestNetwork: Network {
        switch source {
        case .space(let space, _): return space.largest.network
        case .architectures(let networks): return networks.max { $0.macs < $1.macs } ?? networks[0]
        }
    }

    /// How many networks, drawn as `network` draws them, contain every subject once on average.
    var networksPerRound: Double {
        switch source {
        case .space(_, let layers):
            let rarest = layers.map { choices in
                let blocks = choices.filter { $0.subject != nil }.count
                return Double(blocks) / (1 - Double(choices.count - blocks) / Double(choices.count))
            }
            return rarest.max() ?? 1
        case .architectures(let networks):
            return Double(networks.count)
        }
    }

    /// A network to visit next. Each layer has the block with the fewest visits among those that are not settled; ties
    /// are drawn at random. A layer that may be skipped is skipped as often as in a uniformly random architecture.
    ///
    /// - Parameters:
    ///   - counts: the number of visits of each subject.
    ///   - isSettled: the subjects that need no more visits.
    func network(counts: [Int], isSettled: [Bool], using random: inout SplitMix64) -> Network {
        switch source {
        case .space(let space, let layers):
            var counts = counts
            let choices = layers.map { choices in
                let drawn = random.below(choices.count)
                if choices[drawn].subject == nil { return choices[drawn].choice }
                var candidates: [(choice: LayerChoice, subject: Int)] = []
                for (choice, subject) in choices {
                    guard let subject else { continue }
                    candidates.append((choice, subject))
                }
                let open = candidates.filter { !isSettled[$0.subject] }
                let fewest = open.map { counts[$0.subject] }.min()
                let pick = random.element(
                    of: fewest == nil ? candidates : open.filter { counts[$0.subject] == fewest })
                counts[pick.subject] += 1
                return pick.choice
            }
            return Self.network(of: space, choices)
        case .architectures(let networks):
            func open(_ network: Network) -> Int { subjects(in: network).filter { !isSettled[$0] }.count }
            func visits(_ network: Network) -> Int { subjects(in: network).map { counts[$0] }.min() ?? 0 }
            let candidates = random.shuffled(networks)
            return candidates.min { (visits($0), -open($0)) < (visits($1), -open($1)) } ?? candidates[0]
        }
    }

    private func subjects(in network: Network) -> [Int] {
        network.layers.flatMap { layer in ([layer.key] + layer.operators.map(\.key)).compactMap { places[$0] } }
    }

    /// A visit's values for the plan's subjects; a subject that occurs several times has the mean.
    func visit(to network: Network, _ segments: [TimedSegment]) -> VisitLog.Visit {
        // The places of the subjects in the network: the layer, or the operator.
        var places: [Int: (layers: [Int], operators: [Int])] = [:]
        var step = 0
        for (index, layer) in network.layers.enumerated() {
            if case .block = layer.content, let subject = self.places[layer.key] {
                places[subject, default: ([], [])].layers.append(index)
            }
            for part in layer.operators {
                if let subject = self.places[part.key] { places[subject, default: ([], [])].operators.append(step) }
                step += 1
            }
        }
        let subjects = places.keys.sorted()
        return VisitLog.Visit(
            subjects: subjects,
            segments: segments.map { segment in
                VisitLog.Segment(
                    values: subjects.map { subject in
                        let (layers, operators) = places[subject] ?? ([], [])
                        let values = layers.map { segment.layers[$0] } + operators.map { segment.operators[$0] }
                        return values.reduce(0, +) / Double(values.count)
                    },
                    reference: segment.reference, waiting: segment.waiting)
            })
    }

    /// A text that identifies the plan.
    var identity: String { subjects.map(\.key).joined(separator: "\n") }
}
