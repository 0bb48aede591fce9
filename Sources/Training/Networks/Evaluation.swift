import Files

/// How well a network classifies a set of images.
public struct Evaluation: Hashable, Sendable {
    /// How many images were classified.
    public let count: Int
    /// How many of them as labelled.
    public let correct: Int
    /// How many have a label that fewer than five classes are rated above.
    public let correctAmongFive: Int
    /// −log of the probability that the network gives to the label, on average; without label smoothing.
    public let crossEntropy: Double

    /// The part classified as labelled, 0...1.
    public var accuracy: Double { Double(correct) / Double(count) }
    /// The part whose label is among the five classes that are rated highest, 0...1.
    public var accuracyAmongFive: Double { Double(correctAmongFive) / Double(count) }
}

extension Evaluation {
    /// Of everything that was classified in several evaluations, of which there must be one.
    public init(together evaluations: [Evaluation]) {
        precondition(!evaluations.isEmpty, "Evaluation: there is none")
        let count = evaluations.reduce(0) { $0 + $1.count }
        self.init(
            count: count, correct: evaluations.reduce(0) { $0 + $1.correct },
            correctAmongFive: evaluations.reduce(0) { $0 + $1.correctAmongFive },
            crossEntropy: evaluations.reduce(0) { $0 + $1.crossEntropy * Double($1.count) } / Double(count))
    }
}

extension Evaluation {
    /// `{"test_images", "correct", "correct_among_five", "cross_entropy"}`.
    public var json: JSON { .object(members) }

    package var members: [JSON.Member] {
        [
            .init(key: "test_images", value: .integer(count)), .init(key: "correct", value: .integer(correct)),
            .init(key: "correct_among_five", value: .integer(correctAmongFive)),
            .init(key: "cross_entropy", value: .number(crossEntropy)),
        ]
    }

    /// Reads the fields of `json`.
    ///
    /// - Throws: `FileError.invalid`.
    package init(json fields: inout JSONFields) throws(FileError) {
        count = try fields.integer("test_images", in: 1...Int.max)
        correct = try fields.integer("correct", in: 0...count, isDerived: true)
        correctAmongFive = try fields.integer("correct_among_five", in: correct...count, isDerived: true)
        crossEntropy = try fields.number("cross_entropy", in: 0...1e12)
    }
}
