import Benchmarks
import Testing

// example: Benchmarks
func summary(accuracies: [Double], inherited: [Double]) -> String {
    let mean = SampleMean(accuracies)
    let percent = { (value: Double) in "\((value * 1e4).rounded() / 100) %" }
    let interval = mean.halfWidth.map { " ± " + percent($0) } ?? ""
    let tau = (kendallTau(inherited, accuracies) * 100).rounded() / 100
    return percent(mean.mean) + interval + ", rank correlation with inherited accuracies \(tau)"
}
// end of example

@Suite("The example of Benchmarks")
struct BenchmarksExample {
    @Test("tells a mean with its interval, and how alike two orders are")
    func statistics() {
        #expect(
            summary(accuracies: [0.90, 0.91, 0.92], inherited: [0.5, 0.7, 0.6])
                == "91.0 % ± 2.48 %, rank correlation with inherited accuracies 0.33")
        #expect(summary(accuracies: [0.9], inherited: [0.5]).hasPrefix("90.0 %, "))
    }
}
