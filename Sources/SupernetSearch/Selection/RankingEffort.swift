/// The number of images for ranking a candidate. It is proportional to the number of images, so that ranking takes about
/// the same part of a search on any data set.
struct RankingEffort: Hashable, Sendable {
    /// Images on which a candidate is evaluated, without augmentation, and which are not trained on.
    let heldOutImages: Int
    /// Training batches for batch-norm recalibration before that.
    let statisticsBatches: Int
    /// Training images that a trial trains on.
    let trialImages: Int

    /// - Parameter count: how many images a search has, at least two.
    init(images count: Int) {
        heldOutImages = min(3000, max(1, count / 10))
        statisticsBatches = min(10, max(2, count / 6000))
        trialImages = min(count, min(12_000, max(256, count / 5)))
    }
}
