import Architectures
import ArgumentParser
import Benchmarks
import Datasets
import Files
import Training

struct LoadingTimeBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loading", abstract: "Times the loading of training images.",
        discussion: """
            Loads batches as a training does before each step: the images of a folder are decoded or read from the cache of \
            decoded images, cropped, resized, changed at random and normalised.
            """)

    @Option(help: "The images: a folder of JPEG or PNG images with one sub-folder for each class.", completion: .dataSets)
    var data: String

    @Option(help: ArgumentHelp("The side of the images that are loaded.", valueName: "pixels"))
    var resolution = 224

    @Option(help: "Images per batch.")
    var batch = 64

    @Option(help: "How many batches to time, after one that is not timed.")
    var batches = 50

    @OptionGroup var threads: ThreadsOption

    @OptionGroup var photos: PhotoOptions
    @OptionGroup var augmentation: AugmentationOptions

    @Flag(help: "Print one JSON document instead of a sentence.")
    var json = false

    func validate() throws {
        for (flag, value) in [("resolution", resolution), ("batch", batch), ("batches", batches)] {
            try (1...65_536).check(value, of: flag)
        }
        try RunOptions.check { () throws(ConfigurationError) in
            var configuration = TrainingConfiguration()
            configuration.augmentation = augmentation.applied(to: .photo)
            try configuration.check()
            try configuration.check(input: FeatureShape(height: resolution, width: resolution, channels: 3))
        }
    }

    func run() throws {
        let source = try ImageDataSource(named: data, classes: nil, classesIn: nil, holdout: photos.split.share)
        guard source.folder != nil else {
            throw FileError.invalid(
                path: data, place: "", problem: "expected a folder of images that are resized, found images of one size")
        }
        let shape = ImageShape(height: resolution, width: resolution, channels: 3)
        let augmentation = augmentation.applied(to: .photo)
        let sound = try photos.withoutBroken(source.training.framed(shape), as: .training, of: source)
        let images = try photos.cached(sound, shape: shape, augmentation)
        // Where the cache cannot be written, the files are read.
        let isCached = images.files == nil
        let seconds = try LoadingBenchmark(images, batch: batch, augmentation: augmentation, threads: threads.announced())
            .run(batches: batches)
        let rate = Double(batch) / seconds
        if json {
            let document: JSON = [
                "images_per_second": .number(rate), "batch_ms": .number(1000 * seconds), "batch": .integer(batch),
                "resolution": .integer(resolution), "threads": .integer(threads.count), "cached": .bool(isCached),
            ]
            print(document.text(pretty: true))
        } else {
            print(
                "\(rate.fixed(0)) images/s of \(shape.height)x\(shape.width) pixels "
                    + "\(isCached ? "from the cache" : "decoded from their files"), on \(threads.count.threads): "
                    + "\((1000 * seconds).fixed(2)) ms for a batch of \(batch).")
        }
    }
}
