import Architectures
import Datasets
import Engine
import SupernetSearch
import Training

/// Times whole training steps of a supernet: decisions, forward pass, loss with runtime term, backward pass, update.
///
///     let benchmark = StepBenchmark(space: space, runtime: runtime, batch: 32, threads: 2)
///     let result = benchmark.run(steps: 5)
///     result.seconds      // of the median step
public final class StepBenchmark {
    /// The result of the timed steps.
    public struct Result: Sendable {
        /// A part of the step.
        public struct Part: Sendable {
            /// A kind of layer, or "decisions", "loss", "update".
            public let name: String
            /// Seconds of a mean step.
            public let seconds: Double
            /// Of one step.
            public let work: Work
        }

        /// Seconds of the median step.
        public let seconds: Double
        /// In the order of `LayerKind`, then the others.
        public let parts: [Part]
        /// Of one step.
        public let work: Work
        /// The median time to load a batch, which a search does before every step: to draw, augment and normalise it.
        public let loadingSeconds: Double
        /// The process's peak memory up to then, in bytes; nil where the system does not report it.
        public let peakMemoryBytes: Int?
        /// Measured after the steps, in the same process.
        public let roofline: Roofline

        /// The minimal time of the work on this machine divided by the measured time; each part has its own bound.
        public var rooflineFraction: Double {
            parts.reduce(0) { $0 + roofline.seconds(for: $1.work) } / seconds
        }
    }

    private let supernet: Supernet
    private let optimizer: any Optimizer
    /// As in a search.
    private let gradients: FlatGradients
    private let context: ExecutionContext
    private let labels: [Int32]

    /// - Parameters:
    ///   - batch: random images in a step.
    public init(space: SearchSpace, runtime: RuntimeTerm, batch: Int, threads: Int) {
        context = ExecutionContext(threads: threads)
        supernet = Supernet(space: space, runtime: runtime, batch: batch, seed: 0, context: context)
        gradients = FlatGradients(of: supernet.parameters)
        optimizer = RMSProp(parameters: supernet.parameters, context: context)
        var random = RandomSource(seed: 1)
        let images = supernet.network.images.values
        for index in 0..<images.count { images.pointer[index] = random.normal() }
        labels = (0..<batch).map { _ in Int32(random.below(space.classes)) }
    }

    /// Times steps, after some that are not timed, and then measures the limits of the machine.
    ///
    /// - Parameters:
    ///   - steps: the number of timed steps.
    ///   - warmUp: the number of steps before them.
    /// - Throws: `DatasetError`.
    public func run(steps: Int, warmUp: Int = 3) throws -> Result {
        var clock = StepClock()
        for _ in 0..<warmUp { step(&clock) }
        clock = StepClock()
        let layers = LayerTimes()
        supernet.network.times = layers
        let seconds = (0..<steps).map { _ in ContinuousClock().measure { step(&clock) } / .seconds(1) }
        supernet.network.times = nil
        let peak = ProcessMemory.peak

        let count = Double(steps)
        var parts = LayerKind.allCases.compactMap { kind in
            layers.totals[kind].map { total in
                Result.Part(
                    name: kind.rawValue, seconds: total.seconds / count,
                    work: Work(macs: total.work.macs / steps, bytes: total.work.bytes / steps))
            }
        }
        parts += [
            Result.Part(name: "decisions", seconds: clock.decisions / count, work: supernet.decisionWork),
            Result.Part(name: "loss", seconds: clock.loss / count, work: .none),
            Result.Part(name: "update", seconds: clock.update / count, work: optimizer.work),
        ]
        return Result(
            seconds: seconds.sorted()[steps / 2], parts: parts, work: parts.reduce(.none) { $0 + $1.work },
            loadingSeconds: try loadingSeconds(batches: max(steps, 5)), peakMemoryBytes: peak, roofline: Roofline(context: context))
    }

    /// Seconds to load the median batch, from synthetic images.
    private func loadingSeconds(batches: Int) throws -> Double {
        let network = supernet.network, images = network.images
        var random = SplitMix64(seed: 2)
        let values = 2 * images.batch * images.height * images.width * images.channels
        let shape = ImageShape(height: images.height, width: images.width, channels: images.channels)
        let dataset = ImageDataset(
            name: "random", shape: shape, classes: 1,
            pixels: (0..<values).map { _ in UInt8(truncatingIfNeeded: random.next()) },
            labels: [UInt8](repeating: 0, count: 2 * images.batch))
        let sampler = try BatchSampler(
            dataset: dataset, batch: images.batch, seed: 0, augmentation: .fashionMNIST,
            statistics: dataset.channelStatistics)
        let loader = BatchLoader(sampler, into: network)
        let seconds = try (0..<batches).map { batch in
            try ContinuousClock().measure { try loader.load(step: batch) } / .seconds(1)
        }
        return seconds.sorted()[batches / 2]
    }

    /// The time of the work outside of layers, in seconds.
    private struct StepClock {
        var decisions = 0.0, loss = 0.0, update = 0.0
    }

    private func step(_ clock: inout StepClock) {
        func time(_ body: () -> Void) -> Double { ContinuousClock().measure(body) / .seconds(1) }
        let costs = [WeightedCost(term: supernet.runtime.term, weight: 0.02)]
        clock.decisions += time {
            supernet.decide()
            supernet.select(supernet.indicators, probing: true)
        }
        supernet.network.forward(training: true)
        clock.loss += time { _ = supernet.loss(labels: labels, costs: costs) }
        supernet.network.backward()
        clock.decisions += time { supernet.backwardSuperkernels(probing: true) }
        clock.update += time { optimizer.update(learningRate: 0.01) }
    }
}
