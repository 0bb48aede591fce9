import Datasets
import Exporter
import Files
import Glibc
import Training

extension ReportImages {
    /// How many images of each kind are shown, and at most looked at.
    private static let shown = 12, looked = 2000

    /// Of the validation images of a finished run on a folder of images.
    ///
    /// - Parameter path: the run's folder.
    /// - Returns: nil where the run is of other data, or the folder is not there any more, or has other classes by now.
    /// - Throws: `FileError` where the run's files or an image cannot be read.
    init?(ofRunIn path: String) throws {
        let files = try NetworkFiles(run: path, architecture: nil, weights: nil)
        let share = files.holdout ?? HoldoutOption.usual
        guard let data = files.data, let source = try? ImageDataSource(named: data, holdout: share),
            let folder = source.folder
        else { return nil }
        let trained = try EvaluatedNetwork(files, resolution: nil, batch: 32, threads: 1)
        let names = folder.classNames
        guard trained.network.architecture.classes == names.count, names == trained.classNames ?? names else { return nil }
        let shape = ImageShape(trained.network.architecture.input)
        let sound = source.test.without(files.skipped, in: folder.path)
        let images = sound.framed(shape).spread(Self.looked)
        var seen: [(label: Int, answer: Int, probability: Double, loss: Double)] = []
        try trained.network.forEachLogits(of: images, statistics: trained.statistics) { logits, label in
            let answer = logits.indices.max { logits[$0] < logits[$1] } ?? 0
            let largest = Double(logits[answer])
            let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
            seen.append((label, answer, 1 / sum, log(sum) + largest - Double(logits[label])))
        }
        let reader = images.makeReader()
        func example(_ image: Int) throws -> Example {
            let one = seen[image]
            let bytes = JPEGThumbnail.bytes(of: try reader.middle(of: image), shape: shape)
            return Example(
                thumbnail: Thumbnail(name: names[one.label], bytes: bytes, format: .jpeg), label: names[one.label],
                answer: names[one.answer], probability: one.probability)
        }
        let samples = (0..<min(Self.shown, images.count)).map { $0 * images.count / min(Self.shown, images.count) }
        let wrong = seen.indices.filter { seen[$0].answer != seen[$0].label }.sorted { seen[$0].loss > seen[$1].loss }
        self.init(
            samples: try samples.map(example), mistakes: try wrong.prefix(Self.shown).map(example),
            note: "\(images.count.grouped) of the \(sound.count.grouped) images for validation, at "
                + "\(shape.height)x\(shape.width) pixels, read from their files; \(wrong.count.grouped) of them are taken for "
                + "another class.")
    }
}
