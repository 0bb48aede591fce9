import Exporter
import Files
import Training

/// How well a network classifies, for people and for programs.
struct EvaluationReport {
    let name: String
    let classification: Classification
    /// nil where the classes have numbers only.
    let classNames: [String]?

    /// Of more classes than these a matrix is hard to read.
    private static let widest = 12
    /// So many confusions stand for all where there are too many classes for a matrix.
    private static let shown = 10

    var text: String {
        let result = classification.evaluation
        var table = TextTable([("", .left), ("", .right)], titled: false)
        table.add(["top-1", "\((100 * result.accuracy).fixed(2)) %"])
        if let amongFive = result.amongFive(classes: classification.confusion.count) { table.add(["top-5", amongFive]) }
        table.add(["cross-entropy", result.crossEntropy.fixed(4)])
        let isMatrix = classification.confusion.count <= Self.widest
        return "\(name) on \(result.count.grouped) test images\n\n" + table.text + "\n"
            + (isMatrix ? matrix : confusions)
    }

    /// A row a label, a column an answer.
    private var matrix: String {
        let confusion = classification.confusion
        var table = TextTable(
            [("label", .cut)] + confusion.indices.map { ("\($0)", .right) } + [("right %", .right)])
        for (label, row) in confusion.enumerated() {
            let count = row.reduce(0, +)
            let part = count > 0 ? (100 * Double(row[label]) / Double(count)).fixed(1) : ""
            table.add(["\(label) \(className(label))"] + row.map { $0 > 0 ? "\($0)" : "." } + [part])
        }
        return "confusion matrix: labels in rows, predictions in columns\n\n" + table.text
    }

    /// The most frequent mistakes.
    private var confusions: String {
        let confusion = classification.confusion
        var mistakes: [(label: Int, answer: Int, count: Int)] = []
        for label in confusion.indices {
            for answer in confusion.indices where answer != label && confusion[label][answer] > 0 {
                mistakes.append((label, answer, confusion[label][answer]))
            }
        }
        var table = TextTable([("label", .cut), ("prediction", .cut), ("images", .right)])
        for mistake in mistakes.sorted(by: { $0.count > $1.count }).prefix(Self.shown) {
            table.add([className(mistake.label), className(mistake.answer), "\(mistake.count)"])
        }
        return "the most frequent mistakes\n\n" + table.text
    }

    private func className(_ label: Int) -> String { classNames?[label] ?? "class \(label)" }

    func json(provenance: Provenance) -> JSON {
        let result = classification.evaluation
        guard case .object(let counts) = result.json else { return result.json }
        return .object(
            [.init(key: "schema", value: "onepath.evaluation/1"), .init(key: "architecture", value: .string(name))]
                + counts + [
                    .init(key: "accuracy", value: .number(result.accuracy)),
                    .init(key: "accuracy_among_five", value: .number(result.accuracyAmongFive)),
                    .init(key: "classes", value: classNames.map { .array($0.map(JSON.string)) } ?? .null),
                    .init(
                        key: "confusion",
                        value: .array(classification.confusion.map { .array($0.map(JSON.integer)) })),
                    .init(key: "provenance", value: provenance.json),
                ])
    }
}

extension Evaluation {
    /// Top-5, for people; nil for so few classes that every answer is among five.
    func amongFive(classes: Int) -> String? { classes > 5 ? "\((100 * accuracyAmongFive).fixed(2)) %" : nil }

    /// For people.
    func sentence(classes: Int) -> String {
        "Top-1 \((100 * accuracy).fixed(2)) %\(amongFive(classes: classes).map { ", top-5 \($0)" } ?? "") of \(count.grouped) "
            + "test images; cross-entropy \(crossEntropy.fixed(4))."
    }
}
