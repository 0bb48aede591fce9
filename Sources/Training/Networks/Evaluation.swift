import Files

/// The accuracy of a network on a set of images.
public struct Evaluation: Hashable, Sendable {
    /// The number of images.
    public let count: Int
    /// The number of correctly classified images (top-1).
    public let correct: Int
    /// The number of images whose label is among the five highest logits (top-5).
    public let correctAmongFive: Int
    /// The mean cross-entropy, without label smoothing.
    public let crossEntropy: Double

    /// Top-1 accuracy, 0...1.
    public var accuracy: Double { Double(correct) / Double(count) }
    /// Top-5 accuracy, 0...1.
    public var accuracyAmongFive: Double { Double(correctAmongFive) / Double(count) }
}

extension Evaluation {
    /// Combines several evaluations, at least one.
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
