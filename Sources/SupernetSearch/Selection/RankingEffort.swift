/// The number of images for ranking a candidate. It is proportional to the number of training images, so that ranking
/// takes about the same part of a search on any data set.
struct RankingEffort: Hashable, Sendable {
    /// Training images, without augmentation, on which a candidate is evaluated.
    let images: Int
    /// Training batches for batch-norm recalibration before that.
    let statisticsBatches: Int
    /// Training images that a trial trains on.
    let trialImages: Int

    init(trainingImages count: Int) {
        // Fewer than some hundred images cannot distinguish networks.
        images = min(count, min(3000, max(256, count / 20)))
        statisticsBatches = min(10, max(2, count / 6000))
        trialImages = min(count, min(12_000, max(256, count / 5)))
    }
}
