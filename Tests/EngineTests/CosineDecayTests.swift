import Engine
import Testing

@Suite("Cosine decay")
struct CosineDecayTests {
    @Test("falls from the initial rate along half a cosine to 0 after the last step")
    func curve() {
        let schedule = CosineDecay(initial: 0.4, steps: 12)
        let expected: [(step: Int, rate: Float)] = [
            (0, 0.4), (2, 0.37320508), (3, 0.34142136), (4, 0.3), (6, 0.2), (8, 0.1), (9, 0.05857864), (12, 0),
        ]
        for (step, rate) in expected { #expect(abs(schedule.rate(step: step) - rate) < 1e-7, "step \(step)") }
    }
}
