import Datasets
import Files
import SupernetSearch
import Training

extension RunDirectory {
    /// Writes the results of a search that is at its end: the architecture, its inherited weights, and the supernet's
    /// evaluation on the test images under its indicators. Returns the evaluation.
    ///
    /// - Throws: `FileError.cannotWrite`; `TrainingError.imagesDoNotFit`.
    public func recordFound(
        by search: Search, plan: SearchPlan, testImages: ImageDataset, export: some RunExport, log: any StepLog
    ) throws -> Evaluation {
        try tellingWhatIsKept {
            // The network is freed before its weights are written, to save memory.
            let weights = try search.foundWeights(name: "\(plan.space.name)-\(plan.device.name)")
            try export.write(
                FinishedNetwork(
                    weights: weights, statistics: search.statistics, classNames: plan.images.classNames,
                    provenance: plan.provenance), in: self)
            let result = try search.evaluate(testImages)
            try log.append(step: search.steps, scalars: [("test_accuracy", result.accuracy)])
            try record(result, decision: search.decision, provenance: plan.provenance)
            return result
        }
    }
}
