import CKernels
import Engine
import TestSupport
import Testing

@Suite("Flat kernels")
struct FlatKernelTests {
    /// Rows × channels streams, most of them not of whole vectors or whole periods.
    private static let rowCounts = [0, 1, 2, 3, 5, 15, 16, 17, 33, 70]

    /// Calls `body` with each set and the streams of each number of rows.
    private func forEachStream(channels: Int, _ body: (KernelSet, Streams) -> Void) {
        var random = RandomSource(seed: 2, stream: UInt64(channels))
        for rows in Self.rowCounts {
            let streams = Streams(rows: rows, channels: channels, random: &random)
            for set in KernelSet.all { body(set, streams) }
        }
    }

    static let channelCounts = [1, 3, 7, 12, 15, 16, 17, 24, 40, 64, 72, 128]

    /// Of ReLU; no output before it is equal to a finite one.
    static let ceilings: [Float] = [.infinity, 1]

    @Test("affine scales and offsets each channel, with and without ReLU and its ceiling", arguments: channelCounts)
    func affine(channels: Int) {
        forEachStream(channels: channels) { set, s in
            for (relu, ceiling) in [(false, .infinity), (false, 1)] + Self.ceilings.map({ (true, $0) }) {
                let out = s.empty
                set.functions.affine(
                    s.count, s.period, s.x.pointer, s.scale.pointer, s.offset.pointer, relu ? 1 : 0, ceiling, out.pointer)
                let expected = (0..<s.count).map { index in
                    let value = s.at(s.x, index) * s.of(s.scale, index) + s.of(s.offset, index)
                    return relu ? value.positivePart.atMost(ceiling) : value
                }
                s.expect(out, expected, roundings: 2, "\(set.name), relu \(relu), ceiling \(ceiling)")
            }
        }
    }

    @Test("affine_add adds the shortcut", arguments: channelCounts)
    func affineAdd(channels: Int) {
        forEachStream(channels: channels) { set, s in
            let out = s.empty
            set.functions.affine_add(
                s.count, s.period, s.x.pointer, s.scale.pointer, s.offset.pointer, s.y.pointer, out.pointer)
            s.expect(
                out, (0..<s.count).map { s.at(s.y, $0) + (s.at(s.x, $0) * s.of(s.scale, $0) + s.of(s.offset, $0)) },
                roundings: 3, set.name)
        }
    }

    @Test("combine is gradient · a + values · b + c", arguments: channelCounts)
    func combine(channels: Int) {
        forEachStream(channels: channels) { set, s in
            let out = s.empty
            set.functions.combine(
                s.count, s.period, s.x.pointer, s.y.pointer, s.scale.pointer, s.offset.pointer, s.gate.pointer, out.pointer)
            s.expect(
                out,
                (0..<s.count).map {
                    s.at(s.x, $0) * s.of(s.scale, $0) + (s.at(s.y, $0) * s.of(s.offset, $0) + s.of(s.gate, $0))
                },
                roundings: 4, set.name)
        }
    }

    @Test("gradient_moments add the sums of gradient and gradient · normalised", arguments: channelCounts)
    func gradientMoments(channels: Int) {
        forEachStream(channels: channels) { set, s in
            let sum = s.earlierSum, product = s.earlierSum
            set.functions.gradient_moments(
                s.count, s.period, s.y.pointer, s.x.pointer, s.inverse.pointer, s.negative.pointer, sum.pointer,
                product.pointer)
            s.expectSum(sum, set.name) { s.at(s.y, $0) }
            s.expectSum(product, set.name) { s.at(s.y, $0) * s.normalized($0) }
        }
    }

    @Test("relu_backward goes back through gate and ReLU and takes the sums", arguments: channelCounts, ceilings)
    func reluBackward(channels: Int, ceiling: Float) {
        forEachStream(channels: channels) { set, s in
            let out = s.empty, sum = s.earlierSum, product = s.earlierSum, gateGradient = s.earlierSum
            var normalization = onepath_normalization(
                inverse_deviation: s.inverse.pointer, negative_mean: s.negative.pointer, scale: s.scale.pointer,
                offset: s.offset.pointer, gate: s.gate.pointer, ceiling: ceiling)
            set.functions.relu_backward(
                s.count, s.period, s.y.pointer, s.x.pointer, &normalization, out.pointer, sum.pointer, product.pointer,
                gateGradient.pointer)
            func gradient(_ index: Int) -> Bounded {
                s.output(index).isBetweenZero(and: ceiling) ? s.at(s.y, index) * s.of(s.gate, index) : .zero
            }
            s.expect(out, (0..<s.count).map(gradient), roundings: 1, set.name)
            s.expectSum(sum, set.name) { gradient($0) }
            s.expectSum(product, set.name) { gradient($0) * s.normalized($0) }
            if ceiling == .infinity {
                s.expectSum(gateGradient, set.name) { s.at(s.y, $0) * s.output($0).positivePart }
            }
        }
    }
}

/// Random streams of one length with coefficients of one period; after the streams' ends is NaN, which must
/// neither be read nor written.
private struct Streams {
    let count, period, channels: Int
    let x, y: Storage
    let inverse, negative, scale, offset, gate: Storage
    private let earlier: [Float]

    init(rows: Int, channels: Int, random: inout RandomSource) {
        let lanes = Int(ONEPATH_LANES), count = rows * channels
        let period = (1...lanes).map { $0 * channels }.first { $0 % lanes == 0 }!
        self.count = count
        self.period = period
        self.channels = channels
        func stream(_ draw: () -> Float) -> Storage {
            Storage((0..<count).map { _ in draw() } + [Float](repeating: .nan, count: lanes))
        }
        func coefficients(_ draw: () -> Float) -> Storage {
            let once = (0..<channels).map { _ in draw() }
            return Storage((0..<period).map { once[$0 % channels] })
        }
        // In these units float32 computes the output before ReLU exactly, and never as zero.
        x = stream { random.multiples(of: 0x1p-3, steps: 16) }
        y = stream { random.uniform() * 2 - 1 }
        inverse = coefficients { [0.5, 1, 2][random.below(3)] }
        negative = coefficients { random.multiples(of: 0x1p-4, steps: 16) }
        scale = coefficients { [-1, 0.5, 1, 2][random.below(4)] }
        offset = coefficients { random.multiples(of: 0x1p-5, steps: 32) + 0x1p-6 }
        gate = coefficients { [0, 0.5, 1][random.below(3)] }
        earlier = random.normals(period)
    }

    /// A stream to write, NaN so far.
    var empty: Storage {
        let storage = Storage(count: count + Int(ONEPATH_LANES))
        storage.fill(.nan)
        return storage
    }

    /// Sums to add to.
    var earlierSum: Storage { Storage(earlier) }

    func at(_ stream: Storage, _ index: Int) -> Bounded { Bounded(stream[index]) }
    func of(_ coefficients: Storage, _ index: Int) -> Bounded { Bounded(coefficients[index % channels]) }
    func normalized(_ index: Int) -> Bounded { at(x, index) * of(inverse, index) + of(negative, index) }
    func output(_ index: Int) -> Bounded { normalized(index) * of(scale, index) + of(offset, index) }

    func expect(
        _ out: Storage, _ expected: [Bounded], roundings: Int, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = deviation(of: out.values.prefix(count), from: expected, roundings: roundings, in: what)
        #expect(found == nil, "\(count) values of \(channels) channels", sourceLocation: sourceLocation)
        let keptEnd = out.values.dropFirst(count).allSatisfy(\.isNaN)
        #expect(keptEnd, "\(what) wrote past its end", sourceLocation: sourceLocation)
    }

    /// Expects that the sum over the repeats of the period grew by the sum of a channel's terms.
    func expectSum(
        _ sum: Storage, _ what: String, sourceLocation: SourceLocation = #_sourceLocation, term: (Int) -> Bounded
    ) {
        var expected = earlier.map(Bounded.init)
        for index in 0..<count { expected[index % period] += term(index) }
        // A place of the period takes every period-th value.
        let roundings = count / period + 8
        let found = deviation(of: sum.values, from: expected, roundings: roundings, in: what)
        #expect(found == nil, "\(count) values of \(channels) channels", sourceLocation: sourceLocation)
    }
}
