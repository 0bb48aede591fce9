/// The part of the hardware's peak figures that a runtime's kernels reach. No data sheet gives it; it is fitted to
/// measurements. All values are above 0. All but the last two are shares of a hardware figure, and therefore carry over
/// to another device.
public struct CostParameters: Hashable, Sendable {
    public enum Name: Int, CaseIterable, Sendable {
        /// The share of peak arithmetic that products, depthwise windows at stride 1, and those at larger strides
        /// reach; 1 is what issuing their loads and multiply-adds allows.
        case productEfficiency, depthwiseEfficiency, stridedDepthwiseEfficiency
        /// The shares of the second level's bandwidth: for reading (and packing, where a runtime does) a product's
        /// inputs and weights; for writing its tiles; for reading and writing depthwise maps; and for all other maps.
        case packingRate, tileWritingRate, depthwiseMapRate, elementwiseRate
        /// The shares of a core's memory bandwidth: for maps that no cache keeps, and for weights.
        case mapMemoryRate, weightMemoryRate
        /// The share of the caches that is free for a map.
        case cacheShare
        /// How much longer a depthwise tap takes where the layer's weights exceed the first level.
        case depthwiseSpill
        /// The overhead of a product's tile, counted in steps of the inner dimension.
        case tileOverhead
        /// The overhead of a depthwise window, counted in taps.
        case windowOverhead
        /// The launch overhead of every operator, microseconds.
        case launch

        /// The name in a file.
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

    /// The data type of the usual values.
    static let usualDataType = Runtime.DataType.float32

    /// What a runtime's kernels usually reach: used where nothing is known of a device, and as the start of a
    /// calibration.
    static func usual(_ runtime: Runtime.Name) -> CostParameters {
        switch runtime {
        case .tflite: CostParameters([0.8, 1, 0.8, 0.5, 0.5, 0.4, 0.3, 0.5, 0.25, 2, 0.5, 8, 2, 0.3])
        case .xnnpack, .ncnn: CostParameters([0.85, 0.85, 0.85, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 1, 0.05, 1, 0.5, 5])
        }
    }
}
