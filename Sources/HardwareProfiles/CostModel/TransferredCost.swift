import Architectures
import Glibc

/// The latencies of operators by factors that were learned from all known devices.
struct TransferredCost: Sendable {
    /// Some of the threads that the device may use.
    fileprivate struct Threads: Sendable {
        let machine: TransferMachine
        let entry: TransferredParameters.Entry

        func latencyMs(of step: Operator) -> Double {
            var sum = 0.0
            entry.factors.withUnsafeBufferPointer { factors in
                PartTimes.visit(step, on: machine) { sum += factors[$0.rawValue] * $1 }
            }
            return sum
        }

        func latencyMs(of operators: [Operator]) -> Double { operators.reduce(0) { $0 + latencyMs(of: $1) } }
    }

    /// A number of threads and a factor for the whole network.
    struct Choice: Sendable {
        fileprivate let threads: Threads
        fileprivate let correction: Double

        /// Milliseconds.
        func latencyMs(of operators: [Operator]) -> Double { correction * threads.latencyMs(of: operators) }
    }

    private let candidates: [Threads]
    private let parameters: TransferredParameters
    /// For layers alone, and for the networks of search spaces: what suits a block of a mobile network.
    let usual: Choice
    /// Half of the interval that holds 90 % of the answers for whole networks, in logarithms.
    var interval: Double { usual.threads.entry.interval }

    /// For as many threads as the device computes with, or for fewer where those do as well: nobody has to use threads
    /// that only wait for each other. nil where the parameters were fitted in another way.
    init?(_ device: DeviceProfile) {
        guard let parameters = device.transferred else { return nil }
        self.parameters = parameters
        let most = device.runtime.threads, counts = Set(Array(1...min(most, Self.limit)) + [most])
        candidates = counts.sorted().map { threads in
            Threads(
                machine: device.transferMachine(threads: threads, cores: device.usualCores),
                entry: parameters.entry(threads: threads))
        }
        guard let best = candidates.min(by: { $0.latencyMs(of: Self.typical) < $1.latencyMs(of: Self.typical) }) else {
            return nil
        }
        usual = Choice(threads: best, correction: 1)
    }

    /// More threads than these are not tried one by one.
    private static let limit = 64

    /// A block of a mobile network, by which numbers of threads are compared.
    private static let typical: [Operator] = {
        let narrow = FeatureShape(height: 14, width: 14, channels: 96)
        let wide = FeatureShape(height: 14, width: 14, channels: 576)
        return [
            .convolution(kernel: 1, stride: 1, input: narrow, outputChannels: 576, activation: .relu),
            .depthwiseConvolution(kernel: 3, stride: 1, input: wide, activation: .relu),
            .convolution(kernel: 1, stride: 1, input: wide, outputChannels: 96, activation: .none),
            .add(narrow),
        ]
    }()

    /// For a network that is given as a whole: the threads that suit it best, and what it takes over the sum of its parts.
    func choice(for network: Network) -> Choice {
        let operators = network.layers.flatMap(\.operators)
        guard !operators.isEmpty else { return usual }
        let shares = TransferPrior.referenceShares(of: operators)
        let choices = candidates.map {
            Choice(threads: $0, correction: parameters.correction(of: shares, in: $0.entry))
        }
        return choices.count == 1
            ? choices[0] : choices.min { $0.latencyMs(of: operators) < $1.latencyMs(of: operators) } ?? usual
    }
}
