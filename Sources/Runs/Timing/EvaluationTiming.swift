import Datasets

/// The time to evaluate images, measured on some of them.
struct EvaluationTiming {
    let secondsPerImage: Double

    /// The largest number of images to evaluate.
    private static let sample = 1000

    /// - Parameters:
    ///   - budget: the approximate limit in seconds; at least a few images are evaluated.
    ///   - classify: evaluates the given images.
    /// - Throws: what `classify` throws.
    init(_ images: ImageDataset, budget: Double, classify: (ImageDataset) throws -> Void) throws {
        // The time of a few images determines how many fit into the budget.
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
