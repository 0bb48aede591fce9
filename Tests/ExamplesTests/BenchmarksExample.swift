import Benchmarks
import Testing

// example: Benchmarks
func agreement(inherited: [Double], alone: [Double]) -> Double {
    kendallTau(inherited, alone)
}
// end of example

@Suite("The example of Benchmarks")
struct BenchmarksExample {
    @Test("is 1 for the same order, and -1 for the opposite one")
    func orders() {
        #expect(agreement(inherited: [0.5, 0.6, 0.7], alone: [0.8, 0.85, 0.9]) == 1)
        #expect(agreement(inherited: [0.5, 0.6, 0.7], alone: [0.9, 0.85, 0.8]) == -1)
    }
}
