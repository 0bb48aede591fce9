import Architectures
import Datasets

extension ImageShape {
    /// That of the images that a network of that input reads.
    public init(_ input: FeatureShape) {
        self.init(height: input.height, width: input.width, channels: input.channels)
    }
}

extension ImageDataset {
    /// Checks that images have a network's classes, and its input shape or any that is resized to it.
    ///
    /// - Parameter network: "the search space fashion-mnist".
    /// - Throws: `TrainingError.imagesDoNotFit`.
    package func checkFit(input: FeatureShape, classes: Int, of network: String) throws(TrainingError) {
        let found = FeatureShape(height: shape.height, width: shape.width, channels: shape.channels)
        let fits = isResizable ? [1, 3].contains(input.channels) : found == input
        guard fits, self.classes == classes else {
            // Where only the classes differ, a size would mislead: images of any size fit.
            let isOfAnySize = isResizable && fits
            let wanted = isOfAnySize ? "images" : "images of \(input)"
            let given = isOfAnySize ? "images" : "images of \(isResizable ? "any size" : "\(found)")"
            throw .imagesDoNotFit(
                dataset: name, images: "\(given) in \(self.classes) classes", network: network,
                expected: "\(wanted) in \(classes) classes")
        }
    }

    /// Checks that images can be read as a network of that input reads them: images of one size are not resized.
    ///
    /// - Parameter setting: what asks for that input: "train_resolution".
    /// - Throws: `ConfigurationError`.
    public func checkSize(for input: FeatureShape, setting: String) throws(ConfigurationError) {
        try ConfigurationError.check(
            setting, isResizable || ImageShape(input) == shape,
            expected: "\(shape), as the images of \(name) are, which are not resized", found: input)
    }

    /// The same images as a network of that input reads them; they must fit it.
    package func framed(_ input: FeatureShape) -> ImageDataset {
        framed(ImageShape(input))
    }
}
