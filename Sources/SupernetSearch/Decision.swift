import Files

/// How certain a search was of what it decided.
public struct Decision: Hashable, Sendable {
    /// Steps of the last epoch of the deciding, and those of them that changed what was selected.
    public let changes: Int
    public let steps: Int
    /// How many networks were compared, the best of them tried, to settle on one of them; 1 where none was.
    public let compared: Int
    /// The parts that stood on and off about as often: neither way in two thirds of the second half of the deciding.
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
    init(json node: JSONNode) throws {
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
