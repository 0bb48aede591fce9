import Architectures
import Files
import Training

/// The indicators of one searchable layer: a number for each of its parts, in the order of `SearchSpace.Layer.parts`.
///
/// 1 where a part is used, 0 where not; gradients with respect to them have the same form.
public struct LayerIndicators: Hashable, Sendable {
    public var values: [Double]

    public init(_ values: [Double]) { self.values = values }

    /// All parts in use: the largest choice.
    public static func allOn(_ layer: SearchSpace.Layer) -> LayerIndicators {
        LayerIndicators(layer.parts.map { _ in 1 })
    }

    /// The indicators of a choice of the layer.
    public init(_ choice: LayerChoice, in layer: SearchSpace.Layer) {
        let isSkipped = layer.size(of: choice) == nil
        values = layer.parts.map { part in
            // A skipped layer has no width. The shells of its kernel then have no effect, and stay as in the largest
            // choice.
            if isSkipped, case .kernel = layer.axes[part.axis] { return 1 }
            return choice[part.axis] >= part.option ? 1 : 0
        }
    }

    /// The choice that the indicators make: a part does not count if an earlier part of its axis is off.
    ///
    /// - Parameter axes: of the layer.
    public func choice(_ axes: [AxisParts]) -> LayerChoice {
        var choice = LayerChoice()
        for (axis, parts) in axes.enumerated() {
            let open = NestedProducts.open(values[parts.range])
            // A layer that is skipped has no other choice.
            if parts.switchesLayer, open == 0 { return LayerChoice() }
            choice[axis] = open
        }
        return choice
    }

    /// Whether the layer is not skipped.
    func isPresent(_ axes: [AxisParts]) -> Bool {
        axes.allSatisfy { !$0.switchesLayer || NestedProducts.open(values[$0.range]) > 0 }
    }

    /// Sets all numbers to this value.
    mutating func fill(_ value: Double) {
        for index in values.indices { values[index] = value }
    }

    /// Copies the numbers of another of the same layer into the existing memory.
    mutating func copy(_ other: LayerIndicators) {
        for index in values.indices { values[index] = other.values[index] }
    }
}

/// The place of one axis's parts among those of a layer.
public struct AxisParts: Hashable, Sendable {
    public let range: Range<Int>
    /// Whether the axis decides if the layer is skipped.
    public let switchesLayer: Bool

    package init(range: Range<Int>, switchesLayer: Bool) {
        self.range = range
        self.switchesLayer = switchesLayer
    }
}

extension SearchSpace.Layer {
    /// The parts of each axis, in order.
    public var axisParts: [AxisParts] {
        var first = 0
        return axes.map { axis in
            let count = axis.optionCount - 1
            defer { first += count }
            return AxisParts(range: first..<first + count, switchesLayer: axis == .skip)
        }
    }
}

extension StateExchange {
    /// Indicators, or sums of indicators, of the same layers.
    mutating func indicators(_ name: String, _ layers: inout [LayerIndicators]) throws {
        var found = layers
        let old = layers
        try scalar(name, .array(layers.map { .array($0.values.map(JSON.number)) })) { node in
            var index = 0
            found = try node.array { layer in
                guard index < old.count else { throw node.problem("expected \(old.count) layers, found more") }
                defer { index += 1 }
                let values = try layer.array { try $0.number(in: 0...1e15) }
                guard values.count == old[index].values.count else {
                    throw layer.problem("expected \(old[index].values.count) numbers, found \(values.count)")
                }
                return LayerIndicators(values)
            }
            guard index == old.count else { throw node.problem("expected \(old.count) layers, found \(index)") }
        }
        layers = found
    }
}
