extension Collection<Double> {
    /// The middle value, or the mean of the two middle ones.
    ///
    ///     [3, 1, 10, 2].median    // 2.5
    ///
    /// The collection has at least one value.
    package var median: Double {
        precondition(!isEmpty, "a median needs a value")
        let sorted = sorted(), half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
