import Architectures

/// The costs of all choices of a search space's layers on a device, in one quantity: for each layer a table with one
/// dimension for each of its axes.
///
/// It is built once for a space, a device and a quantity. All code that needs costs reads them here; a core looks up
/// about a hundred million networks a second.
///
///     let costs = try #require(model.costTable(of: space, in: .latency))
///     costs.value(of: try space.choices(of: architecture))    // milliseconds
///
/// A network's cost is the sum over its layers; peak memory is that sum (of weights) plus the largest arena.
public struct CostTable: Sendable {
    /// The contribution of a layer.
    public struct Part: Hashable, Sendable {
        /// What it adds to the sum.
        public let sum: Double
        /// Its value for the maximum over layers; 0 in quantities that are plain sums.
        public let peak: Double

        public static let zero = Part(sum: 0, peak: 0)

        public init(sum: Double, peak: Double) {
            self.sum = sum
            self.peak = peak
        }

        /// The sum of the two.
        public static func + (one: Part, other: Part) -> Part {
            Part(sum: one.sum + other.sum, peak: max(one.peak, other.peak))
        }

        /// The network's cost, once all layers are added.
        public var value: Double { sum + peak }
    }

    /// The table of one layer.
    public struct Layer: Sendable {
        /// The number of options of each axis.
        public let counts: [Int]
        /// The entries of all index vectors, the first axis running fastest.
        public let entries: [Part]

        public init(counts: [Int], entries: [Part]) {
            precondition(
                entries.count == counts.reduce(1, *) && !entries.isEmpty,
                "CostTable: \(entries.count) costs for axes of \(counts) options")
            self.counts = counts
            self.entries = entries
        }
    }

    /// The place of a layer's entries among those of all layers.
    fileprivate struct Place {
        let first: Int
        let strides: SIMD8<Int32>
        let count: Int
    }

    public let quantity: CostQuantity
    /// The contribution of the layers that are not searchable.
    public let fixed: Part
    /// One table for each searchable layer.
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

    /// The contribution of a layer's choice.
    public func part(ofLayer layer: Int, with choice: LayerChoice) -> Part { entries[places[layer].index(of: choice)] }

    /// The smallest and the largest cost of a network by this table.
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
    /// The index of a choice among the entries of all layers.
    @inline(__always)
    fileprivate func index(of choice: LayerChoice) -> Int {
        let index = Int((SIMD8<Int32>(truncatingIfNeeded: choice.options) &* strides).wrappedSum())
        precondition(index < count, "CostTable: a choice that the layer does not have")
        return first &+ index
    }
}

extension CostModel {
    /// The costs of all choices of a space's layers; nil where the device profile lacks the quantity.
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
                let memory = MemoryFootprint(layers, type: valueType)
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
            // Index vectors that mean the same choice, such as all that skip a layer, are priced once.
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

    /// The costs of all choices of a space's layers in milliseconds, which every device has.
    public func latencyTable(of space: SearchSpace) -> CostTable {
        guard let costs = costTable(of: space, in: .latency) else {
            preconditionFailure("CostModel: no latency for the space \(space.name)")
        }
        return costs
    }
}
