import Datasets
import Exporter
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
        let weights = WeightsFile(
            try found.weights, imageMean: search.statistics.mean.map(Double.init),
            imageDeviation: search.statistics.standardDeviation.map(Double.init), provenance: plan.provenance)
        try weights.write(to: weightsPath)
        try ArchitectureDocument(found.architecture, provenance: plan.provenance).write(to: architecturePath)
        let result = try search.evaluate(test)
        try events.append(step: search.steps, scalars: [("test_accuracy", result.accuracy)])
        try record(result, decision: search.decision, provenance: plan.provenance)
        return result
    }
}
