/// Why a list of choices is no point of a search space, as one sentence.
public enum ArchitectureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There must be one choice for every searchable layer.
    case wrongCount(space: String, expected: Int, found: Int)
    /// The layer does not offer that choice.
    case notAChoice(space: String, layer: String, choice: LayerChoice, choices: [LayerChoice])

    public var description: String {
        switch self {
        case .wrongCount(let space, let expected, let found):
            "the search space \(space) needs \(expected) choices, one a searchable layer, given \(found)"
        case .notAChoice(let space, let layer, let choice, let choices):
            "layer \(layer) of the search space \(space) cannot be \(choice), only "
                + choices.map(\.description).joined(separator: ", ")
        }
    }
}
