import Architectures
import Datasets
import Exporter
import Files
import SupernetSearch

extension RunDirectory {
    /// Writes what a search that is at its end has found: the architecture, the weights that it inherits, and how the
    /// supernet, as it decided, classifies the test images, which is returned.
    ///
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    func recordFound(
        by search: Search, plan: SearchPlan, test: ImageDataset, events: EventFile
    ) throws -> Evaluation {
        // The network itself is gone before they are written.
        let weights = try search.foundNetwork(name: "\(plan.space)-\(plan.device)").weights
        try write(weights, statistics: search.statistics, provenance: plan.provenance)
        let result = try search.evaluate(test)
        try events.append(step: search.steps, scalars: [("test_accuracy", result.accuracy)])
        try record(result, decision: search.decision, provenance: plan.provenance)
        return result
    }

    /// Writes a network: its weights, with what its images were normalised with, and its architecture.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func write(_ weights: TrainedWeights, statistics: ChannelStatistics, provenance: Provenance) throws {
        let file = WeightsFile(
            weights, imageMean: statistics.mean.map(Double.init),
            imageDeviation: statistics.standardDeviation.map(Double.init), provenance: provenance)
        try file.write(to: weightsPath)
        try ArchitectureDocument(weights.architecture, provenance: provenance).write(to: architecturePath)
    }
}
