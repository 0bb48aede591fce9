import Architectures
import Foundation

/// The latency tables of a device, prepared for lookup.
struct MeasuredLatencies {
    private struct Place: Hashable {
        let space: String
        let layer: String
    }

    /// What was measured of a layer.
    struct Latency: Hashable {
        /// Milliseconds.
        var ms: Double
        /// Whether it was measured with doubt, and then the interval of the median, milliseconds, where that is known.
        var isUncertain = false
        var intervalMs: ClosedRange<Double>?

        init(_ ms: Double) { self.ms = ms }

        fileprivate init(_ ms: Double, isUncertain: Bool, intervalMs: ClosedRange<Double>?) {
            self.ms = ms
            self.isUncertain = isUncertain
            self.intervalMs = isUncertain ? intervalMs : nil
        }

        /// The sum over operators or runs: it is as uncertain as those that are.
        fileprivate static func + (one: Self, other: Self) -> Self {
            var sum = Self(one.ms + other.ms)
            sum.isUncertain = one.isUncertain || other.isUncertain
            if one.intervalMs != nil || other.intervalMs != nil {
                let (first, second) = (one.intervalMs ?? one.ms...one.ms, other.intervalMs ?? other.ms...other.ms)
                sum.intervalMs = first.lowerBound + second.lowerBound...first.upperBound + second.upperBound
            }
            return sum
        }

        /// The mean of at least one.
        fileprivate static func mean(_ list: [Self]) -> Self {
            var mean = list.reduce(Self(0), +)
            let count = Double(list.count)
            mean.ms /= count
            mean.intervalMs = mean.intervalMs.map { $0.lowerBound / count...$0.upperBound / count }
            return mean
        }
    }

    private struct Block {
        /// The mean over all entries with the block's key.
        var mean: Latency
        /// The latencies of entries that were measured as a layer of a space.
        var byPlace: [Place: Latency]
    }

    private let blocks: [String: Block]
    /// The mean over the entries of an operator's key.
    private let operators: [String: Latency]
    private let groups: [[String]: Double]
    /// The groups that end with a classifier, by their keys without its number of classes, the fewest first.
    private let groupsOfClassifiers: [[String]: [(classes: Int, latency: Double)]]
    private let spaces: Set<String>
    /// The profile's data type: an operator that has it, and one that says nothing of its type, are the same here.
    private let type: ValueType

    /// - Parameters:
    ///   - tables: of a profile.
    ///   - type: the profile's data type.
    init(_ tables: [LatencyTable], type: ValueType) {
        self.type = type
        var latencies: [String: [Latency]] = [:]
        var places: [String: [Place: Latency]] = [:]
        var operators: [String: [Latency]] = [:]
        var groups: [[String]: Double] = [:]
        for table in tables {
            for entry in table.entries {
                let key = entry.key
                let latency = Latency(entry.latencyMs, isUncertain: entry.isUncertain, intervalMs: entry.intervalMs)
                latencies[key, default: []].append(latency)
                if let space = table.space, let layer = entry.layer {
                    places[key, default: [:]][Place(space: space, layer: layer)] = latency
                }
            }
            for entry in table.operators {
                operators[entry.step.key(inProfileOf: type), default: []].append(
                    Latency(entry.latencyMs, isUncertain: entry.isUncertain, intervalMs: entry.intervalMs))
            }
            for group in table.groups { groups[group.keys.sorted()] = group.latencyMs }
        }
        blocks = latencies.reduce(into: [:]) { blocks, element in
            let (key, values) = element
            blocks[key] = Block(mean: .mean(values), byPlace: places[key] ?? [:])
        }
        self.operators = operators.mapValues(Latency.mean)
        self.groups = groups
        groupsOfClassifiers = groups.reduce(into: [[String]: [(classes: Int, latency: Double)]]()) { found, group in
            guard let (keys, classes) = Self.withoutClasses(group.key) else { return }
            found[keys, default: []].append((classes, group.value))
        }.mapValues { $0.sorted { $0.classes < $1.classes } }
        spaces = Set(tables.compactMap(\.space))
    }

    /// The latency of a layer of a network of `space`: that of the layer itself where it was measured,
    /// else the mean over entries that do the same work, else the sum of its operators; nil where none was measured.
    ///
    /// A skipped layer of a measured space counts as measured: it launches nothing.
    func latency(of layer: Network.Layer, space: String?) -> Latency? {
        if case .skip = layer.content { return space.map(spaces.contains) ?? false ? Latency(0) : nil }
        // A layer of several operators that were timed together, such as pooling and a classifier.
        if !groups.isEmpty, let alone = groups[[key(of: layer)]] { return Latency(alone) }
        if blocks.isEmpty && operators.isEmpty { return nil }
        guard let block = blocks[layer.key] else { return sum(of: layer.operators) }
        guard let space else { return block.mean }
        return block.byPlace[Place(space: space, layer: layer.name)] ?? block.mean
    }

    /// The latency of exactly these layers together, milliseconds; nil where they were not measured together.
    func latency(together layers: [Network.Layer]) -> Double? {
        groups.isEmpty ? nil : groups[layers.map(key(of:)).sorted()]
    }

    /// The latency of these layers together where they were measured with a classifier of more classes, with that number,
    /// milliseconds: theirs is at most that. Of several it is the least. nil where they were not, or with fewer.
    func latencyWithMoreClasses(together layers: [Network.Layer]) -> (latency: Double, classes: Int)? {
        guard !groups.isEmpty, let (keys, classes) = Self.withoutClasses(layers.map(key(of:)).sorted()),
            let measured = groupsOfClassifiers[keys]?.first(where: { $0.classes > classes })
        else { return nil }
        return (measured.latency, measured.classes)
    }

    /// The sorted keys of layers of which one ends with a fully connected operator, without the number of its outputs.
    static func withoutClasses(_ keys: [String]) -> (keys: [String], classes: Int)? {
        let operation = "fully_connected k1 s1 "
        guard let index = keys.firstIndex(where: { $0.contains(operation) }),
            let end = keys[index].range(of: "->1x1x", options: .backwards), let classes = Int(keys[index][end.upperBound...])
        else { return nil }
        var keys = keys
        keys[index] = String(keys[index][..<end.upperBound])
        return (keys, classes)
    }

    private func sum(of steps: [Operator]) -> Latency? {
        steps.reduce(Latency(0)) { sum, step in
            sum.flatMap { sum in operators[step.key(inProfileOf: type)].map { sum + $0 } }
        }
    }

    private func key(of layer: Network.Layer) -> String {
        guard case .operators(let steps) = layer.content else { return layer.key }
        return steps.map { $0.key(inProfileOf: type) }.joined(separator: ", ")
    }
}

extension Operator {
    /// The operator's key in the tables of a profile, which have no word for the profile's own data type: an int8
    /// convolution of a quantised model is any convolution of an int8 profile.
    fileprivate func key(inProfileOf type: ValueType) -> String {
        guard valueType == type else { return key }
        var plain = self
        plain.valueType = nil
        return plain.key
    }
}
