import Architectures
import Files
import Training

/// The progress of a search after a step.
public struct SearchStep: RunStep {
    /// The progress of the run.
    struct Progress: Hashable, Sendable {
        let step, steps, epoch, epochs: Int
    }

    private let progress: Progress
    /// From 1.
    public var step: Int { progress.step }
    /// The steps of the whole run.
    public var steps: Int { progress.steps }
    /// The epoch that the step belongs to, from 1.
    public var epoch: Int { progress.epoch }
    public var epochs: Int { progress.epochs }
    /// The loss of the step's batch under the step's indicators: cross-entropy + λ · log(runtime), where λ is 0 in the
    /// warm-up.
    public let loss: Double
    public let crossEntropy: Double
    /// The latency of the network that the indicators select after the step, in milliseconds.
    public let runtimeMs: Double
    public let learningRate: Double
    /// Averaged over the time since the last logged step.
    public let imagesPerSecond: Double
    /// The indicators after the step, without the warm-up's drop-out; nil where the step does not belong in the log.
    public let indicators: [LayerIndicators]?
    public let phase: SearchPhase
    public var isLogged: Bool { indicators != nil }
    /// True where the ranking of candidates follows.
    public let precedesOtherWork: Bool

    /// The speed of a step.
    struct Rates {
        let learningRate: Double
        let imagesPerSecond: Double
    }

    init(
        _ progress: Progress, loss: Supernet.Loss, rates: Rates, selected: (runtimeMs: Double, indicators: [LayerIndicators]?),
        phase: SearchPhase, precedesOtherWork: Bool
    ) {
        self.progress = progress
        self.loss = loss.total
        crossEntropy = loss.crossEntropy
        runtimeMs = selected.runtimeMs
        learningRate = rates.learningRate
        imagesPerSecond = rates.imagesPerSecond
        indicators = selected.indicators
        self.phase = phase
        self.precedesOtherWork = precedesOtherWork
    }

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
            "indicators": .object(zip(layers, indicators ?? []).map { layer, indicators in
                JSON.Member(key: layer.name, value: indicators.json(layer: layer))
            }),
        ]
    }
}

extension LayerIndicators {
    /// Each indicator under the name of its part: {"kernel_5": 1, "expansion_3": 1, "expansion_6": 0}.
    func json(layer: SearchSpace.Layer) -> JSON {
        .object(zip(layer.parts, values).map { JSON.Member(key: $0.name, value: .integer(Int($1))) })
    }

    /// Reads the form of `json`: the names of a layer's parts, and whether each is on.
    ///
    /// - Returns: nil where the names are not those of the layer's parts.
    package init?(parts: [(name: String, isOn: Bool)], of layer: SearchSpace.Layer) {
        guard layer.parts.map(\.name) == parts.map(\.name) else { return nil }
        self.init(parts.map { $0.isOn ? 1 : 0 })
    }
}
