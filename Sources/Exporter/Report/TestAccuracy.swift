/// How a network classifies test images.
public struct TestAccuracy: Hashable, Sendable {
    public let testImages: Int
    /// How many are classified as labelled.
    public let correct: Int

    /// - Parameters:
    ///   - testImages: at least one.
    ///   - correct: of them, at most all.
    public init(testImages: Int, correct: Int) {
        precondition(
            testImages > 0 && (0...testImages).contains(correct), "TestAccuracy: \(correct) of \(testImages) images")
        self.testImages = testImages
        self.correct = correct
    }

    /// The part classified as labelled, 0...1.
    public var share: Double { Double(correct) / Double(testImages) }

    /// Where the accuracy on all such images lies, with a confidence of 95 %: the score interval (Wilson, 1927, "Probable
    /// Inference, the Law of Succession, and Statistical Inference"), which holds near 0 and 1 too.
    ///
    /// It is the uncertainty that comes from the number of test images; another training's seed adds its own.
    public var interval: ClosedRange<Double> {
        let z = 1.959964, n = Double(testImages), p = share
        let center = (p + z * z / (2 * n)) / (1 + z * z / n)
        let reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, min(p, center - reach))...min(1, max(p, center + reach))
    }

    /// "73.20 %".
    public var text: String { "\((100 * share).fixed(2)) %" }

    /// "72.32 to 74.06 %".
    public var intervalText: String {
        "\((100 * interval.lowerBound).fixed(2)) to \((100 * interval.upperBound).fixed(2)) %"
    }
}
