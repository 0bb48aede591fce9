import Architectures
import Datasets
import Engine
import Files
import HardwareProfiles
import SupernetSearch
import Training

/// Runs of a few milliseconds a step, on images made up for them.
public enum SmallRuns {
    /// Squares in the corner that their label says, and noise.
    public static func images(_ count: Int, seed: UInt64) -> ImageDataset {
        var random = SeededRandom(seed: seed)
        let labels = (0..<count).map { _ in random.byte(in: 0...3) }
        let pixels = labels.flatMap { label in
            (0..<64).map { pixel in
                let corner = (pixel / 8 < 4 ? 0 : 2) + (pixel % 8 < 4 ? 0 : 1)
                return random.byte(in: 0...99) + (corner == label ? 100 : 0)
            }
        }
        return ImageDataset(
            name: "corners", shape: ImageShape(height: 8, width: 8, channels: 1), classes: 4, pixels: pixels,
            labels: labels)
    }

    public static func space(layers: Int = 2) throws -> SearchSpace {
        try Spaces.space(
            "small", side: 8, stem: 4,
            stages: [
                Spaces.stage("stage1", layers: layers, channels: 6, stride: 2),
                Spaces.stage("stage2", layers: layers, channels: 8, stride: 2),
            ], head: 16, classes: 4)
    }

    /// Ten steps an epoch of 167 images, the others being held out, forty in all: warm-up up to step 25, fine-tuning from step 35 on.
    public static func searchConfiguration() -> SearchConfiguration {
        var configuration = SearchConfiguration()
        configuration.epochs = 4
        configuration.batch = 16
        configuration.threads = 2
        configuration.lambda = 0.3
        configuration.candidates = 6
        configuration.logInterval = 3
        configuration.seed = 11
        return configuration
    }

    /// - Parameter layers: of each of the two stages.
    public static func search(
        _ configuration: SearchConfiguration = searchConfiguration(), layers: Int = 2
    ) throws -> Search {
        try Search(
            space: space(layers: layers),
            costModel: CostModel(device: DeviceProfile(contentsOf: ShippedFiles.device("pixel1"))),
            trainingImages: images(185, seed: 1), configuration: configuration)
    }

    /// Ten steps an epoch, thirty in all.
    public static func trainingConfiguration() -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        configuration.epochs = 3
        configuration.batch = 16
        configuration.threads = 2
        configuration.logInterval = 4
        configuration.seed = 12
        configuration.augmentation.erasedSide = 2
        configuration.augmentation.cutMix = 0.25
        return configuration
    }

    /// A training that tells the corners apart, and is done.
    public static func trained() throws -> Trainer {
        var configuration = trainingConfiguration()
        configuration.epochs = 40
        configuration.learningRatePer256 = 0.064
        // A mirror image would have another label, and a corner of another image two.
        configuration.augmentation.mirror = false
        configuration.augmentation.cutMix = 0
        let trainer = try training(configuration)
        while try trainer.next() != nil {}
        return trainer
    }

    public static func training(
        _ configuration: TrainingConfiguration = trainingConfiguration(), inheriting weights: TrainedWeights? = nil
    ) throws -> Trainer {
        try Trainer(
            of: space().largest, inheriting: weights, trainingImages: images(167, seed: 1),
            testImages: images(60, seed: 2), configuration: configuration)
    }
}
