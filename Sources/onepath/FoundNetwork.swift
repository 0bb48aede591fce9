import Architectures
import Datasets
import Exporter
import JSONDocuments
import SupernetSearch

extension RunDirectory {
    /// Writes what a search that is at its end has found: the architecture, the weights that it inherits, and how the
    /// supernet, as it decided, classifies the test images, which is returned.
    ///
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    func recordFound(
        by search: Search, plan: SearchPlan, test: ImageDataset, events: EventFile
    ) throws -> Evaluation {
        let found = search.foundNetwork(name: "\(plan.space)-\(plan.device)")
        try write(
            found.architecture, weights: found.weights, statistics: search.statistics, provenance: plan.provenance)
        let result = try search.evaluate(test)
        try events.append(step: search.steps, scalars: [("test_accuracy", result.accuracy)])
        try record(result, decision: search.decision, provenance: plan.provenance)
        return result
    }

    /// Writes a network: its architecture and its weights, with what its images were normalised with.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func write(
        _ architecture: Architecture, weights: TrainedWeights, statistics: ChannelStatistics, provenance: Provenance
    ) throws {
        let file = WeightsFile(
            weights, imageMean: statistics.mean.map(Double.init),
            imageDeviation: statistics.standardDeviation.map(Double.init), provenance: provenance)
        try file.write(to: weightsPath)
        try ArchitectureDocument(architecture, provenance: provenance).write(to: architecturePath)
    }
}
