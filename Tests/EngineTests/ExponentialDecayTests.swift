import Engine
import Testing

@Suite("Exponential decay")
struct ExponentialDecayTests {
    @Test("multiplies once a period, all at once")
    func steps() {
        let schedule = ExponentialDecay(initial: 0.016, factor: 0.97, period: 10)
        let expected: [(step: Int, rate: Float)] = [
            (0, 0.016), (9, 0.016), (10, 0.01552), (19, 0.01552), (20, 0.0150544), (100, 0.016 * 0.73742413),
        ]
        for (step, rate) in expected { #expect(abs(schedule.rate(step: step) - rate) < 1e-8, "step \(step)") }
    }

    @Test("takes periods that are no whole number of steps")
    func fraction() {
        let schedule = ExponentialDecay(initial: 1, factor: 0.5, period: 2.4)
        #expect((0..<8).map { schedule.rate(step: $0) } == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25])
    }
}
