import Architectures
import Files

/// Where a search stands after a step.
public struct SearchStep: RunStep, Sendable {
    /// From 1.
    public let step: Int
    /// Of the whole run.
    public let steps: Int
    /// The epoch that the step belongs to, from 1.
    public let epoch: Int
    public let epochs: Int
    /// Of the step's batch, with the indicators it was trained under: cross-entropy + λ · log(runtime), where λ is 0
    /// in the warm-up.
    public let loss: Double
    public let crossEntropy: Double
    /// The latency of what the indicators select after the step, in milliseconds.
    public let runtimeMs: Double
    public let learningRate: Double
    /// Over the time since the last logged step.
    public let imagesPerSecond: Double
    /// After the step, without the warm-up's drop-out; empty where the step does not belong in the log.
    public let indicators: [LayerIndicators]
    public let phase: SearchPhase
    /// Whether this step belongs in the log.
    public let isLogged: Bool
    /// It does where networks are compared next.
    public let precedesOtherWork: Bool

    /// One line of `metrics.jsonl`.
    ///
    /// - Parameter layers: the space's searchable layers, which name the indicators.
    public func json(layers: [SearchSpace.Layer]) -> JSON {
        [
            "step": .integer(step),
            "epoch": .integer(epoch),
            "loss": .number(loss),
            "cross_entropy": .number(crossEntropy),
            "runtime_ms": .number(runtimeMs),
            "learning_rate": .number(learningRate),
            "images_per_second": .number(imagesPerSecond),
            "indicators": .object(zip(layers, indicators).map { layer, indicators in
                JSON.Member(key: layer.name, value: indicators.json(layer: layer))
            }),
        ]
    }
}

extension LayerIndicators {
    /// Each indicator under what it adds: {"kernel 5": 1, "skip": 1, "expansion 6": 0}; a layer that may not be
    /// skipped has no indicator for its first expansion.
    func json(layer: SearchSpace.Layer) -> JSON {
        .object(parts(of: layer).map { JSON.Member(key: $0.name, value: .integer(Int($0.value))) })
    }

    /// The numbers of all parts of the layer that can be off, each with the name of what it adds.
    func parts(of layer: SearchSpace.Layer) -> [(name: String, value: Double)] {
        let shells = zip(layer.kernels.dropFirst(), kernel).map { (name: "kernel_\($0)", value: $1) }
        let slices = zip(layer.expansions, expansion).map { (name: "expansion_\($0)", value: $1) }
        return shells + slices.dropFirst(layer.maySkip ? 0 : 1)
    }
}
