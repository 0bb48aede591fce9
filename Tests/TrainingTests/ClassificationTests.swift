import Files
import Glibc
import Testing
import TestSupport
import Training

@Suite("Classification")
struct ClassificationTests {
    @Test("counts what is right, what is among five, and what is taken for what")
    func counts() {
        var random = SeededRandom(seed: 4)
        var classification = Classification(classes: 7), plain = Classification(classes: 7, hasConfusion: false)
        var right = 0, among = 0, loss = 0.0
        var taken = Array(repeating: Array(repeating: 0, count: 7), count: 7)
        for _ in 0..<500 {
            let logits = (0..<7).map { _ in Float(8 * random.value()) }
            let label = random.below(7)
            logits.withUnsafeBufferPointer {
                classification.add(logits: $0, label: label)
                plain.add(logits: $0, label: label)
            }
            let order = (0..<7).sorted { logits[$0] > logits[$1] }
            if order[0] == label { right += 1 }
            if order[..<5].contains(label) { among += 1 }
            taken[label][order[0]] += 1
            loss += log(logits.reduce(0) { $0 + exp(Double($1)) }) - Double(logits[label])
        }
        let evaluation = classification.evaluation
        #expect(evaluation.count == 500 && evaluation.correct == right && evaluation.correctAmongFive == among)
        #expect(abs(evaluation.crossEntropy - loss / 500) < 1e-9)
        #expect(classification.confusion == taken)
        #expect(plain.evaluation == evaluation && plain.confusion.isEmpty)
    }

    @Test("of logits too large for an exponential is still a number")
    func large() {
        var classification = Classification(classes: 3)
        [1e30, -1e30, 0].map(Float.init).withUnsafeBufferPointer { classification.add(logits: $0, label: 0) }
        #expect(classification.evaluation.crossEntropy == 0 && classification.evaluation.accuracy == 1)
    }

    @Test("takes the first of equal values, among five too")
    func ties() {
        func evaluation(_ label: Int) -> Evaluation {
            var classification = Classification(classes: 8)
            [0, 0, 0, 0, 1, 0, 0, 0].map(Float.init).withUnsafeBufferPointer { classification.add(logits: $0, label: label) }
            return classification.evaluation
        }
        #expect((0..<8).map { evaluation($0).correct } == [0, 0, 0, 0, 1, 0, 0, 0])
        #expect((0..<8).map { evaluation($0).correctAmongFive } == [1, 1, 1, 1, 1, 0, 0, 0])
    }
}
