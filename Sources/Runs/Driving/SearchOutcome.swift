import Datasets
import Files
import SupernetSearch
import Training

extension RunDirectory {
    /// Writes what a search that is at its end has found: the architecture, the weights that it inherits, and how the
    /// supernet, under its indicators, classifies the test images, which is returned.
    ///
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    public func recordFound(
        by search: Search, plan: SearchPlan, testImages: ImageDataset, export: some RunExport, log: any StepLog
    ) throws -> Evaluation {
        // The network itself is gone before its weights are written.
        let weights = try search.foundNetwork(name: "\(plan.space.name)-\(plan.device.name)").weights
        try export.write(
            FinishedNetwork(weights: weights, statistics: search.statistics, provenance: plan.provenance), in: self)
        let result = try search.evaluate(testImages)
        try log.append(step: search.steps, scalars: [("test_accuracy", result.accuracy)])
        try record(result, decision: search.decision, provenance: plan.provenance)
        return result
    }
}
