import Architectures

/// Prices for every kind of work on a device, fitted to the blocks that were measured on it.
///
/// A price is never below what the hardware can do at its best (its peak of multiply-adds, its memory bandwidth), so
/// that work of a kind which the measurements say nothing about still costs something.
struct LatencyModel {
    /// Milliseconds for one unit of each kind of work; all but that of launches are above 0.
    private let prices: SIMD8<Double>

    /// The prices that minimise the sum of squared relative errors over `entries`.
    init(entries: [LatencyTable.Entry], device: DeviceProfile) {
        let cluster = device.cluster
        var best: SIMD8<Double> = .zero
        for kind in Work.Kind.allCases {
            best[kind.rawValue] =
                switch kind {
                case .product, .productPadding, .depthwise, .stridedDepthwise:
                    1e-6 / (cluster.clockGHz.value * cluster.fmaPerCycleF32.value * Double(device.runtime.threads))
                case .weights, .depthwiseMaps, .maps:
                    1e-6 / device.hardware.memory.bandwidthGBPerSecond.value
                case .launches:
                    0
                }
        }
        // Padding costs what the work does that it stands beside: the two have one price, in one column.
        let fitted = Work.Kind.allCases.filter { $0 != .productPadding }
        var rows: [[Double]] = []
        var target: [Double] = []
        for entry in entries {
            let work = Work(entry.block.operators(input: entry.input))
            rows.append(
                fitted.map { kind in
                    (work[kind] + (kind == .product ? work[.productPadding] : 0)) / entry.latencyMs
                })
            target.append(1 - (work.amounts * best).sum() / entry.latencyMs)
        }
        var prices = best
        for (kind, excess) in zip(fitted, NonNegativeLeastSquares.solve(rows: rows, target: target)) {
            prices[kind.rawValue] += excess
        }
        prices[Work.Kind.productPadding.rawValue] = prices[Work.Kind.product.rawValue]
        self.prices = prices
    }

    /// Milliseconds for all `operators` together, 0 for none, and what most of them go to.
    func latency(of operators: [Operator]) -> (ms: Double, bound: CostBound) {
        let parts = Work(operators).amounts * prices
        var compute = 0.0
        var memory = 0.0
        var overhead = 0.0
        for kind in Work.Kind.allCases {
            switch kind.bound {
            case .compute: compute += parts[kind.rawValue]
            case .memory: memory += parts[kind.rawValue]
            case .overhead: overhead += parts[kind.rawValue]
            }
        }
        let bound: CostBound =
            compute > max(memory, overhead) ? .compute : memory > overhead ? .memory : .overhead
        return (parts.sum(), bound)
    }
}
