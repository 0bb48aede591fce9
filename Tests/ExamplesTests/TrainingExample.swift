import Architectures
import Datasets
import TestSupport
import Testing
import Training

// example: Training
func accuracies(
    of architecture: Architecture, training: ImageDataset, test: ImageDataset, epochs: Int
) throws -> [Double] {
    var configuration = TrainingConfiguration()
    configuration.epochs = epochs
    configuration.batch = 16
    let trainer = try Trainer(
        of: architecture, trainingImages: training, testImages: test, configuration: configuration)
    var accuracies: [Double] = []
    while case .step(let step)? = try trainer.next() {
        if let evaluation = step.evaluation { accuracies.append(evaluation.accuracy) }
    }
    return accuracies
}
// end of example

@Suite("The example of Training")
struct TrainingExample {
    @Test("trains a network, and evaluates it after every epoch")
    func accuracy() throws {
        let values = try accuracies(
            of: SmallRuns.space().largest, training: SmallRuns.images(160, seed: 1), test: SmallRuns.images(60, seed: 2),
            epochs: 3)
        #expect(values.count == 3 && values.allSatisfy { (0...1).contains($0) })
    }
}
