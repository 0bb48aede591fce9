import Files

/// How certain the decision of a search was.
public struct Decision: Hashable, Sendable {
    /// The steps of the last tenth of the search phase, and the number of them that changed the selection.
    public let changes: Int
    public let steps: Int
    /// The number of ranked candidates; 1 where what the gradient has decided is the result.
    public let compared: Int
    /// The parts that could be taken off or put on with a change of the loss that is less than twice its error.
    public let undecided: [String]

    public var json: JSON {
        [
            "changes": .integer(changes), "steps": .integer(steps), "compared": .integer(compared),
            "undecided": .array(undecided.map(JSON.string)),
        ]
    }

    /// Reads what `json` makes.
    ///
    /// - Throws: `FileError.invalid`.
    package init(json node: JSONNode) throws {
        self = try node.object { fields in
            let steps = try fields.integer("steps", in: 0...Int.max)
            return Decision(
                changes: try fields.integer("changes", in: 0...steps, isDerived: true), steps: steps,
                compared: try fields.integer("compared", in: 0...Int.max),
                undecided: try fields.node("undecided").array { try $0.string() })
        }
    }

    init(changes: Int, steps: Int, compared: Int, undecided: [String]) {
        self.changes = changes
        self.steps = steps
        self.compared = compared
        self.undecided = undecided
    }
}
