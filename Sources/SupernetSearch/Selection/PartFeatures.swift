import Architectures

extension [SearchSpace.Layer] {
    /// For each part of each layer, in order, 1 where a network uses it, 0 where not.
    ///
    /// - Parameter network: a choice of each layer.
    package func partsUsed(by network: [LayerChoice]) -> [Double] { zip(self, network).flatMap { $0.partsUsed(by: $1) } }

    /// The score of each of the layers' choices, if every part that they use adds so much to the loss.
    ///
    /// - Parameter parts: for each part of each layer, in order.
    package func scores(ofParts parts: [Double]) -> [ChoiceScores] {
        var first = 0
        return map { layer in
            let own = parts[first..<first + layer.parts.count]
            first += layer.parts.count
            let choices = layer.choices
            return ChoiceScores(choices: choices, scores: choices.map { choice in
                zip(layer.partsUsed(by: choice), own).reduce(0) { $0 - $1.0 * $1.1 }
            })
        }
    }
}

extension SearchSpace.Layer {
    /// For each part, 1 where a choice uses it, 0 where not: a layer that is skipped uses none.
    func partsUsed(by choice: LayerChoice) -> [Double] {
        let isSkipped = size(of: choice) == nil
        return parts.map { !isSkipped && choice[$0.axis] >= $0.option ? 1 : 0 }
    }
}

/// A score for each of a layer's choices: the higher, the better; any scale.
package struct ChoiceScores: Sendable {
    package let choices: [LayerChoice]
    package let scores: [Double]

    package init(choices: [LayerChoice], scores: [Double]) {
        precondition(choices.count == scores.count, "ChoiceScores: \(scores.count) scores of \(choices.count) choices")
        self.choices = choices
        self.scores = scores
    }

    /// The same score for every choice of each layer.
    static func even(_ layers: [SearchSpace.Layer]) -> [ChoiceScores] {
        layers.map { layer in
            let choices = layer.choices
            return ChoiceScores(choices: choices, scores: choices.map { _ in 0 })
        }
    }
}
