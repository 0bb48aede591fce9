import Datasets

/// How long it takes to classify images, from classifying some of them.
struct EvaluationTiming {
    let secondsPerImage: Double

    /// How many images are classified at the most.
    private static let sample = 1000

    /// - Parameters:
    ///   - budget: in seconds; about as long is classified at the most, but at least a few images.
    ///   - classify: the images that it is given.
    /// - Throws: what `classify` throws.
    init(_ images: ImageDataset, budget: Double, classify: (ImageDataset) throws -> Void) throws {
        // A few tell how many there is time for.
        func time(_ count: Int) throws -> Double {
            let part = try images.prefix(count)
            return try ContinuousClock().measure { try classify(part) } / .seconds(1) / Double(count)
        }
        let few = min(images.count, 64)
        let first = try time(few)
        let affordable = Int(min(Double(Self.sample), budget / max(first, 1e-9)))
        let count = min(images.count, affordable)
        secondsPerImage = count > few ? try time(count) : first
    }
}
