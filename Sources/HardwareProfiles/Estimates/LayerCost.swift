import Architectures
import Files
import Glibc

/// The cost of one layer of a network on a device, or of several layers that were measured together, and its parts.
public struct LayerCost: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        case layer(Network.Layer)
        /// Several layers that were measured together.
        case together([Network.Layer])

        var layers: [Network.Layer] {
            switch self {
            case .layer(let layer): [layer]
            case .together(let layers): layers
            }
        }
    }

    public let name: String
    let content: Content
    /// Milliseconds for one image.
    public let latencyMs: Double
    public let source: CostSource
    /// The data type of the layer's values.
    public let type: ValueType
    /// The parts of the cost, by the model.
    let work: OperatorCost
    /// The layer's multiply-accumulates divided by those that the device could do in the time.
    public let utilisation: Double
    /// Millijoules for one image; nil where the device has no energies.
    public let energyMj: Double?
    /// Multiply-accumulates for one image.
    public let macs: Int
    /// Weights, biases, and the two trained vectors of every batch normalisation.
    public let parameters: Int

    /// - Parameters:
    ///   - latencyMs: milliseconds for one image.
    ///   - work: the parts of the cost, by the model.
    ///   - energy: nil where the device has no energies.
    init(
        name: String, content: Content, latencyMs: Double, source: CostSource, work: OperatorCost, on device: (Machine, EnergyModel?)
    ) {
        self.name = name
        self.content = content
        self.work = work
        self.latencyMs = latencyMs
        self.source = source
        let (machine, energy) = device
        type = content.layers.lazy.flatMap(\.operators).lazy.compactMap(\.valueType).first ?? machine.type
        macs = content.layers.reduce(0) { $0 + $1.macs }
        parameters = content.layers.reduce(0) { $0 + $1.parameters }
        let part = latencyMs > 0 ? Double(macs) / (machine.peakMacsPerMs * latencyMs) : 0
        // Where the model knows Winograd's form or half precision, it does more with a multiply-add than one
        // multiply-accumulate. What was measured must not.
        utilisation = source == .measured ? part : min(1, part)
        energyMj = energy?.millijoules(work, macs: macs, latencyMs: latencyMs)
    }

    /// Half of the interval that holds 90 % of such answers, in logarithms; nil where the latency was measured.
    var uncertainty: Double?

    /// Whether the latency was measured with doubt (`LatencyTable.Entry.isUncertain`).
    package var isUncertain = false
    /// The interval of a latency that was measured with doubt, with a confidence of 95 %, milliseconds; nil where it has none.
    var measuredIntervalMs: ClosedRange<Double>?
    /// Whether any of its operators is of a data type that the model has no parameters for.
    var isOfOtherType = false

    /// The interval of a latency that was measured with doubt, milliseconds: as of normal errors, each way.
    func measuredIntervalMs(confidence: Double) -> ClosedRange<Double>? {
        let scale = NormalQuantile.twoSided(confidence) / NormalQuantile.twoSided(0.95)
        return measuredIntervalMs.map { interval in
            let low = max(0, latencyMs - scale * (latencyMs - interval.lowerBound))
            return low...max(low, latencyMs + scale * (interval.upperBound - latencyMs))
        }
    }

    /// The classes of the network that was measured, where they are more than those of this one: the latency is then at most
    /// that; nil else.
    public internal(set) var measuredClasses: Int?

    /// What a layer adds to the uncertainty of a network: one that is like nothing measured is less certain, and where the
    /// model has no parameters for its data type, it is as uncertain as where nothing was measured.
    static func uncertainty(ofModel uncertainty: Double, _ source: CostSource, isOfOtherType: Bool) -> Double {
        let own = source == .extrapolated ? 1.5 * uncertainty : uncertainty
        return isOfOtherType ? max(own, DeviceProfile.uncertaintyOfUsual) : own
    }

    /// A layer is less certain than a network, in which layers' errors cancel.
    static func uncertainty(ofNetwork uncertainty: Double, _ source: CostSource, isOfOtherType: Bool) -> Double {
        let own = (uncertainty * uncertainty + layerSpread * layerSpread).squareRoot()
        return Self.uncertainty(ofModel: own, source, isOfOtherType: isOfOtherType)
    }

    /// How far a layer's latency strays from what its network's says, in logarithms, at 90 %.
    private static let layerSpread = 0.06

    /// The interval that holds the latency with a confidence of 90 %, milliseconds; nil where it was measured without doubt.
    public var intervalMs: ClosedRange<Double>? {
        uncertainty.map { latencyMs * exp(-$0)...latencyMs * exp($0) } ?? measuredIntervalMs(confidence: 0.9)
    }

    /// The number of layers that this is the cost of.
    var layerCount: Int { content.layers.count }

    /// A summary of the layer, for people: "3x3 e6", "skip".
    public var choice: String {
        switch content {
        case .layer(let layer): layer.choice
        case .together(let layers): "\(layers.count) layers"
        }
    }

    /// What takes most of the time, by the model.
    public var bound: CostBound {
        let overhead = work.launchMs + work.paddingMs
        let compute = work.computeMs - work.paddingMs
        return compute > max(work.memoryMs, overhead) ? .compute : work.memoryMs > overhead ? .memory : .overhead
    }

    /// Bytes that move, by the model: between registers and first level, first and second, second and third, and from
    /// or to memory.
    public var l1Bytes: Double { work.l1Bytes }
    public var l2Bytes: Double { work.l2Bytes }
    public var l3Bytes: Double { work.l3Bytes }
    public var memoryBytes: Double { work.memoryBytes }

    public var json: JSON {
        [
            "name": .string(name), "choice": .string(choice), "latency_ms": .number(latencyMs),
            "latency_low_ms": intervalMs.map { .number($0.lowerBound) } ?? .null,
            "latency_high_ms": intervalMs.map { .number($0.upperBound) } ?? .null,
            "data_type": .string(type.rawValue), "source": .string(source.rawValue), "bound": .string(bound.rawValue),
            "utilisation": .number(utilisation), "energy_mj": energyMj.map(JSON.number) ?? .null,
            "l1_bytes": .number(l1Bytes), "l2_bytes": .number(l2Bytes), "l3_bytes": .number(l3Bytes),
            "memory_bytes": .number(memoryBytes), "macs": .integer(macs), "parameters": .integer(parameters),
        ]
    }
}
