import Architectures
import Files
import Glibc

/// The cost of a network on a device, and of each of its layers.
public struct CostEstimate: Hashable, Sendable {
    /// In the order of the network; layers that were measured together come first, as one row.
    public let layers: [LayerCost]
    public let memory: MemoryFootprint
    /// What the model's answers are based on, for people.
    public let basisOfModel: String
    /// The data type that the model's parameters are for.
    public let typeOfModel: ValueType
    /// Half of the interval that holds 90 % of the model's answers for whole networks, in logarithms.
    let uncertainty: Double
    /// What the network takes on the device as a whole; nil where that was not measured. The sum over the layers does not
    /// follow from it.
    public var measuredWhole: MeasuredNetwork?

    /// What the estimate lacks.
    public private(set) var gaps = CostGaps()

    /// How many times more the arithmetic of a core may be than was inferred, which starts from one unit of the four that
    /// cores have at most.
    private static let mostUnits = 4.0

    /// - Parameters:
    ///   - uncertainty: half of the interval that holds 90 % of the model's answers for whole networks, in logarithms.
    ///   - isArithmeticInferred: whether nobody published or measured the rate of the device's arithmetic.
    init(
        layers: [LayerCost], memory: MemoryFootprint, basisOfModel: String, typeOfModel: ValueType, uncertainty: Double,
        isArithmeticInferred: Bool
    ) {
        self.layers = layers
        self.memory = memory
        self.basisOfModel = basisOfModel
        self.typeOfModel = typeOfModel
        self.uncertainty = uncertainty
        for type in ValueType.allCases where type != typeOfModel {
            let count = layers.count { $0.type == type }
            guard count > 0 else { continue }
            gaps.assumptions.append(
                "\(count) of \(layers.count) layers are \(type.rawValue), of which the device profile has no parameters: "
                    + "their bytes are counted, and their arithmetic is priced as that of \(typeOfModel.rawValue)")
        }
        // Without a number: what is said of one network of a space is said of all.
        if layers.contains(where: \.isUncertain) {
            gaps.assumptions.append(
                "some of the measured latencies are uncertain: the machine was not steady, or their intervals are wide")
        }
        for layer in layers {
            guard let classes = layer.measuredClasses else { continue }
            gaps.assumptions.append(
                "the \(layer.name) was measured with \(classes) classes: with fewer, as here, it takes at most that")
        }
        // A measured time stands against a rate that is only inferred.
        let most = isArithmeticInferred ? Self.mostUnits : 1
        for layer in layers where layer.utilisation > most {
            gaps.profileErrors.append(
                "the layer \(layer.name) would take \((100 * layer.utilisation).rounded()) % of the device's arithmetic: "
                    + "the profile's latency for it, or its hardware, is wrong")
        }
        if let part = layers.lazy.map(\.utilisation).filter({ $0 > 1 && $0 <= most }).max() {
            gaps.assumptions.append(
                "the device's arithmetic is inferred, and less than it has: a measured layer takes \((100 * part).rounded()) % of it")
        }
    }

    /// Adds what is lacking of the network itself.
    public mutating func add(_ others: CostGaps) {
        gaps.unknownOperators += others.unknownOperators
        gaps.choices += others.choices
        gaps.assumptions = others.assumptions + gaps.assumptions
    }

    /// Milliseconds for one image: the sum over the layers.
    public var latencyMs: Double { layers.reduce(0) { $0 + $1.latencyMs } }

    /// The interval that holds the latency with a confidence, milliseconds: what was measured, and the model's part as far
    /// off as it was on what it had not seen. Layers far from anything measured count one and a half times. Latencies that
    /// were measured with doubt have intervals of their own.
    ///
    /// - Parameter confidence: above 0 and below 1.
    public func intervalMs(confidence: Double = 0.9) -> ClosedRange<Double> {
        var low = 0.0, high = 0.0
        for layer in layers {
            let interval = intervalMs(of: layer, confidence: confidence)
            low += interval.lowerBound
            high += interval.upperBound
        }
        return low...max(low, high)
    }

    /// The part of a layer in `intervalMs(confidence:)`.
    func intervalMs(of layer: LayerCost, confidence: Double) -> ClosedRange<Double> {
        if layer.source == .measured {
            return layer.measuredIntervalMs(confidence: confidence) ?? layer.latencyMs...layer.latencyMs
        }
        let scale = NormalQuantile.twoSided(confidence) / NormalQuantile.twoSided(0.9)
        let half = scale * LayerCost.uncertainty(ofModel: uncertainty, layer.source, isOfOtherType: layer.isOfOtherType)
        return layer.latencyMs * exp(-half)...layer.latencyMs * exp(half)
    }

    /// Millijoules for one image: the sum over the layers; nil where the device has no energies.
    public var energyMj: Double? {
        layers.reduce(0.0) { sum, layer in sum.flatMap { sum in layer.energyMj.map { sum + $0 } } }
    }

    /// Multiply-accumulates for one image: the sum over the layers.
    public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

    /// Weights, biases, and the two trained vectors of every batch normalisation: the sum over the layers.
    public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

    /// How many layers have a latency from a table of the device. A row for several layers that were measured together
    /// counts as that many.
    public var measuredLayers: Int { count(.measured) }

    /// How many layers have a latency that the model predicts, from measurements of similar ones.
    public var modelledLayers: Int { count(.modelled) }

    /// How many layers have a latency that the model predicts although nothing like them was measured.
    public var extrapolatedLayers: Int { count(.extrapolated) }

    /// The number of the network's layers.
    public var layerCount: Int { layers.reduce(0) { $0 + $1.layerCount } }

    private func count(_ source: CostSource) -> Int {
        layers.reduce(0) { $0 + ($1.source == source ? $1.layerCount : 0) }
    }

    /// How many layers are far from what the model was fitted to, in a sentence for people; nil where none is.
    public static func extrapolation(in estimates: [CostEstimate]) -> String? {
        let far = estimates.map(\.extrapolatedLayers), all = estimates.map(\.layerCount)
        guard far.contains(where: { $0 > 0 }) else { return nil }
        return "\(far.span) of \(all.span) layers are extrapolated: nothing like them was measured, and errors can be larger"
    }

    /// The sums, what they lack, `"model"` and `"layers"`, with an interval of 90 %.
    public var json: JSON { json(confidence: 0.9) }

    /// The same.
    ///
    /// - Parameter confidence: of the interval of the latency, above 0 and below 1; that of layers has 0.9.
    public func json(confidence: Double) -> JSON {
        let interval = intervalMs(confidence: confidence)
        let sums: [JSON.Member] = [
            .init(key: "latency_ms", value: .number(latencyMs)),
            .init(key: "latency_low_ms", value: .number(interval.lowerBound)),
            .init(key: "latency_high_ms", value: .number(interval.upperBound)),
        ]
        return .object(sums + gaps.members + members)
    }

    private var members: [JSON.Member] {
        let values: KeyValuePairs<String, JSON> = [
            "measured_layers": .integer(measuredLayers), "modelled_layers": .integer(modelledLayers),
            "extrapolated_layers": .integer(extrapolatedLayers),
            "measured_network": measuredWhole.map { whole in
                ["latency_ms": .number(whole.latencyMs), "source": .string(whole.source), "odd": .bool(whole.isOdd)]
            } ?? .null,
            "energy_mj": energyMj.map(JSON.number) ?? .null,
            "peak_memory_bytes": .integer(memory.peakBytes), "arena_bytes": .integer(memory.arenaBytes),
            "weight_bytes": .integer(memory.weightBytes), "macs": .integer(macs), "parameters": .integer(parameters),
            "model": .string(basisOfModel), "layers": .array(layers.map(\.json)),
        ]
        return values.map { JSON.Member(key: $0.key, value: $0.value) }
    }
}

extension [Int] {
    /// The smallest and the largest, for people: "8 to 14", or "16" where they are one.
    package var span: String {
        let least = self.min() ?? 0, most = self.max() ?? 0
        return least == most ? "\(least)" : "\(least) to \(most)"
    }
}
