import Testing
import TestSupport
import Training

// example: Training
func finish(_ trainer: Trainer) throws -> Evaluation {
    while case .step(let step) = try trainer.next() {
        if let evaluation = step.evaluation { print(step.epoch, evaluation.accuracy) }
    }
    return trainer.evaluate()
}
// end of example

@Suite("The example of Training")
struct TrainingExample {
    @Test("trains a network to its end")
    func training() throws {
        let trainer = try SmallRuns.training()
        let evaluation = try finish(trainer)
        #expect(trainer.step == trainer.steps && evaluation.count == 60)
        #expect(evaluation.crossEntropy.isFinite)
    }
}
