import Architectures
import Engine

/// Times whole training steps of a supernet: decisions, forward pass, loss with runtime term, backward pass, update.
public final class StepBenchmark {
    private let supernet: Supernet
    private let optimizer: RMSProp
    private let labels: [Int32]

    /// - Parameters:
    ///   - batch: random images a step.
    public init(space: SearchSpace, runtime: RuntimeTerm, batch: Int, threads: Int) {
        let context = ExecutionContext(threads: threads)
        supernet = Supernet(space: space, runtime: runtime, batch: batch, seed: 0, context: context)
        optimizer = RMSProp(parameters: supernet.parameters, context: context)
        var random = RandomSource(seed: 1)
        let images = supernet.network.images.values
        for index in 0..<images.count { images.pointer[index] = random.normal() }
        labels = (0..<batch).map { _ in Int32(random.below(space.classes)) }
    }

    /// The median time of a step, in seconds.
    ///
    /// - Parameters:
    ///   - steps: how many are timed.
    ///   - warmUp: how many go before.
    public func run(steps: Int, warmUp: Int = 3) -> Double {
        for _ in 0..<warmUp { step() }
        let times = (0..<steps).map { _ in ContinuousClock().measure(step) }.sorted()
        return times[times.count / 2] / .seconds(1)
    }

    private func step() {
        supernet.decide()
        supernet.network.forward(training: true)
        _ = supernet.loss(labels: labels, lambda: 0.02)
        supernet.backward(lambda: 0.02)
        optimizer.update(learningRate: 0.01)
    }
}
