/// What no data sheet gives and a device's measurements tell: how much of what the hardware could do a runtime's kernels
/// do. All are above 0; all but the last two are shares of a hardware figure, and so carry over to another device.
public struct CostParameters: Hashable, Sendable {
    public enum Name: Int, CaseIterable, Sendable {
        /// Of the arithmetic that products, depthwise windows at stride 1, and those at larger strides reach, 1 being
        /// what issuing their loads and multiply-adds allows.
        case productEfficiency, depthwiseEfficiency, stridedDepthwiseEfficiency
        /// Of the second level's bandwidth: reading (and, where a runtime does, laying out anew) a product's inputs and
        /// weights; writing its tiles; reading and writing depthwise maps; and all other maps.
        case packingRate, tileWritingRate, depthwiseMapRate, elementwiseRate
        /// Of a core's memory bandwidth: for maps that no cache keeps, and for weights.
        case mapMemoryRate, weightMemoryRate
        /// Of the caches: what a map finds free of other data.
        case cacheShare
        /// How much longer a depthwise tap takes where the layer's weights exceed the first level.
        case depthwiseSpill
        /// Steps of the inner dimension that starting and ending a product's tile takes.
        case tileOverhead
        /// Taps that starting and ending a depthwise window takes.
        case windowOverhead
        /// Of every operator, microseconds.
        case launch

        /// As a file has it.
        var key: String {
            switch self {
            case .productEfficiency: "product_efficiency"
            case .depthwiseEfficiency: "depthwise_efficiency"
            case .stridedDepthwiseEfficiency: "strided_depthwise_efficiency"
            case .packingRate: "packing_rate"
            case .tileWritingRate: "tile_writing_rate"
            case .depthwiseMapRate: "depthwise_map_rate"
            case .elementwiseRate: "elementwise_rate"
            case .mapMemoryRate: "map_memory_rate"
            case .weightMemoryRate: "weight_memory_rate"
            case .cacheShare: "cache_share"
            case .depthwiseSpill: "depthwise_spill"
            case .tileOverhead: "tile_overhead_steps"
            case .windowOverhead: "window_overhead_taps"
            case .launch: "launch_us"
            }
        }
    }

    private var values: SIMD16<Double> = .one

    public subscript(name: Name) -> Double {
        get { values[name.rawValue] }
        set { values[name.rawValue] = newValue }
    }

    /// The values in the order of `Name.allCases`.
    init(_ list: [Double]) {
        precondition(list.count == Name.allCases.count, "\(list.count) values for \(Name.allCases.count) parameters")
        for (name, value) in zip(Name.allCases, list) { self[name] = value }
    }

    var list: [Double] { Name.allCases.map { self[$0] } }

    /// What the usual values are of.
    static let usualDataType = Runtime.DataType.float32

    /// What a runtime's kernels usually reach: where nothing is known of a device, and from where a calibration starts.
    static func usual(_ runtime: Runtime.Name) -> CostParameters {
        switch runtime {
        case .tflite: CostParameters([0.8, 1, 0.8, 0.5, 0.5, 0.4, 0.3, 0.5, 0.25, 2, 0.5, 8, 2, 0.3])
        case .xnnpack: CostParameters([0.85, 0.85, 0.85, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 1, 0.05, 1, 0.5, 5])
        }
    }
}
