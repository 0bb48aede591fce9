import Architectures

/// The operators that parameters of the cost model were fitted to, as ranges of shapes: what lies far outside of them is
/// extrapolated.
///
/// An operator is near if operators of its kind were measured on a map with at least half and at most twice its side, and
/// if its channels and its window, too, are at least half of the smallest and at most twice the largest of those. Of its
/// multiply-accumulates, which grow with both channels, it may have a quarter or four times as many: the ranges of channels
/// also hold wide maps that become wide ones, of which none was measured.
struct CalibrationRange: Hashable, Sendable {
    /// By how much a side, a number of channels or a window may differ from what was measured.
    private static let factor = 2.0

    /// The shapes that were measured with output maps of one side.
    private struct Shapes: Hashable, Sendable {
        let side: Double
        var inputChannels, outputChannels, window, macs: ClosedRange<Double>

        init(_ step: Operator) {
            func only(_ value: Int) -> ClosedRange<Double> { Double(value)...Double(value) }
            side = CalibrationRange.side(of: step)
            inputChannels = only(step.input.channels)
            outputChannels = only(step.output.channels)
            window = only(step.window.count)
            macs = only(step.macs)
        }

        mutating func formUnion(_ other: Shapes) {
            func union(_ one: inout ClosedRange<Double>, _ other: ClosedRange<Double>) {
                one = min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound)
            }
            union(&inputChannels, other.inputChannels)
            union(&outputChannels, other.outputChannels)
            union(&window, other.window)
            union(&macs, other.macs)
        }

        func isNear(_ step: Operator) -> Bool {
            func isNear(_ value: Int, _ range: ClosedRange<Double>, factor: Double = CalibrationRange.factor) -> Bool {
                range.lowerBound / factor <= Double(value) && Double(value) <= range.upperBound * factor
            }
            let square = CalibrationRange.factor * CalibrationRange.factor
            let ratio = CalibrationRange.side(of: step) / side
            return ratio <= CalibrationRange.factor && ratio * CalibrationRange.factor >= 1
                && isNear(step.input.channels, inputChannels) && isNear(step.output.channels, outputChannels)
                // A window is counted in pixels, so by the square of its side.
                && isNear(step.window.count, window, factor: square) && isNear(step.macs, macs, factor: square)
        }
    }

    private let shapes: [Operator.Kind: [Shapes]]

    /// The range of all blocks and operators of a device's tables; nil where there are none.
    init?(_ tables: [LatencyTable]) {
        let steps = tables.flatMap { table in
            table.entries.flatMap { $0.block.operators(input: $0.input) } + table.operators.map(\.step)
        }
        if steps.isEmpty { return nil }
        shapes = Dictionary(grouping: steps, by: \.kind).mapValues { steps in
            var shapes: [Double: Shapes] = [:]
            for step in steps {
                let one = Shapes(step)
                if shapes[one.side]?.formUnion(one) == nil { shapes[one.side] = one }
            }
            return shapes.values.sorted { $0.side < $1.side }
        }
    }

    private static func side(of step: Operator) -> Double {
        Double(step.output.height * step.output.width).squareRoot()
    }

    /// Whether operators like this one were measured.
    func contains(_ step: Operator) -> Bool { shapes[step.kind]?.contains { $0.isNear(step) } ?? false }
}
