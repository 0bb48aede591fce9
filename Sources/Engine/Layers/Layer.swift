/// One step of a network between feature maps, with preallocated outputs.
///
/// A network runs `forward` of its layers in order, then `backward` in reverse; each backward reads the
/// gradient that the layer after it left in the shared feature map, writes the gradient of its input map and
/// overwrites the gradients of its parameters.
public protocol Layer: AnyObject {
    /// The trained parameters, in a fixed order.
    var parameters: [Parameter] { get }
    var kind: LayerKind { get }
    /// The minimal work of `forward` in training and of `backward`.
    var forwardWork: Work { get }
    var backwardWork: Work { get }
    /// - Parameter training: whether batch normalisation uses the batch's statistics.
    func forward(training: Bool)
    func backward()
}

extension Layer {
    /// - Parameters:
    ///   - training: whether batch normalisation uses the batch's statistics.
    ///   - times: collects the time of the pass; nil to measure nothing.
    public func forward(training: Bool, times: LayerTimes?) {
        guard let times else { return forward(training: training) }
        times.measure(kind, forwardWork) { forward(training: training) }
    }

    /// - Parameter times: as in `forward`.
    public func backward(times: LayerTimes?) {
        guard let times else { return backward() }
        times.measure(kind, backwardWork) { backward() }
    }
}

/// The tiles in which matrix products are computed.
enum Tile {
    /// The number of rows for which a tile (`floatsPerRow` values a row) stays in a core's second-level cache, with
    /// room for the weights and for the next tile's input.
    static func rows(floatsPerRow: Int) -> Int {
        let rows = 64 * 1024 / max(floatsPerRow, 1)
        return min(max(rows / 16 * 16, 32), 1024)
    }

    /// The end at which a pass begins. Consecutive layers process their rows in opposite orders, and so do forward and
    /// backward: each begins with the rows that were written last, which may still be in cache.
    enum Order {
        case ascending, descending

        var opposite: Order { self == .ascending ? .descending : .ascending }
    }

    /// Runs `body` for each tile of a range, with the rows of the tile and those of the next one, which are empty for
    /// the last tile.
    static func forEach(
        in range: Range<Int>, rows: Int, _ order: Order, _ body: (_ rows: Range<Int>, _ next: Range<Int>) -> Void
    ) {
        let tiles = (range.count + rows - 1) / rows
        func tile(_ index: Int) -> Range<Int> {
            guard index < tiles else { return 0..<0 }
            let start = range.lowerBound + (order == .ascending ? index : tiles - 1 - index) * rows
            return start..<min(start + rows, range.upperBound)
        }
        for index in 0..<tiles { body(tile(index), tile(index + 1)) }
    }
}
