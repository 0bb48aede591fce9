import Architectures

/// What every choice of a search space's layers costs on a device, in one quantity: for each layer a table with a dimension
/// for each of its axes.
///
/// It is made once for a space, a device and a quantity; whatever has to know costs reads them here, by the hundred million
/// networks a second and core.
///
///     let costs = try #require(model.costTable(of: space, in: .latency))
///     costs.value(of: try space.choices(of: architecture))    // milliseconds
///
/// A network's cost is a sum over its layers, and, of peak memory, the largest arena among them besides.
public struct CostTable: Sendable {
    /// What a layer adds.
    public struct Part: Hashable, Sendable {
        /// To the sum.
        public let sum: Double
        /// A candidate for the largest; 0 in quantities that only add up.
        public let peak: Double

        public static let zero = Part(sum: 0, peak: 0)

        public init(sum: Double, peak: Double) {
            self.sum = sum
            self.peak = peak
        }

        /// What the two come to together.
        public static func + (one: Part, other: Part) -> Part {
            Part(sum: one.sum + other.sum, peak: max(one.peak, other.peak))
        }

        /// The network's cost, when this is the whole of it.
        public var value: Double { sum + peak }
    }

    /// The table of one layer.
    public struct Layer: Sendable {
        /// How many options each axis has.
        public let counts: [Int]
        /// Of every index vector, the first axis running fastest.
        public let entries: [Part]

        public init(counts: [Int], entries: [Part]) {
            precondition(
                entries.count == counts.reduce(1, *) && !entries.isEmpty,
                "CostTable: \(entries.count) costs for axes of \(counts) options")
            self.counts = counts
            self.entries = entries
        }
    }

    /// Where a layer's entries are among those of all layers.
    fileprivate struct Place {
        let first: Int
        let strides: SIMD8<Int32>
        let count: Int
    }

    public let quantity: CostQuantity
    /// Of what is not searchable.
    public let fixed: Part
    /// Of each searchable layer.
    public let layers: [Layer]
    private let entries: [Part]
    private let places: [Place]

    public init(quantity: CostQuantity, fixed: Part, layers: [Layer]) {
        self.quantity = quantity
        self.fixed = fixed
        self.layers = layers
        entries = layers.flatMap(\.entries)
        var first = 0
        places = layers.map { layer in
            var strides = SIMD8<Int32>.zero, stride = 1
            for (axis, count) in layer.counts.enumerated() {
                strides[axis] = Int32(stride)
                stride *= count
            }
            defer { first += stride }
            return Place(first: first, strides: strides, count: stride)
        }
    }

    /// The cost of the network with those choices, one for each searchable layer.
    public func value(of choices: [LayerChoice]) -> Double { choices.withUnsafeBufferPointer { value(of: $0) } }

    /// The same; nothing is allocated.
    public func value(of choices: UnsafeBufferPointer<LayerChoice>) -> Double {
        precondition(choices.count == places.count, "CostTable: \(choices.count) choices for \(places.count) layers")
        return entries.withUnsafeBufferPointer { entries in
            places.withUnsafeBufferPointer { places in
                var total = fixed
                for (place, choice) in zip(places, choices) { total = total + entries[place.index(of: choice)] }
                return total.value
            }
        }
    }

    /// What a layer's choice adds.
    public func part(ofLayer layer: Int, with choice: LayerChoice) -> Part { entries[places[layer].index(of: choice)] }

    /// From the least to the most that networks can cost by this table.
    public var range: ClosedRange<Double> {
        func extreme(_ pick: (Double, Double) -> Double) -> Double {
            layers.map(\.entries).reduce(fixed) { total, entries in
                total + Part(
                    sum: entries.dropFirst().reduce(entries[0].sum) { pick($0, $1.sum) },
                    peak: entries.dropFirst().reduce(entries[0].peak) { pick($0, $1.peak) })
            }.value
        }
        let lowest = extreme(min)
        return lowest...max(lowest, extreme(max))
    }
}

extension CostTable.Place {
    /// Among the entries of all layers.
    @inline(__always)
    fileprivate func index(of choice: LayerChoice) -> Int {
        let index = Int((SIMD8<Int32>(truncatingIfNeeded: choice.options) &* strides).wrappedSum())
        precondition(index < count, "CostTable: a choice that the layer does not have")
        return first &+ index
    }
}

extension CostModel {
    /// What every choice of a space's layers costs; nil where the device does not know the quantity.
    public func costTable(of space: SearchSpace, in quantity: CostQuantity) -> CostTable? {
        let largest = space.largest.network
        func part(_ layers: [Network.Layer], costs: [LayerCost]) -> CostTable.Part? {
            switch quantity {
            case .latency:
                return .init(sum: costs.reduce(0) { $0 + $1.latencyMs }, peak: 0)
            case .energy:
                let energies = costs.compactMap(\.energyMj)
                return energies.count == costs.count ? .init(sum: energies.reduce(0, +), peak: 0) : nil
            case .memory:
                let memory = MemoryFootprint(layers, valueBytes: valueBytes)
                return .init(sum: Double(memory.weightBytes), peak: Double(memory.arenaBytes))
            case .macs:
                return .init(sum: Double(costs.reduce(0) { $0 + $1.macs }), peak: 0)
            }
        }
        guard let fixed = part(largest.layers.filter { !$0.isSearchable }, costs: fixedCosts(of: largest)) else {
            return nil
        }
        var layers: [CostTable.Layer] = []
        for layer in space.searchableLayers {
            // Index vectors that are one choice, as all of a skipped layer are, are priced once.
            var known: [BlockSize?: CostTable.Part] = [:]
            for choice in layer.choices {
                let concrete = layer.layer(with: choice)
                known[layer.size(of: choice)] = part([concrete], costs: [cost(of: concrete, space: space.name)])
            }
            let entries = layer.indexVectors.compactMap { known[layer.size(of: $0)] }
            guard entries.count == layer.indexVectors.count else { return nil }
            layers.append(CostTable.Layer(counts: layer.axes.map(\.optionCount), entries: entries))
        }
        return CostTable(quantity: quantity, fixed: fixed, layers: layers)
    }

    /// What every choice of a space's layers costs in milliseconds, which every device knows.
    public func latencyTable(of space: SearchSpace) -> CostTable {
        guard let costs = costTable(of: space, in: .latency) else {
            preconditionFailure("CostModel: no latency for the space \(space.name)")
        }
        return costs
    }
}
