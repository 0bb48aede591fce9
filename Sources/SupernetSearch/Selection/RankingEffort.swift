/// How many images a search spends on ranking a candidate: in proportion to how many there are to train on, so that ranking
/// takes about the same part of a search of any data set.
struct RankingEffort: Hashable, Sendable {
    /// Training images, as they are stored, on which a candidate is evaluated.
    let images: Int
    /// Training batches over which its statistics are taken before.
    let statisticsBatches: Int
    /// Training images that a trial trains on.
    let trialImages: Int

    init(trainingImages count: Int) {
        // Fewer than some hundreds tell no two networks apart.
        images = min(count, min(3000, max(256, count / 20)))
        statisticsBatches = min(10, max(2, count / 6000))
        trialImages = min(count, min(12_000, max(256, count / 5)))
    }
}
