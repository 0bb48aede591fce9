import Engine
import TestSupport
import Testing

@Suite("Determinism")
struct DeterminismTests {
    /// The bits of all parameters, running statistics and losses of a few training steps.
    private func train(threads: Int, steps: Int) -> (bits: [UInt32], values: [Double]) {
        let context = ExecutionContext(threads: threads)
        let network = SmallNetwork(batch: 16, side: 15, context: context)
        let optimizer = RMSProp(parameters: network.parameters, context: context)
        let statistics = network.blocks.flatMap(\.normalizations).flatMap { [$0.runningMean, $0.runningVar] }
        var losses: [Float] = []
        for _ in 0..<steps {
            losses.append(network.step())
            optimizer.update(learningRate: 0.01)
        }
        let all = (network.parameters.map(\.value) + statistics + [Storage(losses)])
        return (all.flatMap(\.bits), all.flatMap(\.doubles))
    }

    @Test("two runs with the same number of threads give the same bits", arguments: [1, 2, 3])
    func sameBits(threads: Int) {
        let first = train(threads: threads, steps: 10).bits
        for _ in 0..<3 { #expect(train(threads: threads, steps: 10).bits == first) }
    }

    @Test("a core that computes several threads in turn comes to the same bits", arguments: [2, 3, 7])
    func fewerCores(threads: Int) {
        let bits = onOneCore { train(threads: threads, steps: 10).bits }
        #expect(bits == train(threads: threads, steps: 10).bits)
        #expect(bits != train(threads: 1, steps: 10).bits, "rounding is that of the threads, not of the core")
    }

    @Test("the number of threads changes rounding only", arguments: [2, 3])
    func threads(threads: Int) {
        #expect(relativeDistance(train(threads: threads, steps: 1).values, train(threads: 1, steps: 1).values) < 1e-5)
    }
}
