import Architectures
import Datasets
import HardwareProfiles
import SupernetSearch

/// What searches that belong together work on.
public struct SearchTask: Sendable {
    public let space: SearchSpace
    public let costModel: CostModel
    public let trainingImages: ImageDataset
    /// What is only classified.
    public let testImages: ImageDataset

    public init(space: SearchSpace, costModel: CostModel, trainingImages: ImageDataset, testImages: ImageDataset) {
        self.space = space
        self.costModel = costModel
        self.trainingImages = trainingImages
        self.testImages = testImages
    }

    /// A search of it.
    ///
    /// - Throws: what `Search.init` throws.
    public func search(_ configuration: SearchConfiguration) throws -> Search {
        try Search(space: space, costModel: costModel, trainingImages: trainingImages, configuration: configuration)
    }
}
