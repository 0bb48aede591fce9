import Architectures
import HardwareProfiles
import Testing
import TestSupport

@Suite("What a few networks of a space say of all")
struct SpaceTransferTests {
    /// Two layers of three choices: a small block, a large one, nothing.
    private static let operators: [[[Operator]]] = [16, 64].map { channels in
        let map = FeatureShape(height: 28, width: 28, channels: channels)
        return [1, 6].map { expansion in
            let hidden = FeatureShape(height: 28, width: 28, channels: channels * expansion)
            return [
                .convolution(kernel: 1, stride: 1, input: map, outputChannels: hidden.channels, activation: .relu),
                .depthwiseConvolution(kernel: 3, stride: 1, input: hidden, activation: .relu),
                .convolution(kernel: 1, stride: 1, input: hidden, outputChannels: channels, activation: .none),
            ]
        } + [[]]
    }
    private static let networks = (0..<9).map { [$0 / 3, $0 % 3] }

    /// The latencies of all networks from what each choice takes.
    private static func latencies(_ table: [[Double]], fixed: Double) -> [Double] {
        networks.map { network in fixed + network.enumerated().reduce(0) { $0 + table[$1.offset][$1.element] } }
    }

    @Test("a device that is a mixture of known ones is found from three networks")
    func mixture() {
        let one = Self.latencies([[1, 5, 0], [2, 9, 0]], fixed: 3), other = Self.latencies([[2, 3, 0], [1, 12, 0]], fixed: 5)
        let new = zip(one, other).map { 2 * $0 + $1 }
        let transfer = SpaceTransfer(networks: Self.networks, operators: Self.operators, known: [one, other])
        let measured = [1, 4, 6]
        let predicted = transfer.predicted(from: measured, latenciesMs: measured.map { new[$0] })
        #expect(predicted.count == new.count)
        #expect(RankCorrelation.spearman(predicted, new) > 0.99)
        for (told, truth) in zip(predicted, new) { #expect(abs(told / truth - 1) < 0.15, "\(told) for \(truth)") }
        // Twice the latencies are twice the predictions.
        let doubled = transfer.predicted(from: measured, latenciesMs: measured.map { 2 * new[$0] })
        for (told, twice) in zip(predicted, doubled) { #expect(abs(twice / told - 2) < 1e-9) }
    }

    @Test("ranks: equal values share theirs, and a constant list has none")
    func ranks() {
        #expect(RankCorrelation.spearman([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
        #expect(RankCorrelation.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
        // Ranks 0.5, 0.5, 2 against 0, 1, 2: a covariance of 1.5, and variances of 1.5 and 2.
        #expect(abs(RankCorrelation.spearman([1, 1, 2], [1, 2, 3]) - 1.5 / (1.5 * 2).squareRoot()) < 1e-12)
        #expect(RankCorrelation.spearman([1, 1], [1, 2]) == 0)
    }
}
