import Foundation
import SupernetSearch
import Testing

@Suite("The loss at the best temperature")
struct CalibratedLossTests {
    @Test("of two classes is the entropy of how often the answer is right, however sure the network is", arguments: [
        Float(0.3), 1, 5,
    ])
    func twoClasses(logit: Float) {
        var loss = CalibratedLoss()
        // Eight of ten are right.
        for image in 0..<10 { loss.add([logit, 0], label: image < 8 ? 0 : 1) }
        let entropy = -(0.8 * log(0.8) + 0.2 * log(0.2))
        #expect(abs(loss.value - entropy) < 1e-6, "\(loss.value)")
    }

    @Test("is at most the cross-entropy, and ranks by what is known rather than by the scale of logits")
    func scale() {
        let images: [(logits: [Float], label: Int)] = [([2, 1, 0], 0), ([0.5, 1, -1], 1), ([1, 0, 3], 0), ([0, 0, 4], 2)]
        func loss(_ factor: Float) -> Double {
            var loss = CalibratedLoss()
            for image in images { loss.add(image.logits.map { factor * $0 }, label: image.label) }
            return loss.value
        }
        let crossEntropy = images.reduce(0.0) { sum, image in
            sum + log(image.logits.reduce(0.0) { $0 + exp(Double($1)) }) - Double(image.logits[image.label])
        } / 4
        #expect(loss(1) < crossEntropy && abs(loss(1) - loss(2)) < 1e-6 && abs(loss(1) - loss(0.5)) < 1e-6)
    }

    @Test("is not a number where a logit is not, or there are no images")
    func notFinite() {
        var loss = CalibratedLoss()
        #expect(loss.value.isNaN)
        loss.add([1, .nan], label: 0)
        #expect(loss.value.isNaN)
    }
}
