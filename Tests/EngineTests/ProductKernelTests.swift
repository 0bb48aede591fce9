import CKernels
import Engine
import TestSupport
import Testing

@Suite("Product kernels")
struct ProductKernelTests {
    /// Rows, columns and inner sizes around the tiles of every set and around its block of the inner dimension.
    private static let shapes = [
        (1, 1, 1), (2, 3, 5), (3, 16, 1), (5, 17, 4), (6, 8, 2), (7, 24, 7), (8, 48, 16), (9, 49, 3), (13, 40, 24),
        (16, 31, 9), (20, 100, 33), (11, 15, 255), (4, 33, 256), (9, 47, 257), (3, 5, 600), (0, 7, 3),
    ]

    /// Calls `body` with each set and each product.
    private func forEachProduct(_ body: (KernelSet, ProductTrial) -> Void) {
        var random = RandomSource(seed: 5)
        for (rows, columns, inner) in Self.shapes {
            for transposed in [false, true] {
                for accumulate in [false, true] {
                    let trial = ProductTrial(
                        rows: rows, columns: columns, inner: inner, transposed: transposed, accumulate: accumulate,
                        random: &random)
                    for set in KernelSet.all { body(set, trial) }
                }
            }
        }
    }

    @Test("product is the plain triple loop, from any strides, and keeps to its columns")
    func product() {
        forEachProduct { set, trial in
            let c = trial.c
            trial.run(into: c) { set.functions.product($0) }
            trial.expect(c, trial.product, roundings: 0, set.name)
        }
    }

    @Test("product_moments adds each column's sum and squares about the shift")
    func moments() {
        forEachProduct { set, trial in
            let c = trial.c, sum = trial.earlierSum, squares = trial.earlierSum
            trial.run(into: c) { set.functions.product_moments($0, trial.offset.pointer, sum.pointer, squares.pointer) }
            trial.expect(c, trial.product, roundings: 0, set.name)
            let distances = trial.product.indices.map { trial.product[$0] - trial.of(trial.offset, $0) }
            trial.expectSum(sum, set.name) { distances[$0] }
            trial.expectSum(squares, set.name) { distances[$0] * distances[$0] }
        }
    }

    @Test("product_relu_backward goes back through gate and ReLU and takes the sums", arguments: [Float.infinity, 1])
    func reluBackward(ceiling: Float) {
        forEachProduct { set, trial in
            let c = trial.c, sum = trial.earlierSum, product = trial.earlierSum, gateGradient = trial.earlierSum
            var normalization = trial.normalization
            normalization.ceiling = ceiling
            trial.run(into: c) {
                set.functions.product_relu_backward(
                    $0, trial.values.pointer, &normalization, sum.pointer, product.pointer, gateGradient.pointer)
            }
            let gradient = trial.product.indices.map { index in
                trial.output(index).isBetweenZero(and: ceiling) ? trial.product[index] * trial.of(trial.gate, index) : .zero
            }
            trial.expect(c, gradient, roundings: 1, set.name)
            trial.expectSum(sum, set.name) { gradient[$0] }
            trial.expectSum(product, set.name) { gradient[$0] * trial.normalized($0) }
            if ceiling == .infinity {
                trial.expectSum(gateGradient, set.name) { trial.product[$0] * trial.output($0).positivePart }
            }
        }
    }
}

/// Random factors of a product, and what is by the columns of the result; beside the result, whose rows are longer than
/// its columns, is NaN, which must neither be read nor written.
private struct ProductTrial {
    let rows, columns, inner: Int
    let values, inverse, negative, scale, offset, gate: Storage
    /// rows × columns, with what is added to.
    let product: [Bounded]
    private let a, b: Storage
    private let transposed, accumulate: Bool
    private let earlier, earlierColumns: [Float]
    private let rowLength: Int

    init(rows: Int, columns: Int, inner: Int, transposed: Bool, accumulate: Bool, random: inout RandomSource) {
        (self.rows, self.columns, self.inner) = (rows, columns, inner)
        self.transposed = transposed
        self.accumulate = accumulate
        rowLength = columns + 3
        // In these units float32 computes the output before ReLU exactly, and never as zero.
        func perColumn(_ draw: () -> Float) -> Storage { Storage((0..<columns + Int(ONEPATH_LANES)).map { _ in draw() }) }
        inverse = perColumn { [0.5, 1, 2][random.below(3)] }
        negative = perColumn { random.multiples(of: 0x1p-4, steps: 16) }
        scale = perColumn { [-1, 0.5, 1, 2][random.below(4)] }
        offset = perColumn { random.multiples(of: 0x1p-5, steps: 32) + 0x1p-6 }
        gate = perColumn { [0, 0.5, 1][random.below(3)] }
        let columnsOfRow = columns + 3
        func result(_ draw: () -> Float) -> [Float] {
            (0..<rows * columnsOfRow).map { $0 % columnsOfRow < columns ? draw() : .nan }
        }
        values = Storage(result { random.multiples(of: 0x1p-3, steps: 16) } + [0])
        earlier = result { accumulate ? random.normal() : .nan }
        earlierColumns = random.normals(columns)
        let left = random.normals(rows * inner), right = random.normals(inner * columns)
        a = Storage(transposed ? (0..<rows * inner).map { left[$0 % max(rows, 1) * inner + $0 / max(rows, 1)] } : left)
        b = Storage(right)
        let before = earlier
        product = (0..<rows * columns).map { index in
            let row = index / columns, column = index % columns
            return (0..<inner).reduce(accumulate ? Bounded(before[row * columnsOfRow + column]) : .zero) {
                $0 + Bounded(left[row * inner + $1]) * Bounded(right[$1 * columns + column])
            }
        }
    }

    /// Where the result goes.
    var c: Storage { Storage(earlier) }
    /// Sums to add to.
    var earlierSum: Storage { Storage(earlierColumns) }

    var normalization: onepath_normalization {
        onepath_normalization(
            inverse_deviation: inverse.pointer, negative_mean: negative.pointer, scale: scale.pointer,
            offset: offset.pointer, gate: gate.pointer, ceiling: .infinity)
    }

    func run(into c: Storage, _ kernel: (UnsafePointer<onepath_product>) -> Void) {
        var product = onepath_product(
            rows: rows, columns: columns, inner: inner, a: a.pointer, a_row: transposed ? 1 : inner,
            a_inner: transposed ? rows : 1, b: b.pointer, b_row: columns, c: c.pointer, c_row: rowLength,
            accumulate: accumulate ? 1 : 0, ahead: values.pointer, ahead_count: values.count)
        kernel(&product)
    }

    func of(_ coefficients: Storage, _ index: Int) -> Bounded { Bounded(coefficients[index % columns]) }
    func normalized(_ index: Int) -> Bounded {
        Bounded(values[index / columns * rowLength + index % columns]) * of(inverse, index) + of(negative, index)
    }
    func output(_ index: Int) -> Bounded { normalized(index) * of(scale, index) + of(offset, index) }

    /// - Parameter roundings: of what follows the product.
    func expect(
        _ c: Storage, _ expected: [Bounded], roundings: Int, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let inside = c.values.enumerated().filter { $0.offset % rowLength < columns }.map(\.element)
        let found = deviation(of: inside, from: expected, roundings: inner + 2 + roundings, in: what)
        #expect(found == nil, "\(rows)×\(columns)×\(inner)", sourceLocation: sourceLocation)
        let kept = c.values.enumerated().allSatisfy { $0.offset % rowLength < columns || $0.element.isNaN }
        #expect(kept, "\(what) wrote beside its columns", sourceLocation: sourceLocation)
    }

    /// Expects that each column's sum grew by its terms.
    func expectSum(
        _ sum: Storage, _ what: String, sourceLocation: SourceLocation = #_sourceLocation, term: (Int) -> Bounded
    ) {
        var expected = earlierColumns.map(Bounded.init)
        for index in 0..<rows * columns { expected[index % columns] += term(index) }
        let found = deviation(of: sum.values, from: expected, roundings: 2 * inner + rows + 10, in: what)
        #expect(found == nil, "\(rows)×\(columns)×\(inner)", sourceLocation: sourceLocation)
    }
}
