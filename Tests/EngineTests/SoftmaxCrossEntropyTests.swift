import Engine
import TestSupport
import Testing

@Suite("Softmax cross-entropy")
struct SoftmaxCrossEntropyTests {
    private let labels: [Int32] = [0, 4, 2, 1, 4, 3]

    private func logits(_ values: [Float]? = nil) -> FeatureMap {
        let map = FeatureMap(
            shape: .init(batch: 6, height: 1, width: 1, channels: 5), context: ExecutionContext(threads: 1))
        var random = RandomSource(seed: 26)
        map.values.write(values ?? random.normals(30, deviation: 3))
        map.gradient.fill(1000)
        return map
    }

    @Test("the loss is the plain formula and its gradient the central differences", arguments: [0, 0.1, 0.5] as [Float])
    func plainFormula(smoothing: Float) {
        let logits = logits()
        let loss = SoftmaxCrossEntropy(logits: logits, smoothing: smoothing).evaluate(labels: labels)
        func plain(_ v: [[Double]]) -> Double {
            PlainImages(logits, v[0]).crossEntropy(labels: labels, smoothing: Double(smoothing))
        }
        #expect(abs(Double(loss) - plain([logits.values.doubles])) < 1e-5)
        #expect(deviationsFromCentralDifferences(of: plain, by: [Variable("logits", logits.values, gradient: logits.gradient)]) == [])
    }

    @Test("two classes share a target: the loss is the mean of their losses, by their parts, with its gradient")
    func secondLabels() {
        let logits = logits(), others: [Int32] = [1, 4, 0, 2, 3, 3], shares = [Float](repeating: 0.375, count: 6)
        let loss = others.withUnsafeBufferPointer { others in
            shares.withUnsafeBufferPointer { shares in
                SoftmaxCrossEntropy(logits: logits, smoothing: 0.1).evaluate(
                    labels: labels, second: .init(labels: others.baseAddress!, shares: shares.baseAddress!))
            }
        }
        func plain(_ v: [[Double]]) -> Double {
            let images = PlainImages(logits, v[0])
            return 0.625 * images.crossEntropy(labels: labels, smoothing: 0.1)
                + 0.375 * images.crossEntropy(labels: others, smoothing: 0.1)
        }
        #expect(abs(Double(loss) - plain([logits.values.doubles])) < 1e-5)
        #expect(deviationsFromCentralDifferences(of: plain, by: [Variable("logits", logits.values, gradient: logits.gradient)]) == [])
    }

    @Test("a second class with no part changes no bit")
    func noShare() {
        let plain = logits(), shared = logits()
        let alone = SoftmaxCrossEntropy(logits: plain, smoothing: 0.1).evaluate(labels: labels)
        let (others, shares): ([Int32], [Float]) = ([3, 3, 3, 3, 3, 0], [0, 0, 0, 0, 0, 0])
        let loss = others.withUnsafeBufferPointer { others in
            shares.withUnsafeBufferPointer { shares in
                SoftmaxCrossEntropy(logits: shared, smoothing: 0.1).evaluate(
                    labels: labels, second: .init(labels: others.baseAddress!, shares: shares.baseAddress!))
            }
        }
        #expect(loss == alone && shared.gradient.values == plain.gradient.values)
    }

    @Test("equal logits cost the logarithm of the number of classes")
    func equalLogits() {
        let loss = SoftmaxCrossEntropy(logits: logits([Float](repeating: 2, count: 30)), smoothing: 0.1)
        #expect(abs(loss.evaluate(labels: labels) - 1.6094379) < 1e-6)
    }

    @Test("stays finite and right for huge logits")
    func hugeLogits() {
        let logits = logits((0..<30).map { $0 % 5 == 2 ? 1000 : -1000 })
        let loss = SoftmaxCrossEntropy(logits: logits, smoothing: 0)
        // Five labels are not the certain class: each costs 2,000.
        #expect(abs(loss.evaluate(labels: labels) - 2000 * 5 / 6) < 1e-2)
        #expect(logits.gradient.values.allSatisfy { abs($0) <= 1.0 / 6 + 1e-6 })
    }
}
