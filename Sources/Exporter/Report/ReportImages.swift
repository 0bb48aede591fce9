/// Images that a network was evaluated on, for people to look at.
public struct ReportImages: Sendable {
    /// An image as the network sees it, and what it says.
    public struct Example: Sendable {
        public let thumbnail: Thumbnail
        /// The name of its class.
        public let label: String
        /// The name of the class with the largest probability.
        public let answer: String
        /// Of the answer, from 0 to 1.
        public let probability: Double

        public init(thumbnail: Thumbnail, label: String, answer: String, probability: Double) {
            self.thumbnail = thumbnail
            self.label = label
            self.answer = answer
            self.probability = probability
        }
    }

    /// Some of all.
    public let samples: [Example]
    /// Those whose class the network holds for the least likely, the worst first.
    public let mistakes: [Example]
    /// The number of images that were looked at, and the size they were seen at: "2,000 of 3,925 … at 128x128".
    public let note: String

    public init(samples: [Example], mistakes: [Example], note: String) {
        self.samples = samples
        self.mistakes = mistakes
        self.note = note
    }
}
