import Architectures
import Datasets

extension ImageDataset {
    /// Checks that images have a network's input shape and classes.
    ///
    /// - Parameter network: "the search space fashion-mnist".
    /// - Throws: `TrainingError.imagesDoNotFit`.
    package func checkFit(input: FeatureShape, classes: Int, of network: String) throws(TrainingError) {
        let found = FeatureShape(height: shape.height, width: shape.width, channels: shape.channels)
        guard found == input, self.classes == classes else {
            throw .imagesDoNotFit(
                dataset: name, images: "\(found) of \(self.classes)", network: network,
                expected: "images of \(input) in \(classes) classes")
        }
    }
}
